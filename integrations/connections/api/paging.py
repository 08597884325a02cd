"""Pages by the key of a row, for lists that change while someone reads them."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ValidationError as FieldError
from django.db.models import DateTimeField, Field, Model, QuerySet
from django.utils.timezone import is_naive
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from integrations.core.keyset import after

SIZE, LARGEST = 50, 200
BIGGEST_KEY = 2**63 - 1
NOT_OURS = "This is not a cursor of this list in this order. Take it from `next` or `previous` as it is."
LINK = {"type": "string", "format": "uri", "nullable": True}


class PageQuery(serializers.Serializer[Any]):
    cursor = serializers.CharField(required=False, max_length=500)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, default=SIZE)
    ordering = serializers.CharField(required=False, max_length=60)


PARAMETERS = frozenset(PageQuery().fields)


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: beyond this row, which may be gone by now. `back`: before it."""

    ordering: str
    back: bool
    value: Any
    pk: int

    def encoded(self) -> str:
        value = self.value.isoformat() if hasattr(self.value, "isoformat") else self.value
        text = json.dumps([self.ordering, self.back, value, self.pk], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


class ByKey(BasePagination):
    """The view names its `orderings`: indexed fields without nulls, perhaps after `-`; the first is the default."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        asked = PageQuery(data={name: request.query_params[name] for name in PARAMETERS & set(request.query_params)})
        asked.is_valid(raise_exception=True)
        self.url = request.build_absolute_uri()
        self.size = asked.validated_data["page_size"]
        self.ordering = _ordering(asked.validated_data.get("ordering"), among=view.orderings)
        text = asked.validated_data.get("cursor")
        self.cursor = None if text is None else read_cursor(text, ordering=self.ordering, model=queryset.model)
        return self._page(queryset)

    def _page(self, rows: QuerySet[Any]) -> list[Any]:
        name, back = self.ordering.lstrip("-"), self.cursor is not None and self.cursor.back
        descending = self.ordering.startswith("-") is not back
        if self.cursor:
            rows = after(rows, name=name, value=self.cursor.value, pk=self.cursor.pk, descending=descending)
        sign = "-" if descending else ""
        found = list(rows.order_by(*dict.fromkeys((f"{sign}{name}", f"{sign}id")))[: self.size + 1])
        more, page = len(found) > self.size, found[: self.size]
        self.page = page[::-1] if back else page
        self.more_after = back or more
        self.more_before = more if back else self.cursor is not None
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next(), "previous": self._previous(), "results": data})

    def _next(self) -> str | None:
        return self._link(self.page[-1], back=False) if self.page and self.more_after else None

    def _previous(self) -> str | None:
        return self._link(self.page[0], back=True) if self.page and self.more_before else None

    def _link(self, row: Model, *, back: bool) -> str:
        name = self.ordering.lstrip("-")
        value = None if name == "id" else getattr(row, name)
        cursor = Cursor(self.ordering, back, value, cast(int, row.pk))
        return replace_query_param(remove_query_param(self.url, "cursor"), "cursor", cursor.encoded())

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = LINK | {"description": "Address of the page; null where there is none."}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        orderings: Sequence[str] = getattr(view, "orderings", ())
        described = {
            "cursor": ({"type": "string", "maxLength": 500, "minLength": 1}, "As given in `next` or `previous`."),
            "page_size": ({"type": "integer", "minimum": 1, "maximum": LARGEST, "default": SIZE}, "Rows on a page."),
            "ordering": ({"type": "string", "enum": list(orderings)}, f"`{orderings[0]}` by default; `-`: falling."),
        }
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": about}
            for name, (schema, about) in described.items()
        ]


def _ordering(asked: str | None, *, among: Sequence[str]) -> str:
    if asked is None:
        return among[0]
    if asked not in among:
        raise serializers.ValidationError({"ordering": [f"It can be {', '.join(among)}."]})
    return asked


def read_cursor(text: str, *, ordering: str, model: type[Model]) -> Cursor:
    """Return the cursor that a client sent back. :raises ValidationError:"""
    try:
        said = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        made_for, back, value, pk = said
        if made_for != ordering or not isinstance(back, bool) or type(pk) is not int or not 0 <= pk <= BIGGEST_KEY:
            raise ValueError(text)
        return Cursor(ordering, back, _value(value, model=model, name=ordering.lstrip("-")), pk)
    except (ValueError, TypeError, RecursionError, binascii.Error, FieldError) as error:
        raise serializers.ValidationError({"cursor": [NOT_OURS]}) from error


def _value(value: Any, *, model: type[Model], name: str) -> Any:
    """Return the value as the field holds it. :raises ValueError, TypeError, FieldError:"""
    if name == "id":
        return None
    field = cast("Field[Any, Any]", model._meta.get_field(name))
    read = field.to_python(value)
    if read is None or (isinstance(field, DateTimeField) and is_naive(read)):
        raise ValueError(value)
    return read
