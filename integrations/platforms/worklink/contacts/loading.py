"""Contacts from a table: for a CMS whose schema shows no call ids, or no licences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from integrations.connections.models import Connection
from integrations.core.tables import Columns
from integrations.platforms.worklink.contacts import publishing
from integrations.platforms.worklink.contacts.matrix import licence_of
from integrations.platforms.worklink.listings.loading import Line, Loader, Plan, same
from integrations.platforms.worklink.models import Contact, Licence, Source

COLUMNS = Columns(known=("call_id", "name", "email", "group", "licence"), needed=("call_id",))
LONGEST = {"call_id": 200, "name": 300, "email": 254, "group": 300}
# What the CMS itself may not tell of its users: a table may add it to them.
BESIDES = ("group", "licence")


def plan(connection: Connection, lines: list[Line]) -> Plan:
    """Say of each line what it does; one line for each contact, told by its call id."""
    known = {row.call_id: row for row in Contact.objects.filter(connection=connection).order_by("-gone_at", "pk")}
    wanted: dict[str, dict[str, Any]] = {}
    for line in lines:
        values = _values(line)
        if line.cells["call_id"] in wanted:
            line.errors.append(_("The call id stands in an earlier row, too."))
        if not line.errors:
            row = known.get(values["call_id"])
            wanted[values["call_id"]] = _given(line, values, row)
            _tell(line, wanted[values["call_id"]], row)
    return Plan(lines, lambda now: _write(connection, wanted, now=now))


def _values(line: Line) -> dict[str, Any]:
    cells = line.cells
    if not cells["call_id"]:
        line.errors.append(_("call_id is empty."))
    for name, most in LONGEST.items():
        if len(cells[name]) > most:
            line.errors.append(_("{name} has more than {most} characters.").format(name=name, most=most))
    if cells["email"]:
        try:
            validate_email(cells["email"])
        except ValidationError:
            line.errors.append(_("“{email}” is no e-mail address.").format(email=cells["email"][:60]))
    licence = licence_of(cells["licence"])
    if licence is None:
        known = ", ".join(str(label) for value, label in Licence.choices if value)
        line.errors.append(_("licence is one of {known}.").format(known=known))
    return cells | {"licence": licence or "", "name": cells["name"] or cells["call_id"]}


def _given(line: Line, values: Mapping[str, Any], row: Contact | None) -> dict[str, Any]:
    """Return what the line may set: an empty cell leaves what is there, and what the CMS tells is left to it."""
    if row is None:
        return dict(values)
    names = BESIDES if row.is_of_the_cms else ("name", "email", *BESIDES)
    return {name: values[name] for name in names if line.cells[name]}


def _tell(line: Line, values: dict[str, Any], row: Contact | None) -> None:
    if row is None:
        line.does.append(_("new"))
    elif not same(values, row):
        line.does += [f"{name}: {value}" for name, value in values.items() if getattr(row, name) != value]
    if row is not None and row.gone_at and not row.is_of_the_cms:
        line.does.append(_("there again"))


def _write(connection: Connection, wanted: Mapping[str, dict[str, Any]], *, now: datetime) -> None:
    rows = {row.call_id: row for row in Contact.objects.filter(connection=connection, call_id__in=list(wanted))}
    for call_id, values in wanted.items():
        row = rows.get(call_id) or Contact(connection=connection, source=Source.FILE, call_id=call_id)
        row.connection = connection
        changed = list(values) if row.pk is None else [name for name in values if getattr(row, name) != values[name]]
        if row.gone_at and not row.is_of_the_cms:
            row.gone_at, changed = None, [*changed, "gone_at"]
        if changed:
            for name, value in values.items():
                setattr(row, name, value)
            row.changed_at = row.seen_at = now
            row.save()
            publishing.changed(row, changed, at=now)


LOADER = Loader(COLUMNS, plan)
