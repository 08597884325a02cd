"""What the drill does to runs of scripts, and how it judges them."""

import asyncio
import json
import random
from typing import Any

from tests.drill.runs import BETWEEN, SANDBOXES, WORKER, RunsKilled, runs_written


class Noting:
    """A house that is never hurt."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def caller(self, port: int) -> str:
        return f"worker-{port}"

    def kill(self, name: str) -> None:
        self.done.append(f"{WORKER} {name}")

    def kill_sandbox(self, name: str) -> None:
        self.done.append(f"{SANDBOXES} {name}")


def post(app: Any, body: str, *, path: str = "/api/orders/1/notes") -> list[bytes]:
    sent: list[bytes] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": json.dumps({"body": body}).encode(), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message["body"])

    asyncio.run(app({"method": "POST", "path": path, "client": ("127.0.0.1", 7)}, receive, send))
    return sent


async def echo(_scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.body", "body": (await receive())["body"]})


def test_now_and_then_a_run_is_killed_at_its_own_note_and_none_twice() -> None:
    house: Any = Noting()
    killed = RunsKilled(echo, random.Random(1), house)
    notes = [f"runner-{number % 4 + 1} ran for event {number}." for number in range(400)]

    answers = [post(killed, note) for note in notes]
    first = len(house.done)
    for _ in range(3):
        post(killed, notes[0])
    post(killed, "Session 7 ended.")
    post(killed, notes[1], path="/api/orders")

    assert [json.loads(answer[0])["body"] for answer in answers] == notes
    assert 400 // BETWEEN[1] <= first <= 400 // BETWEEN[0]
    assert killed.kills.total() == len(house.done)
    assert {each.partition(" ")[0] for each in house.done} == {SANDBOXES, WORKER}
    assert {each.partition(" ")[2] for each in house.done} == {"worker-7"}


def test_nothing_is_killed_before_and_after_the_day() -> None:
    killed = RunsKilled(echo, random.Random(1))

    for number in range(100):
        post(killed, f"runner-1 ran for event {number}.")

    assert killed.kills.total() == 0


def test_a_note_that_is_missing_double_or_nobodys_is_a_breach() -> None:
    runs = [("runner-1", 1), ("runner-1", 2), ("runner-2", 1), ("runner-2", 2), ("runner-2", 2)]
    notes = ["runner-1 ran for event 1.", "runner-2 ran for event 1.", "runner-2 ran for event 1.", "Session 1 ended."]
    notes += ["runner-2 ran for event 2.", "runner-2 ran for event 2.", "runner-3 ran for event 9."]

    assert list(runs_written(runs, notes)) == [
        "runner-1 has 1 runs for event 2, and 0 notes of them",
        "runner-2 has 1 runs for event 1, and 2 notes of them",
        "runner-2 has 2 runs for event 2, and 2 notes of them",
        "runner-3 has 0 runs for event 9, and 1 notes of them",
    ]
