"""The judge of the drill of events sees what it is there for."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.drill.events.files import Notes
from tests.drill.events.judging import Judge, requests_of
from tests.drill.events.producers import Producers
from tests.drill.events.stream import Stream, Subscriber
from tests.drill.looking import Row

STREAM = Stream(seed=1, count=4)
IDS = [STREAM.id(number) for number in range(STREAM.count)]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Rows:
    """A database with four events in the log, and what of them was delivered late."""

    def __init__(self) -> None:
        self.log = [*IDS]
        self.late: list[Row] = []

    def rows(self, query: str) -> list[Row]:
        if "first_tried_at" in query:
            return self.late
        if "COUNT(*)" in query and "GROUP BY" not in query:
            return [(0,)]
        return [(id,) for id in self.log] if query.startswith("SELECT uuid") else []

    def tables_with(self, column: str) -> list[str]:
        return []


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def judge(rows: Rows, tmp_path: Path) -> Judge:
    producers = Producers(STREAM, url="", token="", dice=random.Random(1), seconds=0)
    hook, socket = Subscriber("hook", url="http://receiver.example.test/"), Subscriber("socket")
    return Judge(rows, STREAM, producers, [hook], [socket], [tmp_path / "hook.receiver"], tmp_path)


def heard(judge: Judge, *ids: str) -> list[str]:
    notes = Notes(judge.folder / "socket.socket")
    for id in ids:
        notes.add(id, f"cursor of {id}")
    return list(judge.of_socket(judge.sockets[0], {}))


def took(judge: Judge, *tries: tuple[str, int, int]) -> list[str]:
    """Judge what a webhook got: ids, numbers of attempts, answers, one after the other."""
    notes = Notes(judge.receivers[0])
    for at, (id, attempt, status) in enumerate(tries):
        notes.add(at, at + 0.5, "hook", id, attempt, status, f"cursor of {id}", id, "digest")
    return list(judge.of_webhook(judge.webhooks[0], requests_of(judge.receivers)["hook"], {}))


def test_a_client_that_has_all_once_and_in_order_is_well(judge: Judge) -> None:
    assert heard(judge, *IDS) == []


def test_a_client_that_misses_one_gets_one_twice_and_two_in_another_order_is_told_of(judge: Judge) -> None:
    told = heard(judge, IDS[0], IDS[2], IDS[1], IDS[1])

    assert [sentence.partition(":")[0].partition("” ")[2] for sentence in told] == [
        "never got",
        "got more than once",
        "got out of order",
        "got a cursor twice",
    ]


def test_a_webhook_may_get_one_again_under_the_next_attempt(judge: Judge) -> None:
    assert took(judge, (IDS[0], 1, 500), (IDS[0], 2, 200), (IDS[0], 3, 200), *((id, 1, 200) for id in IDS[1:])) == []


def test_a_webhook_that_gets_the_next_one_while_one_fails_is_told_of(judge: Judge) -> None:
    tries = [(IDS[0], 1, 500), (IDS[1], 1, 200), (IDS[0], 2, 200), *((id, 1, 200) for id in IDS[2:])]

    (told,) = took(judge, *tries)

    assert "before the one ahead of it was delivered" in told
    assert IDS[1] in told


def test_one_that_failed_for_longer_than_it_may_hold_up_the_others_may_come_behind_them(
    judge: Judge, rows: Rows
) -> None:
    rows.late = [("hook", IDS[0], NOON, NOON + timedelta(seconds=156))]

    assert took(judge, (IDS[0], 1, 500), *((id, 1, 200) for id in IDS[1:]), (IDS[0], 2, 200)) == []


def test_a_webhook_that_lacks_one_or_gets_an_attempt_twice_is_told_of(judge: Judge) -> None:
    told = took(judge, (IDS[0], 1, 200), (IDS[0], 1, 200), (IDS[1], 1, 200), (IDS[2], 1, 200))

    assert len(told) == 2
    assert IDS[3] in told[0]
    assert "number of attempt twice" in told[1]


def test_an_event_that_was_acknowledged_and_is_not_in_the_log_is_told_of(judge: Judge, rows: Rows) -> None:
    judge.producers.acknowledged.update(range(STREAM.count))
    rows.log.remove(IDS[2])

    (told,) = judge.of_log()

    assert told.startswith("acknowledged, and not in the log: 1")
