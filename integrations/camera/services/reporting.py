"""Issues that field workers report from the result screen."""

from datetime import datetime

from django.db import transaction

from integrations.camera.models import Issue, Visit, WorkItem
from integrations.camera.services import orders, telling
from integrations.camera.services.refusals import Malformed
from integrations.core.inserting import insert
from integrations.core.safe_json import storable

CATEGORIES = ("verdict", "photo", "equipment", "access", "safety", "other")
LONGEST = 2000


@transaction.atomic
def report_issue(visit: Visit, item: WorkItem, *, category: str, text: str, key: str, now: datetime) -> Issue:
    """Keep an issue once for each key of the device, and publish it. :raises Malformed:"""
    if category not in CATEGORIES:
        raise Malformed(f"The category of an issue is one of {', '.join(CATEGORIES)}.")
    if not 8 <= len(key) <= 64 or not key.isprintable():
        raise Malformed("The key of an issue has 8 to 64 characters.")
    item.order = orders.lock(item.order_id)
    kept = str(storable(text)).strip()[:LONGEST]
    issue = Issue(item=item, visit=visit, client_key=key, category=category, text=kept, created_at=now)
    if not insert(issue):
        return Issue.objects.get(item=item, client_key=key)
    told = {"visit": str(visit.uuid), "category": category, "text": kept, "technician": visit.technician}
    telling.tell_of_item(item, telling.REPORTED, told=told, occurred_at=now)
    return issue
