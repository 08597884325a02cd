"""The sandbox of one process: a small pool of jailed processes, each script in a fresh engine."""

import json
import os
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from integrations.scripts.sandbox.checking import problems_of, refused_unread, stands_strict
from integrations.scripts.sandbox.contract import (
    JSON,
    MOST_MEMORY,
    Finished,
    Host,
    Limits,
    Program,
    SandboxUnavailable,
    SyntaxProblem,
)
from integrations.scripts.sandbox.conversation import Conversation
from integrations.scripts.sandbox.jailed.wire import ASK_AND_GO, CHECK, CHECK_STRICTLY, GO
from integrations.scripts.sandbox.languages import Language, language
from integrations.scripts.sandbox.process import Died, Jailed, Misbehaved

RUNS_OF_A_PROCESS = 2_000
"""Then it is replaced, so that nothing can pile up in it."""
TRIES = 3
DEFAULT = Limits()
CHECKING = Limits(cpu_seconds=2.0, wall_seconds=5.0)


class Sandbox:
    """Runs scripts, `most` at a time; threads may share it.

    At rest `spare` + 1 processes stand ready: one to work, the others for when it has to be ended.
    """

    def __init__(self, *, most: int = 4, spare: int = 1, patience: float = 10.0) -> None:
        """`patience`: seconds to wait for a turn, and for a process to start."""
        self._most, self._spare, self._patience = most, spare, patience
        self._level = ""
        self._begin()

    def run(
        self, program: Program, *, input: JSON, host: Host, limits: Limits = DEFAULT, match: bool = False
    ) -> Finished:
        """Run one script to its end, in this thread, which answers its calls.

        With `match` the script's match(event), if it has one, is asked for each event first: those it refuses are not
        in `ctx`, and if none is left the run ends SKIPPED. What the host raises, other than HostError and Stop, goes
        through.

        :raises SandboxUnavailable: if no jailed process can be had
        """
        given = json.dumps(input, allow_nan=False).encode()
        return self._run(program, given=given, host=host, limits=limits, mode=ASK_AND_GO if match else GO)

    def check(self, program: Program) -> list[SyntaxProblem]:
        """Return what keeps a program from being compiled, at most the first; it is not run.

        :raises SandboxUnavailable: if no jailed process can be had
        """
        if refused := refused_unread(program):
            return [refused]
        mode = CHECK_STRICTLY if stands_strict(program.source) else CHECK
        said = self._run(program, given=b"", host=_Nobody(), limits=CHECKING, mode=mode)
        return problems_of(said, mode=mode)

    @property
    def level(self) -> str:
        """How strong the jail is here, as the kernel says: seccomp, rlimits or none. :raises SandboxUnavailable:"""
        if not self._level:
            with self._taken(language("javascript")) as jailed:  # and not put back: it says only once that it is ready
                self._level = jailed.level
        return self._level

    def close(self) -> None:
        """End the idle processes; those at work end with their script."""
        self._forget_after_a_fork()
        with self._turn:
            self._closed = True
            idle = [each for every in self._idle.values() for each in every]
            self._idle.clear()
        for jailed in idle:
            jailed.kill()

    def _run(self, program: Program, *, given: bytes, host: Host, limits: Limits, mode: int) -> Finished:
        limits = replace(limits, memory_bytes=min(limits.memory_bytes, MOST_MEMORY))
        spoken = language(program.language)
        with self._taken(spoken) as jailed:
            jailed.allow(limits.memory_bytes)
            talk = Conversation(jailed, host=host, limits=limits, first_own_line=spoken.first_own_line)
            ended = talk.hold(program, given=given, mode=mode)
            jailed.is_good = talk.is_over
            return ended

    @contextmanager
    def _taken(self, spoken: Language) -> Iterator[Jailed]:
        """Take a process that is ready. At the end it is killed, unless it was found good."""
        self._forget_after_a_fork()
        self._wait_for_a_turn()
        try:
            jailed = self._ready(spoken)
            jailed.is_good = False
            try:
                yield jailed
            finally:
                self._put_back(jailed)
        finally:
            with self._turn:
                self._busy -= 1
                self._turn.notify()
            self._stock(spoken)

    def _wait_for_a_turn(self) -> None:
        with self._turn:
            if not self._turn.wait_for(lambda: self._busy < self._most, timeout=self._patience):
                raise SandboxUnavailable(f"{self._most} scripts run in this process already; try again.", retry_after=5)
            self._busy += 1

    def _ready(self, spoken: Language) -> Jailed:
        reason: Exception | None = None
        for _ in range(TRIES):
            try:
                jailed = self._next(spoken) or Jailed(spoken)
            except OSError as error:
                reason = error
                continue
            try:
                jailed.greet(deadline=time.monotonic() + self._patience)
            except (Died, Misbehaved, TimeoutError) as error:
                jailed.kill()
                reason = error
            else:
                return jailed
        raise SandboxUnavailable(f"The jailed process does not start: {reason}", retry_after=30)

    def _next(self, spoken: Language) -> Jailed | None:
        with self._turn:
            idle = self._idle[spoken.name]
            return idle.popleft() if idle else None

    def _put_back(self, jailed: Jailed) -> None:
        """Queue it behind the others, and while they work it makes its engine anew; or end it."""
        with self._turn:
            idle = self._idle[jailed.language.name]
            if jailed.is_good and jailed.runs < RUNS_OF_A_PROCESS and len(idle) < self._most and not self._closed:
                idle.append(jailed)
                return
        jailed.kill()

    def _stock(self, spoken: Language) -> None:
        """See that enough stand ready. They start by themselves; if one cannot, the next run will say so."""
        with self._turn:
            missing = 0 if self._closed else self._spare + 1 - self._busy - len(self._idle[spoken.name])
        with suppress(OSError):
            for _ in range(missing):
                fresh = Jailed(spoken)
                with self._turn:
                    self._idle[spoken.name].append(fresh)

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._turn = threading.Condition()
        self._idle: defaultdict[str, deque[Jailed]] = defaultdict(deque)
        self._busy = 0
        self._closed = False

    def _forget_after_a_fork(self) -> None:
        """The processes are the parent's: close our copies of its ends, or they would not see it die."""
        if self._owner != os.getpid():
            inherited = [each for every in self._idle.values() for each in every]
            self._begin()
            for jailed in inherited:
                jailed.let_go()


class _Nobody:
    """Host of a script that is not run."""

    def call(self, name: str, arguments: dict[str, JSON]) -> JSON:
        raise AssertionError(f"A script that is only compiled called {name}.")

    def log(self, level: str, message: str, data: JSON) -> None:
        raise AssertionError("A script that is only compiled wrote a line.")
