"""Addresses of this API that lead nowhere."""

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.camera.api.refusing import handler


class NothingHere(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    schema = None

    def get_exception_handler(self):  # type: ignore[no-untyped-def]  # as the base class has it
        return handler

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound("There is nothing at this address.")

    def get(self, request: Request) -> Response:
        raise NotImplementedError  # initial() has answered
