"""QR codes of issued links over HTTP."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from integrations.connections.api.fields import ProblemAnswer
from integrations.connections.api.views import Conflict
from integrations.platforms.worklink.api.link_serializers import CodeQuery
from integrations.platforms.worklink.api.links import Links
from integrations.platforms.worklink.links.issuing import code_of
from integrations.platforms.worklink.links.refusals import LinkRefused

Method = TypeVar("Method", bound=Callable[..., Any])


class Whatever(BaseContentNegotiation):
    """A picture is what there is, whatever an image tag says that it accepts; refusals are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def _described(kind: str, media_type: str) -> Callable[[Method], Method]:
    return extend_schema(
        operation_id=f"get_link_qr_{kind}",
        summary=f"Draw the QR code of a link, as {kind.upper()}",
        description="Level M, with its quiet zone, dark on light. A link that no code holds: 409, `too_long`.",
        parameters=[CodeQuery],
        responses={(200, media_type): OpenApiTypes.BINARY, 409: ProblemAnswer},
    )


class _Picture(Links):
    content_negotiation_class = Whatever
    media_type: ClassVar[str]

    def draw(self, request: Request) -> HttpResponse:
        link = self.get_object()
        asked = CodeQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        try:
            code = code_of(link, asked.validated_data.get("form", ""))
            drawn = code.svg() if self.media_type != "image/png" else code.png(pixels=asked.validated_data["pixels"])
        except LinkRefused as refused:
            raise Conflict(refused.sentence, code=refused.code) from refused
        return HttpResponse(drawn, content_type=self.media_type, headers={"Cache-Control": "private, max-age=3600"})


class SvgCode(_Picture):
    media_type = "image/svg+xml"

    @_described("svg", media_type)
    def get(self, request: Request, pk: int) -> HttpResponse:
        return self.draw(request)


class PngCode(_Picture):
    media_type = "image/png"

    @_described("png", media_type)
    def get(self, request: Request, pk: int) -> HttpResponse:
        return self.draw(request)
