"""Pages by the key of a row, for lists that change while someone reads them: `core.paging` over HTTP."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from integrations.core.paging import is_readable, page_of

SIZE, LARGEST = 50, 200
NOT_OURS = "This is not a cursor of this list in this order. Take it from `next` or `previous` as it is."
LINK = {"type": "string", "format": "uri", "nullable": True}


class PageQuery(serializers.Serializer[Any]):
    cursor = serializers.CharField(required=False, default="", max_length=500)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, default=SIZE)
    ordering = serializers.CharField(required=False, default="", max_length=60)


PARAMETERS = frozenset(PageQuery().fields)


class ByKey(BasePagination):
    """The view names its `orderings`: indexed fields, perhaps after `-`; the first is the default."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        asked = PageQuery(data={name: request.query_params[name] for name in PARAMETERS & set(request.query_params)})
        asked.is_valid(raise_exception=True)
        self.url, cursor = request.build_absolute_uri(), asked.validated_data["cursor"]
        rows = _ordered(queryset, asked.validated_data["ordering"], among=view.orderings)
        if cursor and not is_readable(rows, cursor):
            raise serializers.ValidationError({"cursor": [NOT_OURS]})
        self.page = page_of(rows, cursor=cursor, size=asked.validated_data["page_size"], never_empty=False)
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self._link(self.page.next), "previous": self._link(self.page.previous), "results": data}
        )

    def _link(self, cursor: str) -> str | None:
        return replace_query_param(self.url, "cursor", cursor) if cursor else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = LINK | {"description": "Address of the page; null where there is none."}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        orderings: Sequence[str] = getattr(view, "orderings", ())
        cursor = {"type": "string", "maxLength": 500, "pattern": "^[A-Za-z0-9_-]+$"}
        described = {
            "cursor": (cursor, "As given in `next` or `previous`."),
            "page_size": ({"type": "integer", "minimum": 1, "maximum": LARGEST, "default": SIZE}, "Rows on a page."),
            "ordering": ({"type": "string", "enum": list(orderings)}, f"`{orderings[0]}` by default; `-`: falling."),
        }
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": about}
            for name, (schema, about) in described.items()
        ]


def _ordered(rows: QuerySet[Any], asked: str, *, among: Sequence[str]) -> QuerySet[Any]:
    """Return the rows in this order, and by number where that is equal. :raises ValidationError:"""
    if asked and asked not in among:
        raise serializers.ValidationError({"ordering": [f"It can be {', '.join(among)}."]})
    ordering = asked or among[0]
    return rows.order_by(*dict.fromkeys((ordering, "-id" if ordering.startswith("-") else "id")))
