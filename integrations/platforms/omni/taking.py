"""Events of the platform, taken into the log once, by whichever way they come (sheet, 8.3)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from integrations.connections.models import Connection
from integrations.events.models import Event, Profile, Reason
from integrations.events.reading import ItemRefused, uuid_of
from integrations.events.selectors.directory import groups_of
from integrations.events.services import Ingested, ingest
from integrations.platforms.omni import mapping
from integrations.platforms.omni.client import PAGE, OmniClient
from integrations.platforms.omni.models import Subscription
from integrations.platforms.omni.options import Conditions, pictures_from, workspace_of

# Covers the minute in which agents learn of new profiles, and late uploads (sheet, 8.3).
OVERLAP = timedelta(seconds=180)
SWEPT = timedelta(hours=24)
Renew = Callable[[], None]


def take_pushed(
    connection: Connection, items: Sequence[Any], *, conditions: Conditions, now: datetime, reason: str = Reason.LIVE
) -> Ingested:
    """Take what was pushed, as far as it is wanted. What is known already, be it by the API, is a duplicate."""
    workspace_id = workspace_of(connection)
    wanted = [index for index, each in enumerate(items) if mapping.is_wanted(each, conditions, groups={})]
    read = _known(workspace_id, [items[index] for index in wanted], reason=Reason.RECONCILED)
    new = [index for index in wanted if mapping.id_of(items[index]) not in read]
    pushed = [items[index] for index in new]
    result = ingest(workspace_id, pushed, now=now, reason=reason, pictures_from=pictures_from(connection))
    result.duplicates += len(wanted) - len(new)
    result.rejected = [(new[index], why) for index, why in result.rejected]
    return result


def backfill(row: Subscription, client: OmniClient, *, conditions: Conditions, now: datetime, renew: Renew) -> int:
    """Read everything since the last complete read and a bit more; return how many events nothing had told of.

    The anchor moves on only over what was read to its end, page by page: an outage during an outage hides nothing.
    """
    since = (row.covered_until or row.connection.write_from) - OVERLAP
    found = 0
    for page in _pages(client, since):
        found += _take_api(row, page, conditions=conditions, now=now)
        if dates := [at for at in map(mapping.date_of, page) if at]:
            # An agent's clock may be ahead by a year: that must not hide what comes until then.
            covered = min(max(dates), now)
            row.covered_until = max(row.covered_until or covered, covered)
            Subscription.objects.filter(pk=row.pk).update(covered_until=row.covered_until)
        renew()
    return found


def sweep(row: Subscription, client: OmniClient, *, conditions: Conditions, now: datetime, renew: Renew) -> int:
    """Look through the last 24 hours for events that came late, with old dates; return how many there were."""
    found = 0
    for page in _pages(client, now - SWEPT):
        found += _take_api(row, page, conditions=conditions, now=now)
        renew()
    return found


def _pages(client: OmniClient, since: datetime) -> Iterable[list[dict[str, Any]]]:
    """Yield pages in the order of dates. Each begins at the last date of the one before, so that rows that arrive
    meanwhile cannot shift others out of sight; within one date the offset leads on.
    """
    offset = 0
    while page := client.events(since=since, offset=offset):
        yield page
        if len(page) < PAGE:
            return
        last = mapping.date_of(page[-1])
        since, offset = (last, 0) if last and last > since else (since, offset + len(page))


def _take_api(row: Subscription, page: Sequence[Mapping[str, Any]], *, conditions: Conditions, now: datetime) -> int:
    workspace_id, base_url = workspace_of(row.connection), row.connection.base_url.rstrip("/")
    items = [mapping.pushed_form(each, base_url=base_url) for each in page]
    known = _known(workspace_id, items)
    new = [each for each in items if mapping.id_of(each) not in known]
    if not new:
        return 0
    people = _people(workspace_id, new)
    groups = {uuid: _groups(profile) for uuid, profile in people.items()}
    wanted = [each for each in new if mapping.is_wanted(each, conditions, groups=groups)]
    if row.directory_at:
        _mark_deleted(wanted, people)
    wanted = [each for each in wanted if not _is_twin(workspace_id, each)]
    found = ingest(workspace_id, wanted, now=now, reason=Reason.RECONCILED, pictures_from=pictures_from(row.connection))
    return found.accepted


def _known(workspace_id: int, items: Iterable[Any], **how: Any) -> set[str]:
    """Return the ids of those that are in the log; a body rebuilt from the API is never compared with a push."""
    ids = []
    for each in items:
        try:
            ids.append(uuid_of(mapping.id_of(each), "id"))
        except ItemRefused:
            continue  # the log refuses it, with a reason
    rows = Event.objects.filter(workspace_id=workspace_id, uuid__in=ids, **how)
    return {str(uuid) for uuid in rows.values_list("uuid", flat=True)}


def _is_twin(workspace_id: int, item: Mapping[str, Any]) -> bool:
    """Say whether a push told of it under another id: same camera, type, date and picture (sheet, 8.3)."""
    event = item["event"]
    at, image = mapping.date_of({"date": event["detection_date"]}), event["image"]
    if not (at and image):
        return False
    rows = Event.objects.filter(workspace_id=workspace_id, occurred_at=at, type=item["type"], source_type="recognition")
    return any((payload.get("event") or {}).get("image") == image for payload in rows.values_list("payload", flat=True))


def _people(workspace_id: int, items: Iterable[Mapping[str, Any]]) -> dict[str, Profile]:
    ids = set()
    for text in (each for item in items for each in mapping.profiles_of(item)):
        try:
            ids.add(UUID(text))
        except ValueError:
            continue
    rows = Profile.objects.filter(workspace_id=workspace_id, uuid__in=ids).prefetch_related("watchlists")
    return {str(row.uuid): row for row in rows}


def _groups(profile: Profile) -> Collection[str]:
    return {each["id"] for each in (profile.tombstone if profile.deleted_at else groups_of(profile))}


def _mark_deleted(items: Iterable[dict[str, Any]], people: Mapping[str, Profile]) -> None:
    """A profile that the platform does not list any more was deleted before anybody told us of it (sheet, 8.3)."""
    for candidate in (each for item in items for each in item.get("candidates") or ()):
        if str(candidate["profile"].get("id") or "").lower() not in people:
            candidate["deleted"] = True
