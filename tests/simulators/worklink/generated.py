"""Very many finished sessions, made when a page of them is asked for: nothing of them is kept."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, overload

from tests.simulators.clock import iso
from tests.simulators.engine.resolving import Doc
from tests.simulators.worklink.state import WorkLinkState

NEWEST = datetime(2026, 6, 1, 12, tzinfo=UTC)
APART = timedelta(minutes=5)
TAKES = timedelta(minutes=4)
STEPS = ("Isolate", "Check seals", "Measure vibration", "Photograph nameplate", "Restart")


class Generated(Sequence[Doc]):
    """Sessions by their place, the newest first; the same place is always the same session."""

    def __init__(self, count: int, state: WorkLinkState) -> None:
        self._count = count
        self._release = state.nodes.all("ScenarioRelease")[0]["id"]
        self._user = state.nodes.all("User")[0]

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Doc: ...
    @overload
    def __getitem__(self, place: slice) -> list[Doc]: ...
    def __getitem__(self, place: int | slice) -> Doc | list[Doc]:
        if isinstance(place, slice):
            return [self._session(each) for each in range(*place.indices(self._count))]
        return self._session(range(self._count)[place])

    def _session(self, place: int) -> Doc:
        number, started = self._count - place, NEWEST - place * APART
        steps = [_step(number, index, started) for index in range(len(STEPS))]
        times = {"startedAt": iso(started), "endedAt": iso(started + TAKES)}
        part = {**_node("ScenarioSessionPart", number), **times, "createdBy": self._user["id"], "externalData": {}}
        return {
            **_node("ScenarioSession", number),
            **times,
            "state": "COMPLETED",
            "sessionType": "PASSIVE",
            "duration": TAKES.total_seconds(),
            "idleDuration": 0.0,
            "numberOfStepsPossible": len(STEPS),
            "numberOfStepsViewed": len(STEPS),
            "percentOfStepsViewed": 100.0,
            "externalData": {"work_order_id": f"WO-{number:06d}"},
            "scenarioRelease": self._release,
            "_steps": steps,
            "_events": [self._answer(number, step, started) for step in steps],
            "_parts": [part],
        }

    def _answer(self, number: int, step: Doc, started: datetime) -> Doc:
        prompt = f"{step['scenarioStep']['name']}: value"
        return {
            **_node("ScenarioSessionEvent", number * 10 + step["scenarioStep"]["orderIndex"]),
            "type": "FORM_RESPONSE",
            "valueType": "NUMBER",
            "createdAt": iso(started),
            "receivedAt": iso(started),
            "eventData": {"user_name": self._user["name"], "prompt": prompt, "value": number % 97},
            "externalData": {},
            "scenarioSessionStep": step,
            "_attachments": [],
        }


def _step(number: int, index: int, started: datetime) -> Doc:
    step = {"name": STEPS[index], "orderIndex": index, "scenarioSequence": {"name": "Pump inspection"}}
    return {
        **_node("ScenarioSessionStep", number * 10 + index),
        "startedAt": iso(started),
        "endedAt": iso(started),
        "scenarioStep": {**_node("ScenarioStep", index), **step, "externalData": {}},
    }


def _node(typename: str, number: int) -> dict[str, Any]:
    return {"__typename": typename, "id": f"generated-{typename}-{number}", "databaseId": str(1_000_000 + number)}
