"""Views behind a token: each names its scope and, by `rows`, what of a workspace it is about."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView
from simple_history.models import HistoricalRecords

from integrations.connections.api.filtering import StrictBackend
from integrations.connections.api.paging import ByKey
from integrations.connections.api.parsers import StrictJSONParser
from integrations.connections.models import ApiToken
from integrations.connections.permissions import HasScope
from integrations.connections.throttling import TokenThrottle


class Conflict(APIException):
    """The state of the thing forbids it; `code` says which."""

    status_code = status.HTTP_409_CONFLICT


class ApiView(GenericAPIView[Any]):
    """Lets a token in that has `scope` (to change something: `write_scope`), and shows it only its workspace."""

    scope: ClassVar[str]
    write_scope: ClassVar[str] = ""
    tag: ClassVar[str]
    not_found: ClassVar[str] = "There is no such thing in the token's workspace."
    parser_classes = (StrictJSONParser,)
    filter_backends: Sequence[type[StrictBackend]] = ()
    pagination_class: type[ByKey] | None = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]  # the document says what OPTIONS would
    throttles: list[BaseThrottle]

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        """Return the rows of a workspace that the view is about, without what the answer does not show."""
        raise NotImplementedError

    @property
    def token(self) -> ApiToken:
        return cast(ApiToken, self.request.auth)

    @property
    def workspace_id(self) -> int:
        return cast(int, self.token.workspace_id)

    @property
    def caller(self) -> str:
        """Who it is that decides something, as rows remember it."""
        return f"{self.token.name} (API token)"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        HistoricalRecords.context.request = None  # a history names people; who holds a token is none of our users

    def get_permissions(self) -> list[BasePermission]:
        changes = self.write_scope and self.request.method not in SAFE_METHODS
        return [HasScope(self.write_scope if changes else self.scope)()]

    def get_queryset(self) -> QuerySet[Any]:
        described = getattr(self, "swagger_fake_view", False)  # for the document nobody calls
        return self.rows(0 if described else self.workspace_id)

    def get_object(self) -> Any:
        """Return the row that the address names by `pk`. :raises NotFound:"""
        if found := self.get_queryset().filter(pk=self.kwargs["pk"]).first():
            return found
        raise NotFound(self.not_found)

    def get_throttles(self) -> list[BaseThrottle]:
        self.throttles = super().get_throttles()
        return self.throttles

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for throttle in getattr(self, "throttles", ()):
            if isinstance(throttle, TokenThrottle):
                for name, value in throttle.headers().items():
                    response.headers[name] = value
        return response


class ListView(ListModelMixin, ApiView):
    """A list, page by page. `filterset_class` names its conditions, `orderings` the indexed orders; first: default."""

    filter_backends = (StrictBackend,)
    pagination_class = ByKey
    orderings: ClassVar[tuple[str, ...]] = ("-id", "id")

    def get(self, request: Request) -> Response:
        return self.list(request)


@method_decorator(conditional_page, name="dispatch")
class DetailView(RetrieveModelMixin, ApiView):
    """One row. Its ETag spares whoever has it already the body."""

    def get(self, request: Request, **_: Any) -> Response:
        return self.retrieve(request)


class NothingHere(APIView):
    """Answers for addresses that lead nowhere, so that a client reads the same kind of error everywhere."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is nothing at this address. Every address ends with a slash.", code="no_such_address")

    @extend_schema(exclude=True)
    def get(self, request: Request, **_: Any) -> Response:
        raise NotImplementedError  # initial() has answered
