"""What a list can be narrowed to: declared once, checked as strictly as a body, described in the document.

class WriteFilter(Filters):
    state = one_of("state", WriteState.choices, "…")
    created_since = since("created_at", "…")
"""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import Filter, FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.connections.api.fields import BIGGEST, TimeField
from integrations.connections.api.paging import PARAMETERS


class Filters(FilterSet):  # type: ignore[misc]  # the library has no types
    """The conditions of a list; several must all hold."""


class StrictBackend(DjangoFilterBackend):  # type: ignore[misc]  # the library has no types
    """Refuses names that it does not know: a condition that is misspelt must not return everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filters = self.get_filterset_class(view, queryset)
        known = [*(filters.base_filters if filters else ()), *sorted(PARAMETERS)]
        if unknown := set(request.query_params) - set(known):
            said = f"This is not known here. Known: {', '.join(known)}."
            raise serializers.ValidationError({name[:100]: [said] for name in sorted(unknown)})
        rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return rows


class _Read(forms.Field):
    """A form's field whose value is read by a serializer's, so that queries and bodies follow the same rules."""

    def __init__(self, *, by: serializers.Field[Any, Any, Any, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by = by

    def to_python(self, value: Any) -> Any:
        if value is None or value == []:
            return None
        try:
            return self.by.run_validation(value)
        except serializers.ValidationError as error:
            # The library formats them with "%".
            raise forms.ValidationError([each.replace("%", "%%") for each in _sentences(error.detail)]) from error


def _sentences(detail: Any) -> list[str]:
    if isinstance(detail, dict):
        return [sentence for each in detail.values() for sentence in _sentences(each)]
    return [str(each) for each in detail]


class Condition(Filter):  # type: ignore[misc]  # the library has no types
    field_class = _Read


def condition(
    name: str,
    by: serializers.Field[Any, Any, Any, Any],
    about: str,
    *,
    schema: dict[str, Any],
    lookup: str = "exact",
    kind: type[Condition] = Condition,
    **extra: Any,
) -> Condition:
    """Return a condition on the field `name`, whose value is read by a serializer's field and described by `schema`."""
    made = kind(field_name=name, lookup_expr=lookup, by=by, **extra)
    described: Condition = extend_schema_field(schema | {"description": about})(made)
    return described


def exactly(name: str, about: str = "Exactly.", *, longest: int = 200, **kwargs: Any) -> Condition:
    reads = serializers.CharField(max_length=longest, trim_whitespace=False)
    schema = {"type": "string", "minLength": 1, "maxLength": longest}
    return condition(name, reads, about, schema=schema, **kwargs)


def number(name: str, about: str, **kwargs: Any) -> Condition:
    reads = serializers.IntegerField(min_value=1, max_value=BIGGEST)
    schema = {"type": "integer", "format": "int64", "minimum": 1}
    return condition(name, reads, about, schema=schema, **kwargs)


def uuid(name: str, about: str) -> Condition:
    return condition(name, serializers.UUIDField(), about, schema={"type": "string", "format": "uuid"})


def yes_or_no(name: str, about: str, **kwargs: Any) -> Condition:
    return condition(name, serializers.BooleanField(), about, schema={"type": "boolean"}, **kwargs)


def one_of(name: str, choices: Any, about: str = "Any of these; may be repeated.", **kwargs: Any) -> Condition:
    reads = serializers.ListField(child=serializers.ChoiceField(choices=choices))
    values = [value for value, _ in choices]
    schema = {"type": "array", "items": {"type": "string", "enum": values}}
    return condition(name, reads, about, schema=schema, lookup="in", widget=forms.SelectMultiple, **kwargs)


def since(name: str, about: str = "At this time or later, with offset.") -> Condition:
    return condition(name, TimeField(), about, schema={"type": "string", "format": "date-time"}, lookup="gte")


def before(name: str, about: str = "Earlier than this time, with offset.") -> Condition:
    return condition(name, TimeField(), about, schema={"type": "string", "format": "date-time"}, lookup="lt")


class _Subject(Condition):
    """A number, for rows that know what they belong to as a text such as `workorder/7`."""

    def __init__(self, *, column: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.column = column

    def filter(self, qs: QuerySet[Any], value: int | None) -> QuerySet[Any]:
        return qs if value is None else qs.filter(**{self.column: f"{self.field_name}/{value}"})


def of_subject(kind: str, about: str, *, column: str = "subject") -> Condition:
    return number(kind, about, kind=_Subject, column=column)
