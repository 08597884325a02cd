"""What the ledger knows of an effect before its next try, and what follows from it."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from integrations.sync.models import OperationKind, RecordWrite, Verdict, WriteState
from integrations.sync.plans import Plan
from integrations.sync.run import is_said_anew

REMEMBERED = 30
KNOWN_THERE = (Verdict.CONFIRMED, Verdict.UNVERIFIED)
_NEVER_APPLIED = (WriteState.FAILED, WriteState.SKIPPED)


@dataclass(frozen=True)
class Step:
    """What to do next: skip with a sentence; else create, or change a child that exists.

    `equals`: skipped because another source's write left this very content on the record, which is remembered.
    `seek`: an earlier try may have arrived, so look for the effect first.
    """

    skip: str = ""
    equals: bool = False
    update: bool = False
    child_id: str = ""
    seek: bool = False


@dataclass(frozen=True)
class Earlier:
    """A numbered write of the same effect."""

    pk: int
    generation: int
    state: str
    verdict: str
    content_hash: str
    target_id: str
    sent_at: Any = None
    ended_at: Any = None

    @property
    def was_equal(self) -> bool:
        """Not sent, because the record held its content: of all skipped writes only these keep their hash."""
        return self.state == WriteState.SKIPPED and bool(self.content_hash)

    @property
    def counts(self) -> bool:
        return self.was_equal or (self.state not in _NEVER_APPLIED and self.verdict != Verdict.CAPTURED)

    @property
    def is_there(self) -> bool:
        return self.was_equal or (self.state == WriteState.DONE and self.verdict in KNOWN_THERE)

    @property
    def order(self) -> tuple[Any, int]:
        """By the time at which it was sent or compared: a row may be tried again long after it was made."""
        return (self.ended_at if self.was_equal else self.sent_at), self.pk


_COLUMNS = ("pk", "generation", "state", "verdict", "content_hash", "target_id", "sent_at", "ended_at")
_EFFECT = ("source_type", "source_id", "name")
# Plain numbers and texts, so it is read without the ORM, which takes four times the CPU here.
_ON_RECORD = """SELECT id, generation, state, verdict, content_hash, target_id, sent_at, ended_at,
source_type, source_id, name FROM sync_recordwrite
WHERE lane_id = %s AND operation_id = %s AND generation IS NOT NULL AND id <> %s ORDER BY id DESC LIMIT %s"""


@dataclass(frozen=True)
class Past:
    """Earlier writes of this effect, newest first; and the operation's newest on this record, whatever its source."""

    effect: tuple[Earlier, ...] = ()
    on_record: Earlier | None = None

    def next_generation(self, write: RecordWrite) -> int:
        return max([write.generation or 0, *(each.generation for each in self.effect)]) + 1

    def next_step(self, plan: Plan, write: RecordWrite, content_hash: str) -> Step:
        last = next((each for each in self.effect if each.counts), None)
        if plan.is_update:
            return self._of_update(last, write, content_hash)
        if is_said_anew(write, plan.operation.kind):
            last = next((each for each in self.effect if each.counts and each.content_hash == content_hash), None)
        if last is None:
            return Step()
        return self._of_child(last, plan, content_hash)

    def _of_child(self, last: Earlier, plan: Plan, content_hash: str) -> Step:
        """What is created: once, and changed afterwards only by a mapping that says how."""
        said = ""
        if last.state != WriteState.DONE:
            said = f"Write {last.pk} of the same {_kind(plan)} is not settled; it carries this content."
        elif not last.is_there:
            return Step(seek=True)
        elif plan.operation.kind != OperationKind.CREATE:
            said = f"It is there already, by write {last.pk}: a {_kind(plan)} is written once."
        elif last.content_hash == content_hash:
            said = f"The content equals the last confirmed write, {last.pk}."
        elif not plan.changes_children:
            said = f"It was created by write {last.pk}, and this mapping does not change it afterwards."
        return Step(skip=said, update=not said, child_id=last.target_id)

    def _of_update(self, last: Earlier | None, write: RecordWrite, content_hash: str) -> Step:
        """A source that says what it said last has no news: it must not overwrite what others said since.

        One that says something new is written, unless the newest write on the record, whoever's, says the same.
        """
        if write.reason == "operator":
            return Step()
        if last is not None and last.is_there and last.content_hash == content_hash:
            return Step(skip=f"The content equals the last confirmed write, {last.pk}.")
        newest = self.on_record
        if newest is not None and newest.is_there and newest.content_hash == content_hash:
            return Step(skip=f"The content equals the last confirmed write, {newest.pk}.", equals=True)
        return Step()


def _kind(plan: Plan) -> str:
    return {"NOTE": "note", "ATTACH": "attachment"}.get(plan.operation.kind, "child record")


def past_of(write: RecordWrite, *, whole_record: bool) -> Past:
    """Read the past of a write's effect; `whole_record`: also the newest write of its operation on the record."""
    rows = _on_record(write)
    mine = tuple(_earlier(row) for row in rows if _is_same_effect(row, write))
    if len(rows) == REMEMBERED:
        effect = RecordWrite.objects.numbered().of_effect(write).exclude(pk=write.pk).order_by("-generation")
        mine = tuple(_earlier(row) for row in effect.values(*_COLUMNS)[:REMEMBERED])
    mine = tuple(sorted(mine, key=lambda each: -each.generation))
    newest = max((each for each in map(_earlier, rows) if each.counts), key=lambda each: each.order, default=None)
    return Past(mine, newest if whole_record else None)


def _on_record(write: RecordWrite) -> list[dict[str, Any]]:
    """Return the other numbered writes of the operation on the record, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_ON_RECORD, [write.lane_id, write.operation_id, write.pk, REMEMBERED])
        return [dict(zip((*_COLUMNS, *_EFFECT), row, strict=True)) for row in cursor.fetchall()]


def _is_same_effect(row: dict[str, Any], write: RecordWrite) -> bool:
    return all(row[name] == getattr(write, name) for name in _EFFECT)


def _earlier(row: dict[str, Any]) -> Earlier:
    return Earlier(*(row[name] for name in _COLUMNS))
