"""The host of one try of a run: it answers the script's calls, keeps its logs and a record of what it asked."""

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from integrations.connections.client import ConnectionClient
from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core.errors import (
    AddressRefused,
    FieldportError,
    OutboundOff,
    Paused,
    TransientError,
)
from integrations.core.work import Claim, LeaseLost
from integrations.scripts.hosting import records, requesting
from integrations.scripts.hosting.asking import Asked, Refused, refused
from integrations.scripts.hosting.journal import Call, Journal
from integrations.scripts.hosting.recorded import Recorded, failure_of
from integrations.scripts.hosting.records import photo_of
from integrations.scripts.hosting.writing import Writer
from integrations.scripts.memory import Memory, StoreRefused
from integrations.scripts.models import Script, ScriptRun
from integrations.scripts.sandbox import HostError, Stop
from integrations.scripts.secrets import Secrets, texts_in
from integrations.sync.scripted import NotDeterministic, Undecided, Waiting
from integrations.workorders.models import Photo
from integrations.workorders.photos import content_of

Json = Any
SHORTEST_CALL = 0.2
LARGEST_PHOTO = 8 * 1024 * 1024


@dataclass
class RunHost:
    """Answers `call(name, arguments)` for one try of a run.

    `claim`: the lane's, renewed before each request. `recorded`: answers look-ups instead of the systems themselves.
    """

    run: ScriptRun
    given: Mapping[str, Any]
    writer: Writer
    memory: Memory
    journal: Journal
    claim: Claim | None = None
    recorded: Recorded | None = None
    ends: float = 0.0
    writes: int = 0
    _clients: dict[int, ConnectionClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ends = self.ends or time.monotonic() + self.script.wall_seconds

    @property
    def script(self) -> Script:
        return self.run.script

    @cached_property
    def grants(self) -> dict[str, Connection]:
        return {grant.name: grant.connection for grant in self.script.granted}

    @cached_property
    def target(self) -> Connection | None:
        """The connection of `ctx.http`: the one marked so, or else the only one."""
        marked = [grant.connection for grant in self.script.granted if grant.is_target]
        only = list(self.grants.values()) if len(self.grants) == 1 else []
        return next(iter(marked or only), None)

    @cached_property
    def secrets(self) -> Secrets:
        credentials = [each.credentials for each in self.grants.values()]
        return Secrets(self.script.slug, self.script.secrets, others=texts_in(credentials))

    # the sandbox's side

    def call(self, name: str, arguments: Mapping[str, Json]) -> Json:
        """Answer one call. :raises HostError: what the script sees and may catch :raises Stop: the try ends here"""
        answers: dict[str, Callable[[RunHost, Asked], Json]] = {
            "http": requesting.http,
            "graphql": requesting.graphql,
            "record": records.record,
            "store": _store,
            "photo": _photo,
        }
        if name not in answers:
            raise HostError("HostRefused", f"There is no call “{name[:60]}”.")
        with _as_the_script_sees_it(self):
            return answers[name](self, Asked(name, arguments))

    def log(self, level: str, message: str, data: Json) -> None:
        self.journal.log(level, self.secrets.mask(message), self.secrets.mask(data))

    # what the calls share

    @contextmanager
    def calling(self, kind: str, title: str, request: Any, *, writes: bool = False) -> Iterator[Call]:
        """Keep one outgoing call, with what it failed with; masked."""
        with self.journal.call(kind, title, request, writes=writes) as call:
            try:
                yield call
            except (FieldportError, Refused) as error:
                call.note = str(self.secrets.mask(str(error)))[:1000]
                if isinstance(error, FieldportError) and error.status:
                    facts = answer_facts(self, error)
                    call.answered(error.status, facts["text"], facts["headers"])
                call.details["failure"] = failure_of(error)
                raise

    def client(self, connection: Connection) -> ConnectionClient:
        """Return the client of a connection for this try. :raises Paused:"""
        if connection.pk not in self._clients:
            hosts = tuple(self.script.allow_hosts)
            self._clients[connection.pk] = open_client(connection, claim=self.claim, allow_hosts=hosts)
        return self._clients[connection.pk]

    def connection(self, name: str) -> Connection:
        """Return the connection that a script calls `name`; empty: its target. :raises Refused:"""
        if name in self.grants:
            return self.grants[name]
        if not name or name == "target":
            return self.target or refused(
                "This script has no target connection: grant it one, and mark it as the target of ctx.http."
            )
        if name == "scope":
            return self._scope()
        known = ", ".join(self.grants) or "none"
        return refused(f"“{name[:60]}” is not granted to this script; granted: {known}.")

    def _scope(self) -> Connection:
        pk = self.given.get("scope")
        if pk is None:
            return refused("ctx.scope is there for runs on a platform's own object, such as a session.")
        return Connection.remembered(int(pk))

    def seconds(self, asked: float | None) -> float:
        """Return how long a request may take: what was asked for, and what is left of the run."""
        left = max(self.ends - time.monotonic(), SHORTEST_CALL)
        return min(asked, left) if asked else left

    def next_write(self) -> int:
        self.writes += 1
        return self.writes


@contextmanager
def _as_the_script_sees_it(host: RunHost) -> Iterator[None]:
    """Turn errors into what a script may catch, or into the end of the try."""
    try:
        yield
    except (Waiting, NotDeterministic, Undecided, Paused, OutboundOff, LeaseLost) as error:
        raise Stop(error) from error
    except (Refused, StoreRefused, AddressRefused) as error:
        raise HostError("HostRefused", str(error)) from error
    except FieldportError as error:
        raise HostError(
            "HttpError",
            str(host.secrets.mask(str(error))),
            permanent=not isinstance(error, TransientError),
            **answer_facts(host, error),
        ) from error


def answer_facts(host: RunHost, error: FieldportError) -> dict[str, Any]:
    """Return what a script sees of the answer that caused an error; empty where there was none."""
    text = error.content.decode("utf-8", "replace") if error.content else error.body_start
    headers = requesting.open_headers(host, error.headers)
    facts = {"status": error.status, "headers": headers, "text": host.secrets.mask(text)}
    after = getattr(error, "retry_after", None)
    return facts | ({"retryAfter": after} if after else {})


def _store(host: RunHost, asked: Asked) -> Json:
    action, key = asked.text("action"), asked.text("key")
    if action == "get":
        return host.memory.get(key)
    if action == "set":
        return host.memory.set(key, asked.given("value"), ttl_seconds=asked.number("ttlSeconds"))
    if action == "delete":
        return host.memory.delete(key)
    if action == "incr":
        by = asked.number("by")
        return host.memory.incr(key, 1 if by is None else by)
    return refused(f"ctx.store has no “{action}”.")


def _photo(host: RunHost, asked: Asked) -> Json:
    photo = Photo.objects.get(pk=photo_of(host, asked.number("index")))
    if photo.bytes > LARGEST_PHOTO:
        refused(f"The photo has {photo.bytes} bytes; a script is given at most {LARGEST_PHOTO}. Attach it instead.")
    return {"base64": base64.b64encode(content_of(photo)).decode()}
