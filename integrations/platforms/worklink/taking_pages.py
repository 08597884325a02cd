"""A page of whole objects, taken: one statement for all that did not change, a transaction for each of the rest."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from integrations.connections.models import Connection
from integrations.core.platforms import Fetch
from integrations.core.work import WorkState
from integrations.platforms.worklink import probing
from integrations.platforms.worklink.client import Reading
from integrations.platforms.worklink.kinds import Kind
from integrations.platforms.worklink.mapping import content_hash, content_of, text_of
from integrations.platforms.worklink.models import PhotoDownload, Stored
from integrations.platforms.worklink.options import Options, options_of
from integrations.platforms.worklink.taking import take

COMPARED = ("resource_id", "content_hash", "generation", "subject", "ended_at", "read_at", "seconds", "incomplete")


@dataclass(frozen=True)
class Taken:
    """How many objects of a page there were, were new or changed, and could not be read whole."""

    seen: int = 0
    changed: int = 0
    incomplete: int = 0

    def counts(self) -> dict[str, int]:
        return asdict(self)


def take_page(kind: Kind[Any], readings: Sequence[Reading], *, connection: Connection, asked_at: datetime) -> Taken:
    """Store, join and publish what a page shows. Safe to repeat: only new content counts, and has effects."""
    by_id = {id_: each for each in readings if (id_ := text_of(each.document.get("id"), most=255))}
    before = _known(kind, connection, by_id)
    options, unit = options_of(connection), connection.probe.get(probing.UNIT)
    waiting = _with_open_downloads(kind, before)
    same = [
        row.pk
        for id_, row in before.items()
        if row.pk not in waiting and _is_same(kind, row, by_id[id_], options=options, unit=unit)
    ]
    kind.model._default_manager.filter(pk__in=same, read_at__lt=asked_at).update(read_at=asked_at)
    left = {id_: each for id_, each in by_id.items() if id_ not in before or before[id_].pk not in set(same)}
    for id_, reading in left.items():
        order = Fetch(connection.pk, kind.resource_type, id_, started_at=asked_at, connection=connection)
        take(kind, connection=connection, order=order, reading=reading)
    after = _known(kind, connection, left)
    changed = [id_ for id_, row in after.items() if id_ not in before or row.generation != before[id_].generation]
    return Taken(len(by_id), len(changed), sum(bool(each.gaps) for each in by_id.values()))


def _known(kind: Kind[Any], connection: Connection, ids: Any) -> dict[str, Stored]:
    rows = kind.model._default_manager.filter(connection=connection, resource_id__in=list(ids)).only(*COMPARED)
    return {row.resource_id: row for row in rows}


def _with_open_downloads(kind: Kind[Any], rows: dict[str, Stored]) -> set[int]:
    """Return the rows with photos that are still to be fetched: a fresh reading has fresh links."""
    downloads = PhotoDownload.objects.filter(**{f"{kind.noun}__in": [row.pk for row in rows.values()]})
    return set(downloads.exclude(state=WorkState.DONE).values_list(f"{kind.noun}_id", flat=True))


def _is_same(kind: Kind[Any], row: Stored, reading: Reading, *, options: Options, unit: float | None) -> bool:
    """Say whether a reading brings nothing: its content is stored, whole, and joined to its order."""
    if reading.gaps or row.incomplete or row.content_hash != content_hash(content_of(reading.document)):
        return False
    columns = kind.columns(reading.document, options, unit)
    unwanted = columns.get("session_type") == "DEMO"
    return bool(row.subject or unwanted) and row.seconds == columns["seconds"]
