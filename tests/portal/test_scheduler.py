"""The scheduler's process, which follows recognition platforms too on one machine."""

import os
import signal

import pytest

from portal import scheduler


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    return sent


def test_what_nobody_foresaw_ends_the_process_so_that_it_is_started_again(signals: list[tuple[int, int]]) -> None:
    def run() -> None:
        raise RuntimeError("no such thing")

    scheduler._follow(run)

    assert signals == [(os.getpid(), signal.SIGTERM)]


def test_a_runner_that_was_told_to_stop_ends_alone(signals: list[tuple[int, int]]) -> None:
    scheduler._follow(lambda: None)

    assert signals == []
