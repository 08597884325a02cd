"""Links of work orders over HTTP: given out by a POST, read by GETs that give nothing out."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.connections.api.views import ApiView, Conflict, DetailView
from integrations.connections.idempotency import idempotent
from integrations.platforms.worklink.api.link_serializers import (
    LinkAnswer,
    LinkInput,
    OffersAnswer,
    answer_of,
    answers_of,
)
from integrations.platforms.worklink.links.issuing import enabled_templates, issue_many, links_of
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import IssuedLink, LinkTemplate
from integrations.workorders.api import visible
from integrations.workorders.models import WorkOrder


class Links(ApiView):
    """Of the links of the token's workspace."""

    scope = "links:read"
    tag = "Links"
    not_found = "No such link was issued in the token's workspace."
    serializer_class = LinkAnswer

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        rows = IssuedLink.objects.filter(template__connection__workspace=workspace_id)
        return rows.select_related("template__connection")


class IssueLink(Links):
    """Give a link out."""

    scope = "links:issue"

    @extend_schema(
        operation_id="issue_link",
        summary="Issue a link of a work order",
        description=(
            "The same content is the same link, however often it is asked for: 200; a new one: 201. A link that cannot "
            "be made is refused with 409 and the name of the refusal as `code`. Where only the QR code is too long, "
            "the link is given out, and `code.refusal` says so."
        ),
        request=LinkInput,
        responses={200: LinkAnswer, 201: LinkAnswer},
        examples=[
            OpenApiExample("by number", {"work_order": 7, "template": "pumps"}, request_only=True),
            OpenApiExample(
                "as its system calls it",
                {"system": "sap", "external_id": "WO-000981", "purpose": "CATALOG_ASSET", "form": "direct"},
                request_only=True,
            ),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        asked = LinkInput(data=request.data)
        asked.is_valid(raise_exception=True)
        order, template = self._order(asked.validated_data), self._template(asked.validated_data)
        try:
            (offer,) = issue_many([template], [order])
            if offer.refusal or offer.link is None:
                raise offer.refusal or LinkRefused("not_issued", "No link was given out. Ask again.")
            answer = answer_of(offer.link, asked.validated_data.get("form", ""))
        except LinkRefused as refused:
            raise Conflict(refused.sentence, code=refused.code) from refused
        return Response(answer, status=status.HTTP_201_CREATED if offer.new else status.HTTP_200_OK)

    def _order(self, asked: dict[str, Any]) -> WorkOrder:
        """:raises ValidationError:"""
        orders = WorkOrder.objects.filter(workspace=self.workspace_id)
        if number := asked.get("work_order"):
            name, found = "work_order", orders.filter(pk=number).first()
        else:
            name, found = "external_id", self._order_called(asked["system"], asked["external_id"])
        if found is None:
            raise ValidationError({name: ["There is no such work order in the token's workspace."]})
        return found

    def _order_called(self, slug: str, external_id: str) -> WorkOrder | None:
        try:
            system = visible.system(slug, workspace_id=self.workspace_id)
        except NotFound as error:
            raise ValidationError({"system": [str(error.detail)]}) from error
        named = WorkOrder.objects.filter(workspace=self.workspace_id)
        return named.filter(external_ids__system=system, external_ids__external_id=external_id).first()

    def _template(self, asked: dict[str, Any]) -> LinkTemplate:
        """:raises ValidationError: :raises Conflict:"""
        rows = enabled_templates().filter(connection__workspace=self.workspace_id)
        names = {"template": "slug", "purpose": "purpose", "connection": "connection__slug"}
        found = list(rows.filter(**{column: asked[name] for name, column in names.items() if name in asked})[:2])
        if not found:
            said = "No link template that is switched on has this name or purpose."
            raise ValidationError({"template" if "template" in asked else "purpose": [said]})
        if len(found) > 1:
            raise Conflict("Several link templates fit. Name one, and its connection.", code="ambiguous_template")
        return found[0]


@extend_schema_view(get=extend_schema(operation_id="get_link", summary="Read an issued link"))
class LinkDetail(Links, DetailView):
    def get(self, request: Request, **_: Any) -> Response:
        return Response(answer_of(self.get_object()))


class WorkOrderLinks(ApiView):
    """Gives nothing out: who may only read must not fill the list of issued links, nor set off what follows from it."""

    scope = "links:read"
    tag = "Links"
    not_found = "There is no such work order in the token's workspace."

    def rows(self, workspace_id: int) -> QuerySet[Any]:
        return WorkOrder.objects.filter(workspace=workspace_id)

    @extend_schema(
        operation_id="get_work_order_links",
        summary="Read the links of a work order",
        description=(
            "One entry for each link template that is switched on. Nothing is issued by reading: `link` is null until "
            "it was issued, by itself or by a POST to `/api/v1/deep-links/`; `refusal` says why it cannot be."
        ),
        responses={200: OffersAnswer},
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(OffersAnswer(answers_of(links_of(self.get_object(), issuing=False))).data)
