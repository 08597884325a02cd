"""Listed objects become rows: new, changed, seen again; what is not seen any more is marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q

from integrations.connections.models import Connection
from integrations.core.safe_json import storable
from integrations.platforms.worklink.models import Listed, Source

# So few may go at any time.
LOSS = 10
Row = TypeVar("Row", bound=Listed)


@dataclass(frozen=True)
class Kept(Generic[Row]):
    """A row that was seen. `changed`: the names of what is new about it; all of it if the row is."""

    row: Row
    changed: tuple[str, ...]


def keep(
    model: type[Row], connection: Connection, seen: Mapping[str, Mapping[str, Any]], *, same: str, at: datetime
) -> list[Kept[Row]]:
    """Store objects by their global id, in the caller's transaction.

    A row that a person entered for the same object, told by the column `same`, becomes the CMS's.
    """
    known = _known(model, connection, seen, same=same)
    return [_kept(model, connection, key, values, row=known.get(key), at=at) for key, values in seen.items()]


def _known(
    model: type[Row], connection: Connection, seen: Mapping[str, Mapping[str, Any]], *, same: str
) -> dict[str, Row]:
    values = {values[same]: key for key, values in seen.items() if values[same]}
    named = Q(resource_id__in=list(seen)) | Q(resource_id="", **{f"{same}__in": list(values)})
    rows: Any = (
        model._default_manager.select_for_update().filter(named, connection=connection).order_by("resource_id", "pk")
    )
    found: dict[str, Row] = {}
    for row in rows:  # entered ones first, so that the CMS's own row wins
        found[row.resource_id or values[getattr(row, same)]] = row
    return found


def _kept(
    model: type[Row], connection: Connection, key: str, values: Mapping[str, Any], *, row: Row | None, at: datetime
) -> Kept[Row]:
    wanted = storable(dict(values)) | {"resource_id": key, "source": Source.CMS, "gone_at": None}
    if row is None:
        made = model(connection=connection, first_seen_at=at, seen_at=at, changed_at=at, **wanted)
        made.save(force_insert=True)
        return Kept(made, tuple(wanted))
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    row.seen_at = at
    if changed:
        row.changed_at = at
    row.save(update_fields=[*changed, "seen_at", *(["changed_at"] if changed else [])])
    return Kept(row, tuple(changed))


def unseen(model: type[Row], connection: Connection, *, since: datetime) -> Any:
    """Return the rows of the CMS that a walk which began then did not see."""
    rows = model._default_manager.filter(connection=connection, source=Source.CMS, gone_at__isnull=True)
    return rows.filter(seen_at__lt=since)


def is_a_great_loss(lost: int, rest: int) -> bool:
    """Say whether so much is gone at once that a person should look first: a token that lost its groups looks alike."""
    return lost >= LOSS and lost > rest
