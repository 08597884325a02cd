"""The verdict: what the rows, the CMS and the system of record must agree on when all is quiet."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.drill.day import Day
from tests.drill.looking import Sight
from tests.drill.runs import runs_written
from tests.simulators.record.control import RecordControl
from tests.simulators.record.journal import Effect
from tests.simulators.worklink.control import WorkLinkControl

WANTED = ("ScenarioSession", "CallSession", "Call")


@dataclass(frozen=True)
class Judge:
    """Yields one sentence for each breach of a promise; none: the drill has passed."""

    sight: Sight
    day: Day
    worklink: WorkLinkControl
    record: RecordControl

    def breaches(self) -> Iterator[str]:
        yield from self._webhooks()
        yield from rows_at_the_end(self.sight)
        yield from self._writes()
        yield from self._scripts()
        for order in sorted({job.order for job in self.day.jobs.values()}):
            yield from self._order(order)
            yield from self._doubles(order)

    def _webhooks(self) -> Iterator[str]:
        """Every acknowledged one is a row, and ended DONE, or SKIPPED where its type is not wanted."""
        kept = self.sight.received()
        for body, count in Counter(each.body for each in self.day.acknowledged()).items():
            states = kept.get(body, Counter())
            if states.total() < count:
                yield f"acknowledged {count} times, kept {states.total()} times: {body.decode()}"
        for body, states in kept.items():
            if set(states) != {"DONE" if _is_wanted(body) else "SKIPPED"}:
                yield f"a webhook ended {dict(states)}: {body.decode()}"

    def _writes(self) -> Iterator[str]:
        for pk, kind, record, state, verdict, note in self.sight.bad_writes():
            yield f"write {pk} ({kind} on {record}) ended {state} {verdict}: {note}"

    def _scripts(self) -> Iterator[str]:
        """One run of each script for each event, each counted once by the script itself, its requests carried out."""
        for pk, state, note in self.sight.bad_runs():
            yield f"run {pk} of a script ended {state}: {note}"
        for pk, record, state, note in self.sight.bad_requests():
            yield f"write {pk} (of a script on {record}) ended {state}: {note}"
        wanted, runs, counted = self.sight.runs()
        if not wanted == runs == counted:
            yield f"{wanted} runs of scripts have to be, one for each event of a session; {runs} are, {counted} counted"
        orders = {job.order for job in self.day.jobs.values()}
        notes = [str(note["body"]) for order in orders for note in self.record.children(order, "notes")]
        yield from runs_written(self.sight.runs_of_runners(), notes)

    def _order(self, number: str) -> Iterator[str]:
        """What the system of record holds of one order, field by field."""
        docs = [self.worklink.session(session) for session, job in self.day.jobs.items() if job.order == number]
        latest = max(docs, key=lambda doc: str(doc["endedAt"]))
        yield from _differences(f"order {number}", self.record.order(number), _of_order(latest))
        children = self.record.children(number, "sessions")
        notes = [str(note["body"]) for note in self.record.children(number, "notes")]
        for doc in docs:
            name = f"session {doc['databaseId']} of {number}"
            mine = [child for child in children if child.get("session") == doc["id"]]
            if len(mine) == 1:
                yield from _differences(name, mine[0], _of_session(doc))
            else:
                yield f"{name} has {len(mine)} child records"
            if (count := sum(f"Session {doc['id']} " in note for note in notes)) != 1:
                yield f"{name} has {count} notes"
            yield from self._seen(name, doc, [note for note in notes if f"Script saw {doc['id']}:" in note])
        yield from self._photos(number, docs)

    def _seen(self, name: str, doc: dict[str, Any], notes: list[str]) -> Iterator[str]:
        """The script's notes on a session: the last tells the latest state, and no state twice in a row."""
        idle = _as_script(doc["idleDuration"])
        meant = f"Script saw {doc['id']}: {doc['state']}, {doc['numberOfStepsViewed']}, {idle}"
        if notes[-1:] != [meant]:
            yield f"{name}: the script's last note is {notes[-1:]}, not {meant!r}"
        for one, two in pairwise(notes):
            if one == two:
                yield f"{name}: the script's note is there twice: {one}"

    def _photos(self, number: str, docs: list[dict[str, Any]]) -> Iterator[str]:
        by_id = self.worklink.state.nodes.by_id
        taken = [event for doc in docs for event in doc["_events"] if by_id[event]["valueType"] == "PHOTO"]
        attached = Counter(str(each["description"]) for each in self.record.children(number, "attachments"))
        for photo in taken:
            if attached[photo] != 1:
                yield f"photo {photo} of {number} is attached {attached[photo]} times"
        for stranger in attached.keys() - set(taken):
            yield f"order {number} has an attachment of {stranger}, which is no photo of its sessions"

    def _doubles(self, number: str) -> Iterator[str]:
        """The same content twice in a row was carried out twice: 1, 2, 1 is right, 1, 1 is not."""
        streams: dict[str, list[Effect]] = {}
        for effect in self.record.journal.of(number):
            content = effect.content.get("fields", effect.content)
            stream = str(content.get("session") or effect.what) if effect.what.startswith("sessions.") else effect.what
            streams.setdefault(stream, []).append(effect)
        for name, effects in streams.items():
            for one, two in pairwise(effects):
                if _content(one) == _content(two):
                    yield f"{name} on {number} was carried out twice, at {one.at} and {two.at}: {_content(two)}"


def rows_at_the_end(sight: Sight) -> Iterator[str]:
    """A log without gaps, and nothing that runs, waits or failed."""
    for workspace, count, first, last, distinct in sight.gaps():
        yield f"the log of workspace {workspace} has gaps: {count} events, {first} to {last}, {distinct} distinct"
    for table, pk, due_at, deaths in sight.running():
        yield f"{table} {pk} is still running, due {due_at}, {deaths} deaths"
    for table, pk, note in sight.failed():
        yield f"{table} {pk} failed: {note}"
    for what, count in sight.unfinished().items():
        yield f"not finished: {count} of {what}"


def _content(effect: Effect) -> Any:
    return effect.content.get("fields", effect.content)


def _of_order(doc: dict[str, Any]) -> dict[str, Any]:
    return {"u_session": doc["id"], "u_state": doc["state"], **_numbers(doc, "u_idle", "u_viewed")}


def _of_session(doc: dict[str, Any]) -> dict[str, Any]:
    return {"state": doc["state"], **_numbers(doc, "idle", "viewed")}


def _numbers(doc: dict[str, Any], idle: str, viewed: str) -> dict[str, Any]:
    return {idle: doc["idleDuration"], viewed: doc["numberOfStepsViewed"]}


def _as_script(number: float) -> str:
    """Write a number as JavaScript does."""
    return str(int(number)) if number == int(number) else repr(number)


def _differences(name: str, found: dict[str, Any], meant: dict[str, Any]) -> Iterator[str]:
    for field, value in meant.items():
        if found.get(field) != value:
            yield f"{name}: {field} is {found.get(field)!r}, and the CMS says {value!r}"


def _is_wanted(body: bytes) -> bool:
    told = json.loads(body)
    data = told.get("data", {})
    return told.get("type") == "resource" and (data.get("resource-type") or data.get("resource_type")) in WANTED
