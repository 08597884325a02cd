"""How people call a work order, and how they look for one: by what its systems of record call it."""

from collections.abc import Collection, Iterable

from django.urls import reverse

from integrations.workorders.models import ExternalId

MOST_FOUND = 50


def names(subjects: Collection[str]) -> dict[str, str]:
    """Return the first external id of each subject that has one."""
    pks = [subject.partition("/")[2] for subject in subjects]
    known = ExternalId.objects.filter(work_order__in=[pk for pk in pks if pk.isdecimal()]).order_by("-pk")
    return {f"workorder/{pk}": name for pk, name in known.values_list("work_order_id", "external_id")}


def page(subject: str) -> str:
    return reverse("admin:workorders_workorder_change", args=[subject.partition("/")[2]])


def search(term: str) -> Iterable[str]:
    """Return the orders whose external id is, or begins with, the term."""
    found = ExternalId.objects.filter(external_id__istartswith=term).values_list("work_order_id", flat=True)
    return [f"workorder/{pk}" for pk in found[:MOST_FOUND]]
