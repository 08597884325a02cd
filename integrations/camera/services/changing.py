"""Orders made, changed and deleted by a program, on behalf of a key."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from integrations.camera.models import ORDER_SOURCE, ApiKey, FieldOrder, Site
from integrations.camera.protocol.metadata import check_metadata, read_declarations
from integrations.camera.services import orders
from integrations.camera.services.refusals import Refusal
from integrations.workorders import services as workorders
from integrations.workorders.models import Join

STRICT = re.compile(r"[A-Za-z0-9_-]{1,128}")


class NameRefused(Refusal):
    title = "This site takes names of letters, digits, _ and - only, 128 at most."


class NoSuchEngineer(Refusal):
    title = "There is no active account with this e-mail address."


@transaction.atomic
def create(key: ApiKey, values: Mapping[str, Any], *, now: datetime) -> FieldOrder:
    """Make an order as its caller describes it: name, metadata, tags, types and who is to do it.

    :raises Refusal: :raises ArrivalRefused: naming what is wrong with it
    """
    made = _checked(key.site, {"metadata": {}, **values})
    name, metadata = made.pop("name"), made.pop("metadata")
    return orders.create_order(
        key.site,
        name=name,
        link=orders.link_of(key, name=name, metadata=metadata),
        now=now,
        metadata=metadata,
        type_names=made.pop("type_names", ()),
        values={**made, "api_key": key},
    )


@transaction.atomic
def update(order: FieldOrder, values: Mapping[str, Any], *, key: ApiKey, now: datetime) -> FieldOrder:
    """Change the fields that are given; a name or metadata that name another work order join it to that one.

    :raises ReadOnly: :raises Refusal: :raises ArrivalRefused:
    """
    row = orders.lock(order.pk)
    orders.check_open(row)
    changed = _checked(row.site, values)
    for name, value in changed.items():
        setattr(row, name, value)
    row.changed_at = now
    row.save(update_fields=[*changed, "changed_at"])
    if row.api_key_id and not changed.keys().isdisjoint({"name", "metadata"}):
        orders.join_order(row, orders.link_of(key, name=row.name, metadata=row.metadata), now=now)
    return row


@transaction.atomic
def delete(order: FieldOrder, *, by: str, now: datetime) -> None:
    """Let an order be found no more, and nobody look for its work order; its photos go when its time is over."""
    row = orders.lock(order.pk)
    row.deleted_at = row.changed_at = now
    row.save(update_fields=["deleted_at", "changed_at"])
    waiting = Join.objects.unmatched().filter(source_type=ORDER_SOURCE, source_id=str(row.pk)).first()
    if waiting:
        workorders.dismiss(waiting, by=by, now=now)


def _checked(site: Site, values: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(values)
    if "name" in made and site.strict_names and not STRICT.fullmatch(made["name"]):
        raise NameRefused
    email = made.get("field_engineer_email")
    if email and not User.objects.filter(email__iexact=email, is_active=True).exists():
        raise NoSuchEngineer
    if "metadata" in made:
        declared = read_declarations(site.metadata_schema)
        made["metadata"] = check_metadata(made["metadata"], declared=declared, require=site.require_metadata)
    return made
