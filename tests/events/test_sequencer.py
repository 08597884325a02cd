from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from integrations.connections.models import Workspace
from integrations.events import services
from integrations.events.models import Event
from integrations.events.sequencer import sequence, sequence_all
from integrations.events.services import publishing

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def publish(workspace: Workspace, **payload: object) -> Event:
    return services.publish(workspace_id=workspace.pk, type="session.updated", occurred_at=NOON, payload=payload)


@pytest.fixture
def told() -> Iterator[list[int | None]]:
    """The numbers of the events that a sink was told."""
    numbers: list[int | None] = []

    def sink(events: Sequence[Event]) -> None:
        numbers.extend(event.seq for event in events)

    publishing._sinks.append(sink)
    yield numbers
    publishing._sinks.remove(sink)


def test_events_are_numbered_without_gaps_in_each_workspace(told: list[int | None]) -> None:
    one, two = Workspace.default(), Workspace.objects.create(slug="two", name="Two")
    for workspace in (one, two, one, one):
        publish(workspace)

    assert sequence_all() == 4

    assert list(Event.objects.filter(workspace=one).order_by("id").values_list("seq", flat=True)) == [1, 2, 3]
    assert list(Event.objects.filter(workspace=two).values_list("seq", flat=True)) == [1]
    assert sorted(number or 0 for number in told) == [1, 1, 2, 3]


def test_each_event_is_told_once(told: list[int | None]) -> None:
    publish(Workspace.default())
    sequence_all()

    sequence_all()

    assert told == [1]


def test_a_sink_that_fails_leaves_neither_numbers_nor_effects() -> None:
    event = publish(Workspace.default())

    def failing(_events: Sequence[Event]) -> None:
        raise RuntimeError("no")

    publishing._sinks.append(failing)
    try:
        with pytest.raises(RuntimeError):
            sequence(event.workspace_id)
    finally:
        publishing._sinks.remove(failing)

    event.refresh_from_db()
    assert event.seq is None
    assert sequence(event.workspace_id) == 1


def test_publishing_hints_the_sequencer_after_the_commit(
    hints: list[str], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # untyped fixture
        publish(Workspace.default())
        assert hints == []

    assert hints == ["events.sequence"]
