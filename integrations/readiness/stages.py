"""The stages of a trial: look the record up, read the field, write it, read it back, restore it, read it back.

Each stage is committed before the request of the next leaves, and a write is asked for by its place in the trial: who
goes on after a death sends nothing twice, and restores what was written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

from django.utils.translation import gettext as _

from integrations.connections.client import ConnectionClient
from integrations.connections.models import Connection
from integrations.connections.services import is_capturing, open_client
from integrations.core import clock, safe_json
from integrations.core.errors import AuthFailed, PermanentError
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.readiness.choices import Finding, Stage
from integrations.readiness.models import FieldTrial
from integrations.readiness.watching import Watched
from integrations.readiness.ways import Way, operation_for
from integrations.sync import services as sync
from integrations.sync.delivering import lists_errors
from integrations.sync.lookup import look_up
from integrations.sync.mappings import nested
from integrations.sync.models import Operation, RecordWrite, WriteState
from integrations.sync.plans import Plan
from integrations.sync.readback import Meant, read_back, same
from integrations.sync.rendering import message_of
from integrations.sync.scripted import Effect, RawRequest, Undecided, send_raw

SOURCE = "readiness.trial"
REFUSED, UNCLEAR, HELD_BACK, TAKEN = "refused", "unclear", "held back", "taken"


class Over(Exception):
    """The trial ends here; the message says how."""

    def __init__(self, note: str, *, state: WorkState = WorkState.FAILED, **values: Any) -> None:
        super().__init__(note)
        self.note, self.state, self.values = note, state, values


class Later(Exception):
    """The system may apply late: look again at `due_at`."""

    def __init__(self, note: str, *, due_at: datetime) -> None:
        super().__init__(note)
        self.note, self.due_at = note, due_at


def loud(trial: FieldTrial, note: str) -> str:
    """Say first what has to be done by hand, if the trial's value may still be on the record."""
    if not trial.is_unrestored or not RecordWrite.objects.of_origin(trial.origin).exists():
        return note
    before = _("nothing") if trial.before in (None, "") else f"“{trial.before}”"
    words = _("NOT RESTORED: {field} of {record} may hold “{value}”; before it held {before}. ")
    words += _("Press “Restore now”, or set it by hand in the system. {note}")
    said = {"field": trial.target, "record": trial.record_key, "value": trial.value, "before": before, "note": note}
    return words.format(**said)


@dataclass
class Trial:
    claim: Claim

    @property
    def row(self) -> FieldTrial:
        row: FieldTrial = self.claim.row
        return row

    @cached_property
    def connection(self) -> Connection:
        return self.row.questionnaire.connection

    @cached_property
    def operation(self) -> Operation:
        return operation_for(self.row.questionnaire, Way(**self.row.way))

    @cached_property
    def client(self) -> Watched:
        return Watched(open_client(self.connection, claim=self.claim, for_writes=True))

    def go_on(self) -> None:
        """:raises Over: always, unless something is waited for"""
        if self.row.stage == Stage.ASKED:
            self._begin()
        if self.row.stage == Stage.WRITING:
            self._write()
        self._restore()

    def _begin(self) -> None:
        if reason := is_capturing(self.connection):
            raise Over(_("Nothing was sent. {reason}").format(reason=reason), stage=Stage.UNTOUCHED)
        record = self._record()
        self.row.record = record
        before = self._read("before")
        if same(self.row.value, before):
            raise Over(_("The field holds that value already; try it with another one."), stage=Stage.UNTOUCHED)
        self._save(stage=Stage.WRITING, record=record, before=before)

    def _record(self) -> dict[str, Any]:
        """Look the record up. :raises Over: if it is not there, not the only one, or closed"""
        lookup, key = self.operation.lookup, self.row.record_key
        if lookup is None:
            return {"id": key}
        found = look_up(cast(ConnectionClient, self.client), lookup, {"external_id": key})
        self._note("look-up", ok=found.record is not None and not found.closed)
        if found.record is None:
            said = _("The look-up found {count} records for {key}; name one that it finds alone. Nothing was written.")
            raise Over(said.format(count=len(found.records), key=key), stage=Stage.UNTOUCHED)
        if found.closed:
            said = _("The record {key} is closed in the system; name an open one. Nothing was written.")
            raise Over(said.format(key=key), stage=Stage.UNTOUCHED)
        return found.record

    def _write(self) -> None:
        said, note = self._send("write", ordinal=1, value=self.row.value)
        if said == HELD_BACK:
            raise Over(note, stage=Stage.UNTOUCHED)
        there, told = self._found_there(said, note)
        if said == UNCLEAR:
            self._decide(1, there=there)
        finding = Finding.WORKS if there else Finding.DIFFERS
        self._save(stage=Stage.WRITTEN, finding=finding, told=told, rereads=0)

    def _found_there(self, said: str, note: str) -> tuple[bool, str]:
        """Read back; say whether the value is there, and else what is. What cannot be read is restored all the same."""
        try:
            shown = self._read("read back")
        except PermanentError as error:
            return False, str(error)
        if said == REFUSED and same(self.row.before, shown):
            told = _("The system refused it, and the field is as it was. {note}").format(note=note)
            raise Over(told, stage=Stage.UNTOUCHED, finding=Finding.REFUSED, told=note)
        if same(self.row.value, shown):
            return True, ""
        if said != REFUSED:
            self._look_again_once(_("Read back as {shown}.").format(shown=_short(shown)))
        told = _("Read back as {shown} instead of {value}.")
        return False, told.format(shown=_short(shown), value=_short(self.row.value))

    def _restore(self) -> None:
        ordinal = 2 + self.row.restores
        said, note = self._send("restore", ordinal=ordinal, value=self.row.before)
        shown = self._read("read the restored")
        restored = same(self.row.before, shown)
        if said == UNCLEAR and (restored or self.row.rereads):
            self._decide(ordinal, there=restored)
        if not restored:
            if said in (TAKEN, UNCLEAR):
                self._look_again_once(_("It does not show the old value yet."))
            self._failed(note or _("It shows {shown}.").format(shown=_short(shown)))
        works = self.row.finding == Finding.WORKS
        told = _("Written, read back and restored.") if works else f"{self.row.told} {_('It is restored.')}".strip()
        raise Over(told, state=WorkState.DONE if works else WorkState.FAILED, stage=Stage.RESTORED)

    def _failed(self, note: str) -> None:
        raise Over(loud(self.row, note), restores=self.row.restores + 1, rereads=0)

    def _look_again_once(self, note: str) -> None:
        if self.row.rereads:
            return
        due_at = clock.now() + timedelta(seconds=self.connection.settle_seconds)
        self._save(rereads=1)
        raise Later(f"{note} {_('It is read again: some systems apply late.')}", due_at=due_at)

    def _read(self, name: str) -> Any:
        """Return what the field holds. :raises PermanentError: if it cannot be read"""
        context = self._context(None)
        meant = Meant({self.row.target: self.row.value})
        seen = read_back(cast(ConnectionClient, self.client), self.operation, context, meant)
        self._note(name, ok=seen.known, said="" if seen.known else seen.note, shown=seen.shown)
        if not seen.known:
            raise PermanentError(seen.note)
        return seen.shown.get(self.row.target)

    def _context(self, value: Any) -> dict[str, Any]:
        fields = nested({self.row.target: value})
        return {"external_id": self.row.record_key, "record": self.row.record or {}, "fields": fields}

    def _send(self, name: str, *, ordinal: int, value: Any) -> tuple[str, str]:
        """Send one write of the trial by the ledger; return how it went, and the sentence about it."""
        self.claim.renew(now=clock.now())
        effect, request = self._effect(ordinal), self._request(value)
        said, note = TAKEN, ""
        try:
            reply = send_raw(effect, request, fill=lambda given: given, now=clock.now())
            if reply.captured:
                said, note = HELD_BACK, _("Writes are held back: it was recorded and not sent.")
            elif lists_errors(_parsed(reply.text)):
                said, note = REFUSED, _("Answered with errors.")
        except Undecided as error:
            said, note = UNCLEAR, error.note
        except AuthFailed:
            self._note_write(name, effect, ok=False)
            raise
        except PermanentError as error:
            said, note = REFUSED, str(error)
        self._note_write(name, effect, ok=said == TAKEN)
        return said, note

    def _request(self, value: Any) -> RawRequest:
        message = message_of(Plan(self.operation, ()), self._context(value))
        if message.document:
            variables = message.body if isinstance(message.body, dict) else {}
            return RawRequest(
                path=message.path, headers=message.headers, document=message.document, variables=variables
            )
        return RawRequest(
            method=message.method, path=message.path, query=message.query, headers=message.headers, json=message.body
        )

    def _effect(self, ordinal: int) -> Effect:
        row = self.row
        return Effect(
            connection=self.connection,
            record_key=row.record_key,
            origin=row.origin,
            ordinal=ordinal,
            name=f"{row.origin}#{ordinal}",
            source_type=SOURCE,
            source_id=str(row.pk),
            subject=row.subject,
            occurred_at=row.created_at,
            event_type=SOURCE,
            reason="operator",
        )

    def _decide(self, ordinal: int, *, there: bool) -> None:
        """Settle a write of the trial of which no clear answer came, by what was read since."""
        write = RecordWrite.objects.of_origin(self.row.origin).get(ordinal=ordinal)
        if write.state == WriteState.UNSURE:
            decide = sync.mark_as_done if there else sync.give_up
            decide(write, by=self.row.origin, now=clock.now())

    def _note(self, name: str, *, ok: bool, said: str = "", **values: Any) -> None:
        step = {"name": name, "ok": ok, "said": said, "at": clock.now().isoformat(), **self.client.seen, **values}
        self._save(steps=[*self.row.steps, step])

    def _note_write(self, name: str, effect: Effect, *, ok: bool) -> None:
        write = RecordWrite.objects.of_origin(effect.origin).get(ordinal=effect.ordinal)
        step = {"name": name, "ok": ok, "said": write.note, "at": clock.now().isoformat(), "write": write.pk}
        step |= {"request": write.request, "status": write.answer_status, "answer": write.answer}
        self._save(steps=[*self.row.steps, step])

    def _save(self, **values: Any) -> None:
        """:raises LeaseLost:"""
        if FieldTrial.objects.all().held(self.claim).update(**values) != 1:
            raise LeaseLost
        for name, value in values.items():
            setattr(self.row, name, value)


def _parsed(text: str) -> Any:
    try:
        return safe_json.parse(text.encode())
    except safe_json.UnreadableJSON:
        return None


def _short(value: Any) -> str:
    text = _("nothing") if value in (None, "") else f"“{value}”"
    return text if len(text) <= 80 else f"{text[:78]}…”"
