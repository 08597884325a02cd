"""The scripts to start from do what they say, in the real sandbox."""

from collections.abc import Mapping
from typing import Any

import pytest

from integrations.scripts.pages.starting import templates
from integrations.scripts.sandbox import JSON, Ending, Finished, Program, Sandbox
from integrations.scripts.sandbox import shared as shared_sandbox
from tests.scripts.sandbox.hosts import Scripted, run

SOURCES = {template.name: template.source for template in templates()}
SESSION: dict[str, Any] = {
    "id": "s-1",
    "state": "COMPLETED",
    "startedAt": "2026-03-01T10:00:00Z",
    "endedAt": "2026-03-01T10:42:10Z",
    "numberOfStepsPossible": 8,
    "numberOfStepsViewed": 6,
    "externalData": {"work_order_id": "WO 7"},
}
CALL = {"id": "c-1", "startedAt": "2026-03-01T10:00:00Z", "endedAt": "2026-03-01T10:12:00Z"}
FACTS = {"call": {"minutes": 12, "people_text": "Ada, Bert"}}
ANSWERS = [
    {"step": "Quiz", "prompt": "Valve shut?", "value": "yes", "by": "Ada", "at": "2026-03-01T10:01:00Z"},
    {"step": "Quiz", "prompt": "Pressure?", "value": "9", "by": "Ada", "at": "2026-03-01T10:02:00Z"},
    {"step": "Form", "prompt": "Remarks", "value": "none", "by": "Ada", "at": "2026-03-01T10:03:00Z"},
]
SCHEDULED = {"type": "script.schedule"}
OF_SESSION = {"type": "session.updated", "resourceType": "ScenarioSession"}
OF_CALL = {"type": "call.updated", "resourceType": "CallSession"}


class House(Scripted):
    """Answers as a system that takes everything, with a store."""

    def __init__(self) -> None:
        super().__init__(self.answered)
        self.kept: dict[str, Any] = {}

    def answered(self, name: str, given: Mapping[str, Any]) -> JSON:
        if name == "store":
            kept: JSON = self._store(given)
            return kept
        if name == "record":
            return {"writeId": 5, "verdict": "CONFIRMED", "id": ""}
        return {"status": 200, "headers": {}, "text": "{}"}

    def _store(self, given: Mapping[str, Any]) -> Any:
        key, action = given["key"], given["action"]
        if action == "get":
            return self.kept.get(key)
        if action == "delete":
            return self.kept.pop(key, None)
        self.kept[key] = given["value"] if action == "set" else self.kept.get(key, 0) + given["by"]
        return self.kept[key]

    def outgoing(self) -> list[tuple[str, Mapping[str, Any]]]:
        return [(name, given) for name, given in self.calls if name in ("http", "record")]


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return shared_sandbox()


def tried(sandbox: Sandbox, name: str, host: House | None = None, **given: Any) -> Finished:
    event = given.pop("event", OF_SESSION)
    whole = {"event": event, "events": [event], "connections": ["cmms"], "now": "2026-03-02T01:10:00Z"} | given
    return run(sandbox, SOURCES[name], host=host or House(), match=True, **whole)


def test_there_is_one_for_each_flow() -> None:
    assert list(SOURCES) == ["sessions", "calls", "photos", "answers", "days"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_template_can_be_read(name: str, sandbox: Sandbox) -> None:
    assert sandbox.check(Program("javascript", SOURCES[name])) == []


@pytest.mark.parametrize("name", SOURCES)
def test_a_template_skips_what_is_not_its_own(name: str, sandbox: Sandbox) -> None:
    host = House()

    ended = tried(sandbox, name, host, event={"type": "workorder.updated", "resourceType": "workorder"})

    assert ended.ending is Ending.SKIPPED, ended
    assert host.outgoing() == []


def test_a_finished_session_goes_into_its_job(sandbox: Sandbox) -> None:
    host = House()

    ended = tried(sandbox, "sessions", host, session=SESSION)
    running = tried(sandbox, "sessions", session=SESSION | {"endedAt": None})

    ((_, sent),) = host.outgoing()
    assert (sent["method"], sent["url"]) == ("PATCH", "/jobs/WO%207")
    assert sent["json"] == {"status": "COMPLETED", "minutes": 42, "steps_pct": 75}
    assert (ended.ending, running.ending) == (Ending.RETURNED, Ending.SKIPPED)


def test_a_call_becomes_one_note(sandbox: Sandbox) -> None:
    host = House()

    ended = tried(sandbox, "calls", host, event=OF_CALL, call=CALL, order={"id": 7}, facts=FACTS)

    ((_, sent),) = host.outgoing()
    assert (sent["action"], sent["key"]) == ("note", "call:c-1")
    assert sent["text"] == "Remote call on 2026-03-01 10:00, 12 min, with Ada, Bert"
    assert ended.ending is Ending.RETURNED


def test_photos_are_attached_each_under_its_own_key(sandbox: Sandbox) -> None:
    photos = [{"id": 3, "step": "Seal before", "name": "a.jpg"}, {"id": 4, "step": "Seal after", "name": "b.jpg"}]
    host = House()

    tried(sandbox, "photos", host, event={"type": "photo.stored"}, photos=photos, order={"id": 7})
    chosen = tried(sandbox, "photos", photos=photos, order={"id": 7}, config={"step": "after"})

    assert [(sent["action"], sent["photo"], sent["key"]) for _, sent in host.outgoing()] == [
        ("attach", 0, "photo:3"),
        ("attach", 1, "photo:4"),
    ]
    assert chosen.value == {"attached": [{"name": "b.jpg", "step": "Seal after", "write": 5}]}


def test_answers_of_a_quiz_are_judged_and_sent_once(sandbox: Sandbox) -> None:
    host = House()
    right = {"Valve shut?": "yes", "Pressure?": "6"}

    ended = tried(sandbox, "answers", host, session=SESSION, answers=ANSWERS, config={"right": right, "passAt": 50})

    ((_, sent),) = host.outgoing()
    assert (sent["method"], sent["url"]) == ("PUT", "/results/s-1")
    assert (sent["json"]["score"], sent["json"]["passed"], sent["json"]["person"]) == (50, True, "Ada")
    assert sent["json"]["table"].startswith("prompt,value,by,at,right\r\nValve shut?,yes,Ada,")
    assert ended.value == {"score": 50, "passed": True, "questions": 2}


def test_sessions_are_counted_by_day_and_the_day_is_reported_once(sandbox: Sandbox) -> None:
    host = House()

    for session in (SESSION, SESSION, SESSION | {"id": "s-2"}):
        tried(sandbox, "days", host, session=session)
    counted = dict(host.kept)
    reported = tried(sandbox, "days", host, event=SCHEDULED)
    again = tried(sandbox, "days", host, event=SCHEDULED)

    assert (counted["2026-03-01:sessions"], counted["2026-03-01:minutes"]) == (2, 84)
    ((_, sent),) = host.outgoing()
    assert (sent["url"], sent["json"]) == ("/days/2026-03-01", {"day": "2026-03-01", "sessions": 2, "minutes": 84})
    assert (reported.ending, again.ending) == (Ending.RETURNED, Ending.SKIPPED)
