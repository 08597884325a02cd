"""What goes, in which order, and what is told of it."""

from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import pytest

from integrations.connections.models import Workspace
from integrations.core import clock
from integrations.core.work import Claim
from integrations.events import services
from integrations.events.models import Event, Profile, Sighting
from integrations.events.selectors.feed import CursorExpired, feed
from integrations.events.sequencer import sequence_all
from integrations.events.services import directory, subscribing
from integrations.outbox.models import Delivery, DeliveryState
from integrations.schedules import retention
from tests.events import payloads

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Held:
    """A claim that holds."""

    def renew(self, *, now: datetime) -> None:
        assert now


def retain() -> str:
    return retention.apply_retention(cast(Claim, Held()))


def aged(days: int, *seqs: int) -> None:
    Event.objects.filter(seq__in=seqs).update(created_at=clock.now() - timedelta(days=days))


@pytest.fixture
def space() -> int:
    return Workspace.default().pk


def test_o27_events_go_after_thirty_days_and_their_cursor_says_so(space: int) -> None:
    start = feed(space).next
    services.ingest(space, [payloads.seen(1), payloads.handed(2), payloads.handed(3)], now=clock.now())
    sequence_all()
    aged(31, 1, 2)
    aged(29, 3)

    told = retain()

    assert told == "Deleted Events: 2."
    assert list(Event.objects.values_list("seq", flat=True)) == [3]
    assert not Sighting.objects.exists()
    with pytest.raises(CursorExpired):
        feed(space, after_cursor=start)


def test_an_old_event_behind_a_younger_one_waits_so_that_the_log_has_no_hole(space: int) -> None:
    other = Workspace.objects.create(slug="two", name="Two").pk
    services.ingest(space, [payloads.handed(number) for number in (1, 2, 3)], now=clock.now())
    services.ingest(other, [payloads.handed(1)], now=clock.now())
    sequence_all()
    aged(31, 1, 3)

    told = retain()

    assert told == "Deleted Events: 2."
    assert list(Event.objects.values_list("workspace", "seq").order_by("seq")) == [(space, 2), (space, 3)]


def test_what_has_no_number_yet_stays(space: int) -> None:
    services.ingest(space, [payloads.handed(1)], now=NOON - timedelta(days=400))

    assert retain() == "Nothing was old enough."
    assert Event.objects.count() == 1


def test_o28_what_still_waits_for_a_webhook_expires_with_its_event(space: int) -> None:
    subscribing.create_webhook(space, name="door", url="https://hook.example.test/", now=NOON)
    services.ingest(space, [payloads.handed(1), payloads.handed(2)], now=clock.now())
    sequence_all()
    aged(31, 1)

    retain()

    first, second = Delivery.objects.order_by("pk")
    assert (first.state, second.state) == (DeliveryState.EXPIRED, DeliveryState.WAITING)
    assert "retention" in first.note
    assert first.ended_at is not None


def test_a_deleted_profile_keeps_its_groups_for_a_day_and_is_then_unknown(space: int) -> None:
    directory.put_profile(space, UUID(payloads.PROFILE), watchlists=[UUID(payloads.GROUP)], now=NOON)
    directory.put_profile(space, UUID(payloads.image(5)), now=NOON)
    directory.delete_profile(space, UUID(payloads.PROFILE), now=clock.now() - timedelta(hours=23))

    early = retain()
    kept = Profile.objects.get(uuid=payloads.PROFILE).tombstone
    Profile.objects.filter(deleted_at__isnull=False).update(deleted_at=clock.now() - timedelta(hours=25))
    late = retain()

    assert (early, late) == ("Nothing was old enough.", "Deleted Tombstones of profiles: 1.")
    assert [group["id"] for group in kept] == [payloads.GROUP]
    assert [str(row.uuid) for row in Profile.objects.all()] == [payloads.image(5)]
