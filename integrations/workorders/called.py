"""How people call a work order, how they look for one, and what it is like: for those who know it as a subject."""

from collections.abc import Collection, Iterable

from django.urls import reverse

from integrations.core.searching import starting_with
from integrations.workorders.models import ExternalId, WorkOrder

MOST_FOUND = 50
FACTS = ("title", "asset", "site", "status", "assignee", "priority")


def names(subjects: Collection[str]) -> dict[str, str]:
    """Return the first external id of each subject that has one."""
    pks = [subject.partition("/")[2] for subject in subjects]
    known = ExternalId.objects.filter(work_order__in=[pk for pk in pks if pk.isdecimal()]).order_by("-pk")
    return {f"workorder/{pk}": name for pk, name in known.values_list("work_order_id", "external_id")}


def facts(subjects: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the fields of each order that are set, and its first external id as `number`."""
    pks = [pk for subject in subjects if (pk := subject.partition("/")[2]).isdecimal()]
    numbers = names(subjects)
    found = {}
    for row in WorkOrder.objects.filter(pk__in=pks).only(*FACTS):
        values = {name: getattr(row, name) for name in FACTS} | {"number": numbers.get(row.subject, "")}
        found[row.subject] = {name: value for name, value in values.items() if value}
    return found


def page(subject: str) -> str:
    return reverse("admin:workorders_workorder_change", args=[subject.partition("/")[2]])


def search(term: str) -> Iterable[str]:
    """Return the orders whose external id is, or begins with, the term."""
    named = ExternalId.objects.filter(starting_with("external_id", term))
    found = named.values_list("work_order_id", flat=True)
    return [f"workorder/{pk}" for pk in found[:MOST_FOUND]]
