"""The analysis engine: the vendor's models decide on the tasks of a photo."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.camera.engines import settings
from integrations.camera.engines.checks import SettingsRefused
from integrations.camera.engines.contract import (
    ERROR,
    EngineFailed,
    GroupFacts,
    Message,
    Opening,
    Outcome,
    Picture,
    Report,
    Verdict,
)
from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core import clock
from integrations.core.errors import AuthFailed, Captured, Forbidden, NotFound, PermanentError, TransientError, Unsure
from integrations.core.http import OutboundClient
from integrations.core.images import MAX_BYTES
from integrations.core.work import Claim
from integrations.platforms.deepomatic import orders, sending
from integrations.platforms.deepomatic.client import DeepomaticClient
from integrations.platforms.deepomatic.mapping import Order, Submitted, TaskState
from integrations.platforms.deepomatic.models import SentPhoto, VendorOrder
from integrations.platforms.deepomatic.options import LABEL, LINK, SLUG

LOCKED_OUT_SECONDS = 60.0
NO_CONNECTION = f"The task group needs a connection of the platform {LABEL}; choose one in it."


@dataclass(frozen=True)
class Names:
    """What the vendor calls a task group and its tasks: the same as we, unless the group's settings say otherwise."""

    group: str
    tasks: Mapping[str, str]

    def of(self, task: str) -> str:
        return self.tasks.get(task, task)


def read_names(group: GroupFacts) -> Names:
    """:raises SettingsRefused:"""
    settings.known_only(group.settings, "task_group", "tasks")
    tasks = settings.texts(group.settings, "tasks")
    settings.tasks_exist(group, tasks, setting="tasks")
    named = group.settings.get("task_group") or group.name
    if not isinstance(named, str):
        raise SettingsRefused("The setting 'task_group' is a text.")
    return Names(named, tasks)


def check(group: GroupFacts) -> None:
    """:raises SettingsRefused: for settings that cannot be used"""
    read_names(group)


@dataclass(frozen=True)
class Deepomatic:
    """Asks one site. `claim`: of the run; its number tells one analysis of a photo from the next."""

    connection: Connection
    http: OutboundClient
    claim: Claim | None

    def analyse(self, photo: Picture, group: GroupFacts, *, report: Report) -> Verdict:
        """:raises EngineFailed: :raises TransientError:"""
        try:
            names = read_names(group)
        except SettingsRefused as error:
            raise settings.unusable(group, error) from error
        image = sending.value_of(photo, by_link=self.connection.setting("photos_as") == LINK)
        with orders.held(self.connection, photo.order) as row, self._typed():
            return self._analysed(row, photo, group, names, image=image, report=report)

    def _analysed(
        self, row: VendorOrder, photo: Picture, group: GroupFacts, names: Names, *, image: str, report: Report
    ) -> Verdict:
        report(f"asking {LABEL}")
        empty = orders.made(row, photo.order, self.client)
        try:
            there = Order(row.external_id) if empty else self.client.retrieve(row.external_id)
            if found := self._sent_before(row, there, names):
                return verdict_of(found.messages, there.tasks_of(names.group), group, names)
            return self._send(row, there, group, names, image=image, report=report)
        except NotFound as error:
            raise orders.forget(row) from error

    @property
    def client(self) -> DeepomaticClient:
        return DeepomaticClient(self.http)

    @property
    def _run(self) -> int:
        return self.claim.pk if self.claim else 0

    def _sent_before(self, row: VendorOrder, there: Order, names: Names) -> Submitted | None:
        """Return the input that an earlier try of this run has brought, though its answer was lost."""
        sent = SentPhoto.objects.filter(order=row, run=self._run).first()
        fresh = there.fresh(before=sent.before, group=names.group) if sent else []
        return fresh[-1] if fresh else None

    def _send(
        self, row: VendorOrder, there: Order, group: GroupFacts, names: Names, *, image: str, report: Report
    ) -> Verdict:
        """Note what is there, then send: whoever is killed in between is followed by a try that looks first."""
        noted = {"order": row, "before": [each.id for each in there.inputs], "sent_at": clock.now()}
        SentPhoto.objects.update_or_create(run=self._run, defaults=noted)
        report(f"{LABEL} looks at the photo")
        try:
            said = self.client.analyze(row.external_id, image=image, context=names.group)
        except (PermanentError, Captured):
            SentPhoto.objects.filter(run=self._run).delete()
            raise
        verdict = verdict_of(said.messages, said.tasks, group, names)
        return Verdict(verdict.outcomes, verdict.messages, external_id=said.id)

    def _typed(self) -> "_Typed":
        return _Typed(self.connection)


@dataclass(frozen=True)
class _Typed:
    """What the vendor's refusals mean for an analysis."""

    connection: Connection

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, Unsure):
            raise orders.settled_after(error, self.connection) from error
        if isinstance(error, AuthFailed | Forbidden):
            said = f"{error} Photos wait until the connection {self.connection.name} is allowed again."
            raise TransientError(said, retry_after=LOCKED_OUT_SECONDS, status=error.status) from error
        if isinstance(error, Captured):
            raise EngineFailed(f"{error} So nobody has judged the photo.") from error


def verdict_of(messages: Any, tasks: Any, group: GroupFacts, names: Names, *, corrections: bool = False) -> Verdict:
    """Return what the vendor says in our words, tasks by their names. `corrections`: those made there count too.

    :raises EngineFailed: if it names none of our tasks
    """
    said: tuple[Message, ...] = tuple(messages)
    if any(message.severity == ERROR for message in said):
        return Verdict(messages=said)
    by_name: dict[str, TaskState] = {task.name: task for task in tasks}
    if group.tasks and not any(names.of(task.name) in by_name for task in group.tasks):
        raise EngineFailed(
            f"{LABEL}'s task group {names.group!r} has none of the tasks of {group.name!r}: names must be the same "
            'there, or be given in the setting "tasks".'
        )
    found = [(task.name, by_name.get(names.of(task.name))) for task in group.tasks]
    outcomes = [_outcome(name, state, corrections=corrections) for name, state in found]
    return Verdict(outcomes=outcomes, messages=said)


def _outcome(name: str, state: TaskState | None, *, corrections: bool) -> Outcome:
    if state is None:
        return Outcome(name, None)
    return Outcome(name, state.analyzed, state.regions, corrected=state.corrected if corrections else None)


def engine_of(opening: Opening) -> Deepomatic:
    """Make the engine of a task group. :raises EngineFailed: without a connection of this platform"""
    connection = opening.connection
    if connection is None or connection.platform != SLUG:
        raise EngineFailed(NO_CONNECTION)
    hosts = connection.setting("file_hosts") or ()
    http = open_client(connection, claim=opening.claim, allow_hosts=hosts)
    http.max_bytes = MAX_BYTES
    return Deepomatic(connection, http, opening.claim)
