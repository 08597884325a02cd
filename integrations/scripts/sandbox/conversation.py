"""One run, from the parent's side: hand the script over, answer its calls under the limits, take its end."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.core import safe_json
from integrations.scripts.sandbox import kernel
from integrations.scripts.sandbox.contract import (
    JSON,
    OUTGOING,
    Ending,
    Finished,
    Host,
    HostError,
    Limits,
    Program,
    Stop,
)
from integrations.scripts.sandbox.ends import DEEPEST, UnreadableEnd, end_of
from integrations.scripts.sandbox.jailed.wire import ANSWER, CALL, END, LOG, RUN, RUN_HEADER
from integrations.scripts.sandbox.process import KILLED_BY_CPU, Died, Jailed, Misbehaved

LARGEST_LOG = 64 * 1024
SMALLEST_END = 64 * 1024
"""Room for an error with its stack, however small results have to be."""
TOO_MANY_LOGS = "Further lines are left out: a run may log {log_lines} lines and {log_bytes} bytes."
NOTES = {
    "cpu": "The script computed for more than {cpu_seconds:g} s.",
    "wall": "The script took more than {wall_seconds:g} s, host calls included.",
    "memory": "The script used more than {memory_bytes} bytes of memory.",
    "calls": "The script made more than {calls} outgoing calls.",
    "host_calls": "The script made more than {host_calls} host calls.",
    "result": "The result of the script is larger than {result_bytes} bytes.",
}
BROKE = "The script's process ended unexpectedly (signal {signal})."
FORGED = "The script's process sent what no script can send, and was ended."


class OverLimit(Exception):
    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class Watch:
    """Both clocks of a run. Called, it returns the seconds until it is worth looking again. :raises OverLimit:"""

    def __init__(self, jailed: Jailed, limits: Limits) -> None:
        self._jailed, self._limits = jailed, limits
        self._started_at = time.monotonic()
        self._cpu_before = kernel.cpu_seconds(jailed.pid)
        self.cpu_seconds = 0.0

    def __call__(self) -> float:
        wall_left = self._limits.wall_seconds - self.wall_seconds
        if wall_left <= 0:
            raise OverLimit("wall")
        cpu_left = self._limits.cpu_seconds - self.look()
        if cpu_left <= 0:
            raise OverLimit("cpu")
        # The script cannot compute for longer than it takes, so this is never too late; a little, not to be early.
        return min(wall_left, cpu_left) + 0.002

    @property
    def wall_seconds(self) -> float:
        return time.monotonic() - self._started_at

    def look(self) -> float:
        """Return the seconds of CPU so far; where the kernel does not say, what it last said."""
        now = kernel.cpu_seconds(self._jailed.pid)
        if now is not None and self._cpu_before is not None:
            self.cpu_seconds = now - self._cpu_before
        return self.cpu_seconds


class Conversation:
    """Talks with one jailed process about one script. After anything but a returned end the process is to be killed."""

    def __init__(self, jailed: Jailed, *, host: Host, limits: Limits, first_own_line: int) -> None:
        self._jailed, self._host, self._limits = jailed, host, limits
        self._first_own_line = first_own_line
        self._watch = Watch(jailed, limits)
        self._calls = self._outgoing = 0
        self._log_lines, self._log_bytes = limits.log_lines, limits.log_bytes
        self.is_over = False

    def hold(self, program: Program, *, given: bytes, mode: int) -> Finished:
        """Run the program to its end. `is_over` says whether the process has ended it by itself and may go on."""
        try:
            ended = self._exchange(_frame(program, given=given, mode=mode, limits=self._limits))
        except OverLimit as error:
            ended = Finished(Ending.LIMIT, limit=error.limit)
        except Stop as error:
            ended = Finished(Ending.STOPPED, cause=error.cause, note=str(error))
        except Died as error:
            ended = self._died(error)
        except (Misbehaved, UnreadableEnd):
            ended = Finished(Ending.BROKEN, note=FORGED)
        return self._with_figures(ended)

    def _exchange(self, run: bytes) -> Finished:
        self._jailed.send(RUN, run, patience=self._watch)
        while True:
            kind, payload = self._jailed.receive(most=self._most, patience=self._watch)
            if kind == CALL:
                self._jailed.send(ANSWER, self._answer(payload), patience=self._watch)
            elif kind == LOG:
                self._log(payload)
            else:
                ended = end_of(payload, limits=self._limits, first_own_line=self._first_own_line)
                self.is_over = True
                return ended

    def _most(self, kind: bytes) -> int | None:
        end = self._limits.result_bytes + SMALLEST_END
        return {CALL: self._limits.answer_bytes, LOG: LARGEST_LOG, END: end}.get(kind)

    def _answer(self, payload: bytes) -> bytes:
        name, arguments = _call(payload)
        self._count(name)
        try:
            if arguments is None:
                raise HostError("HostRefused", f"The arguments are nested more than {DEEPEST} levels deep.")
            value = _offset(arguments) if name == "zone" else self._host.call(name, arguments)
            return self._fitting(json.dumps([True, value], allow_nan=False).encode())
        except HostError as error:
            return _refusal(error)

    def _fitting(self, answer: bytes) -> bytes:
        if len(answer) > self._limits.answer_bytes:
            raise HostError("HostRefused", f"The answer is larger than {self._limits.answer_bytes} bytes.")
        return answer

    def _count(self, name: str) -> None:
        self._calls += 1
        self._outgoing += name in OUTGOING
        if self._calls > self._limits.host_calls:
            raise OverLimit("host_calls")
        if self._outgoing > self._limits.calls:
            raise OverLimit("calls")

    def _log(self, payload: bytes) -> None:
        if self._log_lines <= 0 or self._log_bytes <= 0:
            return
        level, message, data = _line(payload)
        self._log_lines -= 1
        self._log_bytes -= len(payload)
        if self._log_lines > 0 and self._log_bytes > 0:
            self._host.log(level, message, data)
        else:
            self._host.log("warn", TOO_MANY_LOGS.format(**asdict(self._limits)), None)

    def _died(self, death: Died) -> Finished:
        if death.signal in KILLED_BY_CPU:
            return Finished(Ending.LIMIT, limit="cpu")
        return Finished(Ending.BROKEN, note=BROKE.format(signal=death.signal))

    def _with_figures(self, ended: Finished) -> Finished:
        note = ended.note
        if ended.ending is Ending.LIMIT and not note:
            note = NOTES[ended.limit].format(**asdict(self._limits))
        cpu = self._limits.cpu_seconds if ended.limit == "cpu" else self._watch.look()
        return replace(ended, note=note, cpu_seconds=cpu, wall_seconds=self._watch.wall_seconds, host_calls=self._calls)


def _frame(program: Program, *, given: bytes, mode: int, limits: Limits) -> bytes:
    source = program.source.encode("utf-8", "replace")
    header = RUN_HEADER.pack(
        limits.cpu_seconds,
        limits.memory_bytes,
        limits.result_bytes + SMALLEST_END,
        limits.answer_bytes,
        2 * limits.log_bytes + LARGEST_LOG,
        mode,
        len(source),
    )
    return header + source + given


def _call(payload: bytes) -> tuple[str, dict[str, JSON] | None]:
    """Return name and arguments; no arguments if they are nested too deep. :raises Misbehaved: if it is no call"""
    if safe_json.depth(payload, enough=DEEPEST) > DEEPEST:
        return "", None
    said = _parsed(payload)
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        raise Misbehaved("This is no call.")
    arguments = said.get("arguments")
    if not isinstance(arguments, dict):
        raise Misbehaved("This call has no arguments.")
    return said["name"], arguments


def _line(payload: bytes) -> tuple[str, str, JSON]:
    if safe_json.depth(payload, enough=DEEPEST) > DEEPEST:
        return "warn", f"A line is left out: its data is nested more than {DEEPEST} levels deep.", None
    said = _parsed(payload)
    if not isinstance(said, list) or len(said) != 3 or said[0] not in ("debug", "info", "warn", "error"):
        raise Misbehaved("This is no line of a log.")
    return said[0], str(said[1]), said[2]


def _parsed(payload: bytes) -> Any:
    try:
        return safe_json.parse(payload, max_bytes=len(payload), max_depth=DEEPEST)
    except safe_json.UnreadableJSON as error:
        raise Misbehaved(str(error)) from None


def _refusal(error: HostError) -> bytes:
    said = {"kind": error.kind, "message": error.message, "permanent": error.permanent, "facts": dict(error.facts)}
    return json.dumps([False, said], allow_nan=False).encode()


def _offset(arguments: Mapping[str, JSON]) -> int:
    """Return the minutes that a time zone (IANA name) is ahead of UTC at a time (ms since 1970)."""
    name, at = arguments.get("name"), arguments.get("at")
    try:
        zone, when = ZoneInfo(str(name)), datetime.fromtimestamp(float(str(at)) / 1000, UTC)
    except (ValueError, OverflowError, OSError, LookupError):
        raise HostError("HostRefused", f'There is no time zone "{name}", or no such time.') from None
    offset = when.astimezone(zone).utcoffset()
    return round(offset.total_seconds() / 60) if offset else 0
