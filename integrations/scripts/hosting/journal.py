"""What a try did, for show: its logs, streamed to the run's row, and its outgoing calls."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from integrations.core.safe_json import storable
from integrations.scripts.models import ScriptCall, ScriptRun
from integrations.workorders.selectors import iso

STREAM_SECONDS = 0.5
ANSWER_SHOWN = 4000
READ_KEPT = 32_000
"""Of a look-up: a later dry run may be answered with it."""
HEADERS_KEPT = 8000
REQUEST_SHOWN = 16_000


@dataclass
class Call:
    """One outgoing call while it is made."""

    kind: str
    title: str
    request: Any
    ordinal: int
    writes: bool = False
    status: int | None = None
    answer: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    write_id: int | None = None
    milliseconds: float = 0.0
    at: datetime = field(default_factory=timezone.now)

    def answered(self, status: int | None, text: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.answer = status, text[: ANSWER_SHOWN if self.writes else READ_KEPT]
        if headers:
            self.details["headers"] = _fitting(headers)


def _fitting(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are kept: the short ones first, whole ones only."""
    kept, left = {}, HEADERS_KEPT
    for name, value in sorted(headers.items(), key=lambda header: len(header[1])):
        left -= len(name) + len(value)
        if left < 0:
            break
        kept[name] = value
    return kept


class Journal(Protocol):
    """Takes logs and calls of one try."""

    def log(self, level: str, message: str, data: Any) -> None: ...

    def call(self, kind: str, title: str, request: Any, *, writes: bool = False) -> Any:
        """Return a context manager around one outgoing call, which gives its Call."""


@dataclass
class Kept:
    """Keeps what happened in memory: for a dry run, and below for a live one."""

    logs: list[dict[str, Any]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def log(self, level: str, message: str, data: Any) -> None:
        line: dict[str, Any] = {"at": iso(timezone.now()), "level": level, "message": message}
        self.logs.append(storable(line if data is None else line | {"data": data}))

    @contextmanager
    def call(self, kind: str, title: str, request: Any, *, writes: bool = False) -> Iterator[Call]:
        call = Call(kind, title[:300], request, ordinal=len(self.calls) + 1, writes=writes)
        started = time.monotonic()
        try:
            yield call
        except Exception as error:
            call.note = call.note or str(error)[:1000]
            raise
        finally:
            call.milliseconds = (time.monotonic() - started) * 1000
            self.calls.append(call)
            self.done(call)

    def done(self, call: Call) -> None:
        """Nothing more here."""


@dataclass
class Streamed(Kept):
    """Writes logs and calls to the database about twice a second, and what is left when the try ends."""

    run: ScriptRun = field(default_factory=ScriptRun)
    _flushed_at: float = field(default_factory=time.monotonic)
    _unwritten: list[Call] = field(default_factory=list)

    def log(self, level: str, message: str, data: Any) -> None:
        super().log(level, message, data)
        self._flush_in_time()

    def done(self, call: Call) -> None:
        self._unwritten.append(call)
        self._flush_in_time()

    def _flush_in_time(self) -> None:
        if time.monotonic() - self._flushed_at > STREAM_SECONDS:
            ScriptRun.objects.filter(pk=self.run.pk).update(logs=self.logs)
            self.write_calls()

    def write_calls(self) -> None:
        """Insert the calls that are not rows yet."""
        self._flushed_at = time.monotonic()
        calls, self._unwritten = self._unwritten, []
        if calls:
            ScriptCall.objects.bulk_create([self._row(call) for call in calls])

    def _row(self, call: Call) -> ScriptCall:
        return ScriptCall(
            run=self.run,
            attempt=self.run.attempts,
            ordinal=call.ordinal,
            kind=call.kind,
            title=call.title,
            request=cut(call.request),
            status=call.status,
            answer=storable(call.answer),
            details=storable(call.details),
            note=call.note,
            milliseconds=call.milliseconds,
            write_id=call.write_id,
            at=call.at,
        )


def cut(request: Any) -> Any:
    """Return what is kept of a request for show."""
    text = json.dumps(request)
    return storable(request) if len(text) <= REQUEST_SHOWN else {"cut": text[:REQUEST_SHOWN]}
