"""What is asked of the sandbox and what comes back: values only, no language, no process, no table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from integrations.core.errors import TransientError

JSON: TypeAlias = bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"] | None

OUTGOING = frozenset({"http", "graphql", "record"})


@dataclass(frozen=True)
class Limits:
    """What one run may use. Time in seconds, sizes in bytes."""

    cpu_seconds: float = 5.0
    """Of the script alone: while a host call is answered this clock stands still."""
    wall_seconds: float = 30.0
    """From start to end, host calls included."""
    memory_bytes: int = 64 * 1024 * 1024
    """Of the engine's heap; at most `MOST_MEMORY`."""
    calls: int = 20
    """Host calls that go out: http, graphql, record."""
    host_calls: int = 2_000
    """Host calls of all kinds."""
    result_bytes: int = 1024 * 1024
    answer_bytes: int = 5 * 1024 * 1024
    """Of one host call's arguments, and of its answer, as JSON."""
    log_lines: int = 200
    log_bytes: int = 64 * 1024


MOST_MEMORY = 512 * 1024 * 1024
MOST_SOURCE = 256 * 1024


@dataclass(frozen=True)
class Program:
    language: str
    source: str


class Ending(StrEnum):
    RETURNED = "RETURNED"
    SKIPPED = "SKIPPED"
    RETRY = "RETRY"
    FAILED = "FAILED"
    THREW = "THREW"
    LIMIT = "LIMIT"
    BROKEN = "BROKEN"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class ErrorFacts:
    """An error that the script did not catch, as the script describes it: to be shown, not to be believed."""

    name: str
    message: str
    line: int | None = None
    column: int | None = None
    stack: str = ""
    permanent: bool = False
    retry_after: float | None = None


@dataclass(frozen=True)
class Finished:
    """How a run ended.

    `note` is a sentence for a person, or the script's own reason or message. `limit` names the limit of `LIMIT`:
    cpu, wall, memory, calls, host_calls or result.
    `retry_after` (seconds) comes from `ctx.retry` or from the error; `cause` is what the host gave to `Stop`.
    """

    ending: Ending
    value: JSON = None
    note: str = ""
    error: ErrorFacts | None = None
    limit: str = ""
    retry_after: float | None = None
    cause: object = None
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    host_calls: int = 0


@dataclass(frozen=True)
class SyntaxProblem:
    """Where a program cannot be read; lines and columns count from 1."""

    line: int
    column: int
    message: str


class HostError(Exception):
    """The host refuses or fails a call: a typed error in the script, which may catch it.

    `kind` is HttpError, GraphQLError, HostRefused or any other name; `facts` become its properties
    (HttpError: status, headers, text; GraphQLError: errors, data; any: retry_after in seconds).
    """

    def __init__(self, kind: str, message: str, *, permanent: bool = True, **facts: JSON) -> None:
        super().__init__(message)
        self.kind, self.message, self.permanent, self.facts = kind, message, permanent, facts


class Stop(Exception):
    """The host wants this run abandoned at once: the script does not hear of it, nothing it does after counts."""

    def __init__(self, cause: object) -> None:
        super().__init__(str(cause))
        self.cause = cause


class SandboxUnavailable(TransientError):
    """No jailed process could be had: it does not start, or too many scripts run already."""


class Host(Protocol):
    """Answers a script's calls, in the process and thread that called `Sandbox.run`.

    Names and arguments come from the script: they are to be checked like any request from outside. Their texts hold
    neither NUL nor lone surrogates.
    """

    def call(self, name: str, arguments: dict[str, JSON]) -> JSON:
        """Answer one call. Raise HostError for the script to see, Stop to abandon it."""

    def log(self, level: str, message: str, data: JSON) -> None:
        """Take one line: level is debug, info, warn or error. It comes as soon as the script writes it."""
