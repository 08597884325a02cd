"""What a platform offers the house, and the registry that it fills in `AppConfig.ready()`."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from integrations.core.work import Claim


@dataclass(frozen=True)
class Incoming:
    """One request as it came: header names in lower case, the body's raw bytes."""

    headers: Mapping[str, str]
    body: bytes
    query: str = ""
    method: str = "POST"

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    def basic(self) -> tuple[str, str] | None:
        """Return user and password of an HTTP basic header; None if there is none that can be read."""
        kind, _, value = self.header("authorization").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return None
        return (user, password) if colon else None


class InvalidSignature(Exception):
    """The request does not prove where it comes from; the message says what was missing or wrong, never the secret."""


class Unreadable(Exception):
    """The body cannot be understood: the row ends FAILED with this sentence."""


@dataclass(frozen=True)
class Partly:
    """Part of what a webhook carries was refused: the rest is kept, and the row ends FAILED with this note."""

    note: str


class Unwanted(Exception):
    """Understood, but not of a kind that is processed: the row ends SKIPPED with this sentence."""

    def __init__(self, message: str, *, notice: "Notice | None" = None) -> None:
        super().__init__(message)
        self.notice = notice


@dataclass(frozen=True)
class Notice:
    """A thin notification: this resource changed. `verb` is in the past tense."""

    resource_type: str
    resource_id: str
    verb: str
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Received:
    """A kept webhook, as handed to its platform for processing."""

    id: int
    source_id: int
    connection_id: int
    incoming: Incoming
    received_at: datetime
    replay: bool = False


@dataclass(frozen=True)
class Fetch:
    """An order to read one resource again and store it, under the claim of its row.

    `connection` is the connection itself, where the caller has read it anyway.
    """

    connection_id: int
    resource_type: str
    resource_id: str
    started_at: datetime
    replay: bool = False
    claim: Claim | None = None
    connection: Any = None


@dataclass(frozen=True)
class Fetched:
    """What came of a fetch: a sentence for the row, and the subject it belongs to, once known."""

    note: str = ""
    subject: str = ""
    skipped: bool = False


class PlatformAdapter(Protocol):
    """One vendor. Thin platforms answer `notices`; a platform whose webhooks carry the facts answers `take`."""

    slug: ClassVar[str]
    label: ClassVar[str]
    not_found_schedule: ClassVar[Sequence[float]]

    def verify(self, request: Incoming, *, secrets: Sequence[str]) -> None:
        """Check the platform's own signature. :raises InvalidSignature:"""

    def delivery_key(self, request: Incoming) -> str | None:
        """Return the id that the vendor documents as unique per delivery; None: each delivery is a row of its own."""

    def notices(self, received: Received) -> Sequence[Notice]:
        """Return the resources a webhook names. :raises Unreadable: :raises Unwanted:"""

    def take(self, received: Received) -> str | Partly:
        """Store the facts that a webhook carries itself, inside the transaction that ends its row; return a note.

        An exception undoes what was stored. :raises Unreadable: :raises Unwanted:
        """

    def fetch(self, order: Fetch) -> Fetched:
        """Read the resource, store it, join it, publish. :raises TransientError: :raises PermanentError:"""


_adapters: dict[str, PlatformAdapter] = {}


def register(adapter: PlatformAdapter) -> None:
    _adapters[adapter.slug] = adapter


def adapter_of(slug: str) -> PlatformAdapter:
    """Return the adapter of a platform. :raises KeyError: if no app registered it"""
    return _adapters[slug]


def choices() -> list[tuple[str, str]]:
    """Return (slug, label) of all platforms, for form fields."""
    return sorted((adapter.slug, str(adapter.label)) for adapter in _adapters.values())


@dataclass(frozen=True)
class ContextField:
    """One field that mappings and scripts may use: dotted path, type (text, number, boolean, time, list, object).

    `volatile`: its value changes while the fact stays the same, as that of a link that expires: no reason to write.
    """

    path: str
    type: str
    label: str = ""
    volatile: bool = False


@dataclass(frozen=True)
class ScriptFacts:
    """What a script sees of a source beside its context: the platform's objects, with the vendor's names of fields.

    `objects`: by the name in `ctx`, such as `session`; `connection_id`: the account that they come from.
    """

    objects: Mapping[str, Any]
    connection_id: int
    resource_type: str
    resource_id: str


@dataclass(frozen=True)
class ContextKind:
    """A kind of source whose facts can be written: its fields, and how to load one as plain JSON values.

    `load(source_id)` returns `{"session": {...}, "order": {...}, ...}`; `open_paths` are prefixes under which any name
    is allowed, because the customer chooses them (external data). `joined(source_id, subject)` is told when an operator
    joined the source to a work order. `file(source_id)` returns name, content type and bytes of one that is a file.
    `lock(source_id)` locks the source's row, where it is locked before its join: everyone has to lock in one order.
    `script(source_id)` returns what scripts see of it.
    """

    source_type: str
    label: str
    event_types: Sequence[str]
    fields: Sequence[ContextField]
    load: Callable[[str], dict[str, Any]]
    open_paths: Sequence[str] = field(default_factory=tuple)
    joined: Callable[[str, str], None] | None = None
    file: Callable[[str], tuple[str, str, bytes]] | None = None
    lock: Callable[[str], None] | None = None
    script: Callable[[str], ScriptFacts] | None = None


_contexts: dict[str, ContextKind] = {}


def register_context(kind: ContextKind) -> None:
    _contexts[kind.source_type] = kind


def context_kind(source_type: str) -> ContextKind:
    """Return the context of a kind of source. :raises KeyError:"""
    return _contexts[source_type]


def context_kinds() -> list[ContextKind]:
    return list(_contexts.values())
