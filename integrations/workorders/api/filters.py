"""What the lists of the centre can be narrowed to; lists of upper floors are narrowed to a work order alike."""

from typing import Any

from django.db.models import QuerySet

from integrations.connections.api.filtering import Condition, Filters, before, exactly, number, since, yes_or_no
from integrations.workorders.models import ExternalId

MOST_ORDERS = 200
CALLED = "What a system of record calls the work order; exactly."


class _Together(Condition):
    """A condition that the set of filters applies together with others."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs


class WorkOrderFilter(Filters):
    external_id = exactly("", "Exactly, in any system, or in the one that `system` names.", kind=_Together)
    system = exactly("", "Slug of a connection: orders that it knows.", longest=50, kind=_Together)
    asset = exactly("asset")
    site = exactly("site")
    status = exactly("status", longest=100)
    closed = yes_or_no("closed", "Whether the record takes no more changes.")
    stub = yes_or_no("stub", "Whether it is known by its key only.")
    changed_since = since("changed_at")
    changed_before = before("changed_at")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        asked = {"external_id": self.form.cleaned_data["external_id"], "system__slug": self.form.cleaned_data["system"]}
        named = {field: value for field, value in asked.items() if value is not None}
        return rows.filter(pk__in=ExternalId.objects.filter(**named).values("work_order")) if named else rows


class PhotoFilter(Filters):
    work_order = number("work_order", "Number of the work order.")
    external_id = exactly("work_order__external_ids__external_id", CALLED)
    source_type = exactly("source_type", "What it comes from, as `source_type` says.", longest=60)
    source_id = exactly("source_id", "The number of that, as text.", longest=64)
    created_since = since("created_at")
    created_before = before("created_at")


class UnmatchedFilter(Filters):
    connection = exactly("connection__slug", "Slug of the connection that it came from.", longest=50)
    source_type = exactly("source_type", "What it is, as `source_type` says.", longest=60)
    key_read = exactly("key_read", "The key as it was read; exactly.", longest=300)
    occurred_since = since("occurred_at")
    occurred_before = before("occurred_at")


class _OfOrder(Condition):
    """For rows that know their work order by `subject`."""

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        if value is None:
            return qs
        orders = ExternalId.objects.filter(external_id=value).values_list("work_order_id", flat=True)[:MOST_ORDERS]
        return qs.filter(**{f"{self.field_name}__in": [f"workorder/{pk}" for pk in orders]})


def of_external_id(*, column: str = "subject") -> Condition:
    return exactly(column, CALLED, kind=_OfOrder)
