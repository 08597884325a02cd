"""The log by cursor: in order, without gap or repetition, and never silent about what is gone."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from integrations.connections.models import Workspace
from integrations.events import cursors, services
from integrations.events.models import Event, EventPolicy, Sequence
from integrations.events.selectors import feed as feeds
from integrations.events.selectors.feed import CursorExpired, feed
from integrations.events.sequencer import sequence_all
from integrations.events.services import directory, filtering, subscribing
from integrations.events.sockets import tail
from tests.events import payloads

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def space() -> int:
    return Workspace.default().pk


def ingest(space: int, *numbers: int) -> None:
    services.ingest(space, [payloads.handed(number, source=number % 2 + 1) for number in numbers], now=NOON)
    sequence_all()


def test_o40_pages_join_into_the_whole_log(space: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "STEP", 3)
    ingest(space, *range(1, 11))

    seen, cursor, more = [], "", True
    while more:
        page = feed(space, after_cursor=cursor, limit=4)
        seen += [event.seq for event in page.events]
        cursor, more = page.next, page.more
    ingest(space, 11)
    page = feed(space, after_cursor=cursor)

    assert seen == list(range(1, 11))
    assert [event.seq for event in page.events] == [11]


def test_an_empty_page_still_says_where_to_go_on(space: int) -> None:
    before = feed(space)
    ingest(space, 1)

    assert (before.events, before.more) == ([], False)
    assert [event.seq for event in feed(space, after_cursor=before.next).events] == [1]


def test_the_feed_of_an_endpoint_is_filtered_as_the_endpoint_is_now(space: int) -> None:
    endpoint = subscribing.create_websocket(space, name="a", now=NOON)
    ingest(space, 1, 2, 3, 4)
    filtering.create_filter(space, given={"cameraIds": [payloads.camera(1)]}, endpoint_ids=[endpoint.pk], now=NOON)

    page = feed(space, endpoint_id=endpoint.pk, limit=1)
    rest = feed(space, endpoint_id=endpoint.pk, after_cursor=page.next)

    assert [event.seq for event in [*page.events, *rest.events]] == [2, 4]
    assert rest.next == feed(space).next


def test_a_page_ends_after_so_many_looks_even_if_nothing_matched(space: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LOOKED_AT", 2)
    ingest(space, 1, 2, 3)

    page = feed(space)

    assert ([event.seq for event in page.events], page.more) == ([1, 2], True)
    assert [event.seq for event in feed(space, after_cursor=page.next).events] == [3]


def test_o41_a_cursor_older_than_the_log_says_so_and_where_it_begins(space: int) -> None:
    start = feed(space).next
    ingest(space, 1, 2, 3)
    Event.objects.filter(seq__lte=2).delete()

    with pytest.raises(CursorExpired) as expired:
        feed(space, after_cursor=start)

    assert [event.seq for event in feed(space, after_cursor=expired.value.oldest).events] == [3]


def test_a_page_ends_before_a_hole_and_going_on_there_is_refused(space: int) -> None:
    ingest(space, 1, 2, 3, 4, 5)
    Event.objects.filter(seq__in=[3, 4]).delete()

    page = feed(space)
    with pytest.raises(CursorExpired) as expired:
        feed(space, after_cursor=page.next)

    assert ([event.seq for event in page.events], page.more) == ([1, 2], True)
    assert [event.seq for event in feed(space, after_cursor=expired.value.oldest).events] == [5]


def test_sockets_are_given_nothing_from_behind_a_hole(space: int) -> None:
    ingest(space, 1, 2, 3, 4)
    Event.objects.filter(seq=3).delete()

    before, at_it = tail.read(space, 0), tail.read(space, 2)

    assert ([frame.seq for frame in before.frames], before.place, before.gap) == ([1, 2], 2, False)
    assert (at_it.frames, at_it.gap) == ((), True)


def test_a_cursor_behind_an_emptied_log_is_expired_and_one_at_its_end_is_not(space: int) -> None:
    ingest(space, 1, 2)
    first, end = feed(space, limit=1).next, feed(space).next
    Event.objects.all().delete()

    assert feed(space, after_cursor=end).events == []
    with pytest.raises(CursorExpired):
        feed(space, after_cursor=first)


def test_a_cursor_of_another_log_is_expired(space: int) -> None:
    ingest(space, 1)
    cursor = feed(space).next
    Sequence.objects.update(epoch="another")

    with pytest.raises(CursorExpired):
        feed(space, after_cursor=cursor)


def test_a_cursor_of_another_workspace_or_a_damaged_one_is_invalid(space: int) -> None:
    theirs = feed(Workspace.objects.create(slug="two", name="Two").pk).next

    for cursor in (theirs, "x", "Zm9v", feed(space).next + "!", "é"):
        with pytest.raises(cursors.CursorInvalid):
            feed(space, after_cursor=cursor)


def test_o38_what_is_withheld_is_passed_over(space: int) -> None:
    EventPolicy.objects.create(workspace_id=space, deleted_profile="drop")
    directory.put_profile(space, UUID(payloads.PROFILE), now=NOON)
    directory.delete_profile(space, UUID(payloads.PROFILE), now=NOON)
    services.ingest(space, [payloads.seen(1), payloads.handed(2)], now=NOON)
    sequence_all()

    assert [event.seq for event in feed(space).events] == [2]
    assert Event.objects.recognitions().count() == 2
