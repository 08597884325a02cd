"""What the writes of one run of a lane share: the client, contexts, look-ups."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from integrations.connections.client import ConnectionClient
from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core import clock
from integrations.core.platforms import ContextKind, context_kind
from integrations.core.work import Claim
from integrations.sync.given import PHOTO, given_of, photo_of, with_given
from integrations.sync.lookup import Found, look_up
from integrations.sync.mappings import House
from integrations.sync.messages import File
from integrations.sync.models import Operation, OperationKind, RecordLane, RecordWrite
from integrations.sync.plans import Plan
from integrations.sync.script_source import SCRIPT


class SourceGone(Exception):
    """What should be written is not there any more; the message says so."""


class Held(Exception):
    """The lane stops here until `due_at`. `failed`: a failure holds it, and newer facts wait too."""

    def __init__(self, note: str, *, due_at: datetime, failed: bool = False) -> None:
        super().__init__(note)
        self.note = note
        self.due_at = due_at
        self.failed = failed


@dataclass
class Run:
    """One run of a lane. Contexts are read after the list of writes, so they are as new as every one of them."""

    claim: Claim
    contexts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    lookups: dict[int, Found] = field(default_factory=dict)

    @property
    def lane(self) -> RecordLane:
        lane: RecordLane = self.claim.row
        return lane

    @property
    def connection(self) -> Connection:
        return self.lane.connection

    @cached_property
    def client(self) -> ConnectionClient:
        return open_client(self.connection, claim=self.claim, for_writes=True)

    @property
    def now(self) -> datetime:
        return clock.now()

    @property
    def settle(self) -> timedelta:
        return timedelta(seconds=self.connection.settle_seconds)

    @property
    def house(self) -> House:
        return House(self.connection.time_zone, self.connection.date_format)

    def context(self, write: RecordWrite) -> dict[str, Any]:
        """Return the source's facts as they are now, with what a script gave. :raises SourceGone: :raises NotKept:"""
        given = given_of(write)
        facts = self._facts(write)
        return facts if given is None else with_given(facts, given)

    def _facts(self, write: RecordWrite) -> dict[str, Any]:
        name = (write.source_type, write.source_id)
        if name not in self.contexts:
            try:
                loaded = kind_of(write).load(write.source_id)
            except (ObjectDoesNotExist, LookupError) as error:
                raise SourceGone(f"{write.source_type} {write.source_id} is not there any more.") from error
            self.contexts[name] = {**loaded, "external_id": self.lane.record_key}
        return self.contexts[name]

    def found(self, lookup: Operation, context: dict[str, Any]) -> Found:
        """Look the record up, once in a run."""
        if lookup.pk not in self.lookups:
            choice = str(self.lane.choices.get(str(lookup.pk), ""))
            self.lookups[lookup.pk] = look_up(self.client, lookup, context, choice=choice)
        return self.lookups[lookup.pk]


def kind_of(write: RecordWrite) -> ContextKind:
    """:raises SourceGone: if no app offers this kind of source"""
    try:
        return context_kind(write.source_type or SCRIPT)
    except KeyError as error:
        raise SourceGone(f"There is no source “{write.source_type}” in this installation.") from error


def file_of(write: RecordWrite) -> File:
    """Read the file to attach. :raises SourceGone: if the source has none"""
    kind, source_id = kind_of(write), write.source_id
    if photo := photo_of(write.given):
        kind, source_id = context_kind(PHOTO), photo
    if kind.file is None:
        raise SourceGone(f"{kind.label} has no file to attach; choose another source in the mapping.")
    try:
        name, content_type, data = kind.file(source_id)
    except (ObjectDoesNotExist, LookupError, ValueError, OSError) as error:
        raise SourceGone(f"The file of {kind.source_type} {source_id} is not there any more.") from error
    return File(name, content_type, data, hashlib.sha256(data).hexdigest())


def effect_id(plan: Plan, write: RecordWrite, record_key: str) -> str:
    """Name an effect: the same for every try and generation, and for no other one, in any installation."""
    operation = plan.operation
    made_of = (
        operation.pk,
        operation.created_at.isoformat(),
        record_key,
        write.source_type,
        write.source_id,
        write.name,
    )
    return hashlib.sha256("\x1f".join(map(str, made_of)).encode()).hexdigest()[:32]


def key_of(effect: str, generation: int) -> str:
    return effect if generation == 1 else f"{effect}-{generation}"


def key_word(plan: Plan, write: RecordWrite, *, effect: str, key: str, content_hash: str) -> str:
    """Return what `{key}` stands for: an update's own key; for what is created once, the name of the effect.

    A script may say something else later under the same name: another note, found by its content.
    """
    kind = plan.operation.kind
    if is_said_anew(write, kind):
        return f"{effect}-{content_hash[:12]}"
    return key if kind == OperationKind.UPDATE else effect


def is_said_anew(write: RecordWrite, kind: str) -> bool:
    """Whether this note or file, a script's, is written for each new content; a mapping's is written once."""
    return write.ordinal is not None and kind in (OperationKind.NOTE, OperationKind.ATTACH)
