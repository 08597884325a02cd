"""Replaying a time range as slow work: in portions, the oldest first, stoppable, and never in front of what arrives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.core import clock
from integrations.core.drain import drain
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.inbox import replays
from integrations.inbox.models import ReceivedWebhook, Replay
from integrations.inbox.retention import _old_replays
from tests.factories import make_received, make_source

pytestmark = pytest.mark.django_db
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "PORTION", 2)


def received(hour: float, state: str = WorkState.FAILED, **values: Any) -> ReceivedWebhook:
    return make_received(received_at=START + timedelta(hours=hour), state=state, **values)


def ask(**values: Any) -> Replay:
    asked = Replay(**{"start": START, "end": END, "asked_by": "olga"} | values)
    replays.start(asked)
    return asked


def work() -> Replay:
    drain(Replay, replays.run)
    return Replay.objects.get()


def due() -> list[int]:
    return list(ReceivedWebhook.objects.filter(state=WorkState.DUE).order_by("pk").values_list("pk", flat=True))


def test_every_failed_webhook_of_the_range_is_processed_again(
    hints: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    source = make_source()
    inside = [received(hour, source=source).pk for hour in (0, 1, 1, 1, 23)]
    received(-0.1, source=source)
    received(24, source=source)
    received(2, WorkState.DONE, source=source)
    received(2, source=source, body_deleted=True)

    with django_capture_on_commit_callbacks(execute=True):
        asked = ask()
        ended = work()

    assert asked.total == 5
    assert due() == inside
    assert (ended.state, ended.looked_at, ended.replayed) == (WorkState.DONE, 5, 5)
    assert set(ReceivedWebhook.objects.filter(pk__in=inside).values_list("replays", flat=True)) == {1}
    assert {"inbox.replay", "inbox.process"} <= set(hints)


def test_all_that_have_ended_are_meant_if_so_asked_and_one_source_if_named() -> None:
    mine, other = make_source(), make_source()
    meant = [received(1, state, source=mine).pk for state in (WorkState.FAILED, WorkState.DONE, WorkState.SKIPPED)]
    received(1, WorkState.RUNNING, source=mine)
    received(1, WorkState.DONE, source=other)

    asked = ask(only_failed=False, source=mine)
    counts = replays.counts_of(asked)
    work()

    assert counts == {"FAILED": 1, "DONE": 1, "SKIPPED": 1}
    assert due() == meant


def test_it_waits_while_many_webhooks_wait_and_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replays, "WAITING_MAX", 3)
    source = make_source()
    pks = [received(hour, source=source).pk for hour in range(5)]
    ask()

    waiting = work()
    first = due()
    ReceivedWebhook.objects.filter(state=WorkState.DUE).update(state=WorkState.FAILED)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(seconds=5))
    ended = work()

    assert (waiting.state, waiting.looked_at, waiting.attempts) == (WorkState.DUE, 4, 0)
    assert first == pks[:4]
    assert due() == pks[4:]
    assert (ended.state, ended.replayed) == (WorkState.DONE, 5)


def test_it_stops_when_told_to_and_goes_on_when_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_source()
    pks = [received(hour, source=source).pk for hour in range(5)]
    asked = ask()
    portion = replays._portion

    def stopped_after_the_first(claim: Claim) -> bool:
        replays.stop(asked, by="anna")
        return portion(claim)

    monkeypatch.setattr(replays, "_portion", stopped_after_the_first)
    stopped = work()
    reached = due()
    monkeypatch.setattr(replays, "_portion", portion)
    replays.go_on(stopped)
    ended = work()

    assert (stopped.state, stopped.note, reached) == (WorkState.SKIPPED, "Stopped by anna.", pks[:2])
    assert (ended.state, ended.looked_at, due()) == (WorkState.DONE, 5, pks)
    assert set(ReceivedWebhook.objects.values_list("replays", flat=True)) == {1}


def test_one_that_waits_ends_at_once_when_told_to_stop() -> None:
    received(1)
    asked = ask()

    replays.stop(asked, by="anna")

    asked.refresh_from_db()
    assert (asked.state, asked.note, asked.finished_at is None) == (WorkState.SKIPPED, "Stopped by anna.", False)
    assert (work().replayed, due()) == (0, [])


def test_a_worker_that_lost_its_lease_replays_nothing_more() -> None:
    received(1)
    ask()
    (claim,) = Replay.objects.all().claim_due(now=clock.now())
    Replay.objects.all().claim_due(now=clock.now() + timedelta(hours=1))

    with pytest.raises(LeaseLost):
        replays.run(claim)

    assert due() == []


def test_old_replays_go_and_running_ones_stay() -> None:
    ended, _running = ask(), ask()
    Replay.objects.filter(pk=ended.pk).update(state=WorkState.DONE)

    assert list(_old_replays(clock.now() + timedelta(days=1))) == [ended]
