"""What is the same for every view: who may ask, in which site, and how it is answered."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from integrations.camera.api.keys import KeyAuthentication, KeyThrottle, UserMay
from integrations.camera.api.refusing import handler
from integrations.camera.api.schema import CameraSchema
from integrations.camera.models import ApiKey, FieldOrder, Site
from integrations.camera.services import orders
from integrations.camera.services.refusals import NotHere
from integrations.connections.api.parsers import StrictJSONParser


class PlainParser(StrictJSONParser):
    """What no database stores is replaced in texts, rather than refused."""

    as_it_is = False


class Always(BaseContentNegotiation):
    """JSON whatever is asked for: clients of this contract send any Accept."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((each for each in parsers if each.media_type == kind), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        renderer: BaseRenderer = renderers[0]
        return renderer, renderer.media_type


class CameraView(APIView):
    """Lets a key in whose user has the right of the method; shows it its site and nothing else."""

    rights: ClassVar[Mapping[str, str]] = {}
    schema = CameraSchema()
    authentication_classes = (KeyAuthentication,)
    permission_classes = (IsAuthenticated, UserMay)
    throttle_classes = (KeyThrottle,)
    parser_classes = (PlainParser,)
    content_negotiation_class = Always
    http_method_names = ["get", "head", "post", "patch", "put", "delete"]

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return handler

    @property
    def key(self) -> ApiKey:
        return cast(ApiKey, self.request.auth)

    @property
    def site(self) -> Site:
        return self.key.site

    @property
    def caller(self) -> str:
        """Who it is, as rows remember it."""
        return f"{self.key.user.get_username()} (API key {self.key.name})"

    def order(self, order_id: str) -> FieldOrder:
        """Return an order of the key's site. :raises NotHere: also for malformed, deleted and others' ids"""
        return orders.find_order(self.site, uuid_of(order_id))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def uuid_of(text: str) -> UUID:
    """:raises NotHere:"""
    try:
        return UUID(text)
    except ValueError:
        raise NotHere from None


def checked(serializer: type[Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """Return the checked body. :raises ValidationError:"""
    told = serializer(data=request.data, partial=partial)
    told.is_valid(raise_exception=True)
    values: dict[str, Any] = told.validated_data
    return values
