"""What a script's run asks for, and what it gets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.connections.models import Connection


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One write of one run: where it goes, who asks, and what it is about.

    `name` names the effect over all runs: the script's slug with an explicit key or, without one, `#ordinal`.
    `ordinal`: the n-th write of the run, from 1. `record_key`: what the system calls the record; its lane gives order.
    """

    connection: Connection
    record_key: str
    origin: str
    ordinal: int
    name: str
    source_type: str
    source_id: str
    subject: str
    occurred_at: datetime
    event_id: int | None = None
    event_type: str = ""
    reason: str = "live"


@dataclass(frozen=True, kw_only=True)
class RawRequest:
    """A script's own request. Texts of headers and bodies may hold placeholders of secrets.

    At most one of `json`, `form` and `text` is the body. With a GraphQL `document` there are `variables` instead; the
    path may be empty then. `timeout` is in seconds, for the whole request. `read_back`: a path, and a JMESPath
    expression over `{status, headers, body}` that holds if the effect is there. `hosts`: what an absolute address may
    name beside the connection's own.
    """

    method: str = "POST"
    path: str = ""
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    text: str | None = None
    document: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    timeout: float | None = None
    read_back: tuple[str, str] | None = None
    hosts: Collection[str] = ()


@dataclass(frozen=True)
class Reply:
    """An answer. `replayed`: from the ledger, nothing was sent. `captured`: recorded and not sent; the status is 202.

    Header names are in lower case. Where an effect was found by reading back, it is the read-back's answer; where an
    operator marked it as done, the status is 204.
    """

    status: int
    headers: dict[str, str]
    text: str
    write_id: int
    replayed: bool = False
    captured: bool = False


@dataclass(frozen=True)
class Performed:
    """What became of an operation: the verdict of its write, or SKIPPED; `id` of the child, where there is one.

    `record`: what was looked up for it just now, if anything was.
    """

    write_id: int
    verdict: str
    id: str = ""
    note: str = ""
    replayed: bool = False
    record: dict[str, Any] | None = None


class Waiting(Exception):
    """Not settled yet: ask again with the same origin and ordinal at `due_at`."""

    def __init__(self, note: str, *, due_at: datetime) -> None:
        super().__init__(note)
        self.note = note
        self.due_at = due_at


class NotDeterministic(Exception):
    """The run asked for something else under this ordinal (or key) before; the message says what."""


class Undecided(Exception):
    """It is not known whether it arrived, or which record is meant: an operator decides on the write first."""

    def __init__(self, note: str, *, write_id: int) -> None:
        super().__init__(note)
        self.note = note
        self.write_id = write_id
