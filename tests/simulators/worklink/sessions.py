"""Running a scenario as a technician does; every stored change is notified."""

import hashlib
import time
from datetime import datetime
from typing import Any

from tests.simulators.engine.resolving import Doc
from tests.simulators.worklink.files import photo as picture
from tests.simulators.worklink.state import WorkLinkState
from tests.simulators.worklink.webhooks import Notifier

TYPES = ("PERSISTENT", "PASSIVE", "DEMO")
ANSWERS: dict[str, Any] = {
    "TEXT": "No leak found",
    "CHECKBOX": True,
    "NUMBER": 4.2,
    "MULTI_OPTION": ["ok"],
    "BARCODE": "SN-11",
}


class SessionEnded(ValueError):
    """The session has ended, or cannot go on in that way."""


class Sessions:
    def __init__(self, state: WorkLinkState, notifier: Notifier) -> None:
        self._state = state
        self._notifier = notifier

    def start(
        self,
        *,
        external_data: dict[str, Any] | None = None,
        scenario: str | None = None,
        session_type: str = "PASSIVE",
        user: str | None = None,
    ) -> Doc:
        """`scenario` and `user`: a global id, a numeric id, or a name; by default the first."""
        if session_type not in TYPES:
            raise ValueError(f"unknown session type {session_type!r}; known: {', '.join(TYPES)}")
        with self._state.lock:
            chosen, who = self._named("Scenario", scenario), self._named("User", user)
            session = self._create(chosen, session_type, external_data or {})
            self._add_part(session, who)
            self._add_event(session, "SESSION_STARTED", who)
            self._notifier.changed(session, "created")
            return session

    def step(self, session: Doc, *, count: int = 1) -> Doc:
        """View the next steps. A demo session keeps no step data."""
        with self._state.lock:
            self._require_open(session)
            if session["sessionType"] != "DEMO":
                for _ in range(count):
                    self._view_next_step(session)
            session["state"] = "IN_PROGRESS"
            self._changed(session, "updated")
            return session

    def answer(self, session: Doc, *, value_type: str = "TEXT", value: Any = None, prompt: str = "Result") -> Doc:
        """A form response on the current step."""
        with self._state.lock:
            event = self._respond(session, value_type, ANSWERS.get(value_type) if value is None else value, prompt)
            self._changed(session, "updated")
            return event

    def photo(self, session: Doc, *, name: str = "photo", content: bytes | None = None) -> Doc:
        """A picture on the current step; a generated JPEG unless bytes are given (only in this process)."""
        with self._state.lock:
            event = self._respond(session, "PHOTO", f"{name}.jpg", name)
            event["_attachments"] = [self._attachment(f"{name}.jpg", session, content)["id"]]
            self._changed(session, "updated")
            return event

    def exit(self, session: Doc) -> Doc:
        """Leave: a persistent session waits to be resumed, any other ends, finished or not."""
        with self._state.lock:
            self._require_open(session)
            self._add_event(session, "SESSION_EXITED", self._last_user(session))
            self._close_part(session)
            if session["sessionType"] == "PERSISTENT":
                session["state"], session["_paused_at"] = "PAUSED", self._state.now()
                self._changed(session, "paused")
            else:
                whole = session["numberOfStepsViewed"] >= session["numberOfStepsPossible"]
                self._end(session, "COMPLETED" if whole else "ABANDONED")
            return session

    def resume(self, session: Doc, *, user: str | None = None) -> Doc:
        with self._state.lock:
            if session["state"] != "PAUSED":
                raise SessionEnded(f"session {session['databaseId']} is {session['state']}, not PAUSED")
            who = self._named("User", user)
            session["idleDuration"] += seconds_between(session["_paused_at"], self._state.now())
            session["state"] = "IN_PROGRESS"
            self._add_part(session, who)
            self._add_event(session, "SESSION_RESUMED", who)
            self._changed(session, "resumed")
            return session

    def finish(self, session: Doc) -> Doc:
        with self._state.lock:
            self._require_open(session)
            self._add_event(session, "SESSION_FINISHED", self._last_user(session))
            self._close_part(session)
            self._end(session, "COMPLETED")
            return session

    def _respond(self, session: Doc, value_type: str, value: Any, prompt: str) -> Doc:
        self._require_open(session)
        event = self._add_event(session, "FORM_RESPONSE", self._last_user(session), value_type=value_type)
        event["eventData"] |= {"prompt": prompt, "value": value}
        return event

    def _create(self, scenario: Doc, session_type: str, external_data: dict[str, Any]) -> Doc:
        state = self._state
        return state.nodes.create(
            "ScenarioSession",
            state="CREATED",
            sessionType=session_type,
            startedAt=state.now(),
            endedAt=None,
            duration=0.0,
            idleDuration=0.0,
            numberOfStepsPossible=len(scenario["_steps"]),
            numberOfStepsViewed=0,
            percentOfStepsViewed=0.0,
            externalData=external_data,
            scenarioRelease=scenario["_releases"][-1],
            _steps=[],
            _events=[],
            _parts=[],
            _possible=scenario["_steps"],
            _group=scenario["_group"],
            _readable_at=time.time() + state.settings.unreadable_ms / 1000 if state.settings.unreadable_ms else 0,
        )

    def _view_next_step(self, session: Doc) -> None:
        nodes, now = self._state.nodes, self._state.now()
        if session["_steps"]:
            nodes.by_id[session["_steps"][-1]]["endedAt"] = now
        viewed = len(session["_steps"])
        if viewed >= session["numberOfStepsPossible"]:
            return
        step = nodes.create(
            "ScenarioSessionStep",
            scenarioStep=session["_possible"][viewed],
            startedAt=now,
            endedAt=None,
            _group=session["_group"],
        )
        session["_steps"].append(step["id"])
        session["numberOfStepsViewed"] = viewed + 1
        session["percentOfStepsViewed"] = 100 * (viewed + 1) / session["numberOfStepsPossible"]
        self._add_event(session, "STEP_ENTERED", self._last_user(session))

    def _add_event(self, session: Doc, kind: str, user: Doc, *, value_type: str | None = None) -> Doc:
        now = self._state.now()
        event = self._state.nodes.create(
            "ScenarioSessionEvent",
            type=kind,
            valueType=value_type,
            createdAt=now,
            receivedAt=now,
            eventData={"user_name": user["name"]},
            externalData={},
            scenarioSessionStep=session["_steps"][-1] if session["_steps"] else None,
            _attachments=[],
            _group=session["_group"],
        )
        session["_events"].append(event["id"])
        return event

    def _add_part(self, session: Doc, user: Doc) -> None:
        part = self._state.nodes.create(
            "ScenarioSessionPart",
            startedAt=self._state.now(),
            endedAt=None,
            createdBy=user["id"],
            externalData=session["externalData"],
            _group=session["_group"],
        )
        session["_parts"].append(part["id"])

    def _close_part(self, session: Doc) -> None:
        self._state.nodes.by_id[session["_parts"][-1]]["endedAt"] = self._state.now()

    def _attachment(self, name: str, session: Doc, content: bytes | None) -> Doc:
        nodes = self._state.nodes
        doc = nodes.create(
            "Attachment",
            name=name,
            type="photo",
            fileName=name,
            fileContentType="image/jpeg",
            fileUpdatedAt=self._state.now(),
            _group=session["_group"],
            _content=content,
        )
        data = content or picture(doc["id"], self._state.settings.photo_side)
        doc["fileSize"], doc["fileFingerprint"] = len(data), hashlib.md5(data).hexdigest()
        return doc

    def _last_user(self, session: Doc) -> Doc:
        part = self._state.nodes.by_id[session["_parts"][-1]]
        return self._state.nodes.by_id[part["createdBy"]]

    def _named(self, typename: str, reference: str | None) -> Doc:
        return named(self._state, typename, reference)

    def _require_open(self, session: Doc) -> None:
        if session["endedAt"] is not None or session["state"] == "PAUSED":
            raise SessionEnded(f"session {session['databaseId']} is {session['state']}")

    def _end(self, session: Doc, state: str) -> None:
        session["state"], session["endedAt"] = state, self._state.now()
        if session["_steps"]:
            self._state.nodes.by_id[session["_steps"][-1]]["endedAt"] = session["endedAt"]
        self._changed(session, "finished")

    def _changed(self, session: Doc, verb: str) -> None:
        session["duration"] = seconds_between(session["startedAt"], session["endedAt"] or self._state.now())
        self._notifier.changed(session, verb)


def named(state: WorkLinkState, typename: str, reference: str | None) -> Doc:
    """A node by global id, numeric id, name, or (a user) call id; without a reference the first.

    :raises LookupError: if there is none
    """
    if reference is None:
        return state.nodes.all(typename)[0]
    if doc := state.nodes.find(typename, reference):
        return doc
    for doc in state.nodes.all(typename):
        if reference in (doc.get("name"), doc.get("callId")):
            return doc
    raise LookupError(f"no {typename} {reference!r}")


def seconds_between(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
