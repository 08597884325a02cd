"""What a scenario session's document says, in our words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.platforms.worklink import mapping
from integrations.platforms.worklink.mapping import inner, node_list, text_of, time_of
from integrations.platforms.worklink.pictures import Picture, images_among, link_of

OPEN, COMPLETED, INCOMPLETE, ENDED = "open", "completed", "incomplete", "ended"
DEMO = "DEMO"


@dataclass(frozen=True)
class Answer:
    """One form response. `value` is as the vendor has it: text, number, truth or list."""

    step: str
    prompt: str
    type: str
    value: Any
    at: datetime | None
    by: str


@dataclass(frozen=True)
class SessionFacts:
    """The columns of a stored session."""

    database_id: str
    vendor_state: str
    session_type: str
    scenario_name: str
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    steps_possible: int | None
    steps_viewed: int | None
    outcome: str
    users: list[str]
    external_data: dict[str, Any]


def session_facts(document: Mapping[str, Any], *, unit: float | None, threshold: float) -> SessionFacts:
    """Read a session. `unit`: seconds per vendor unit of duration, once known; `threshold`: per cent of a whole run."""
    started_at = time_of(document.get("startedAt"))
    # finishedAt is what the first drafts of the vendor's pages call it (vendor sheet 4.4).
    ended_at = time_of(document.get("endedAt")) or time_of(document.get("finishedAt"))
    possible = mapping.count_of(document.get("numberOfStepsPossible"))
    viewed = mapping.count_of(document.get("numberOfStepsViewed"))
    return SessionFacts(
        database_id=text_of(document.get("databaseId"), most=64),
        vendor_state=text_of(document.get("state"), most=60),
        session_type=text_of(document.get("sessionType"), most=20).upper(),
        scenario_name=text_of(inner(document, "scenarioRelease", "scenario", "name")),
        started_at=started_at,
        ended_at=ended_at,
        seconds=mapping.seconds_of(document.get("duration"), unit=unit, started_at=started_at, ended_at=ended_at),
        steps_possible=possible,
        steps_viewed=viewed,
        outcome=outcome_of(ended=ended_at is not None, share=percent_of(viewed, possible), threshold=threshold),
        users=mapping.names_of([part.get("createdBy") for part in parts_in_order(document)]),
        external_data=mapping.external_data_of(document),
    )


def percent_of(viewed: int | None, possible: int | None) -> int | None:
    """Return the steps viewed in per cent: the vendor's own number has no documented scale (vendor sheet 4.4)."""
    if viewed is None or not possible:
        return None
    return round(100 * viewed / possible)


def outcome_of(*, ended: bool, share: int | None, threshold: float) -> str:
    """Only its end makes a session final (E9); left early it is incomplete (E10); without step data just ended."""
    if not ended:
        return OPEN
    if share is None:
        return ENDED
    return COMPLETED if share >= threshold else INCOMPLETE


def parts_in_order(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parts, oldest first: the query asks for the newest first."""
    return sorted(node_list(document.get("parts")), key=lambda part: text_of(part.get("startedAt")))


def latest_time(document: Mapping[str, Any]) -> datetime | None:
    """Return when the last thing happened that the document tells of."""
    events = [time_of(event.get("createdAt")) for event in node_list(document.get("events"))]
    times = [*events, time_of(document.get("startedAt")), time_of(document.get("endedAt"))]
    return max((at for at in times if at), default=None)


def answers_of(document: Mapping[str, Any]) -> list[Answer]:
    """Return the form responses, oldest first, photos apart."""
    found = [_answer(event) for event in node_list(document.get("events"))]
    return [answer for answer in found if answer is not None]


def _answer(event: dict[str, Any]) -> Answer | None:
    data = mapping.json_if_text(event.get("eventData"))
    kind = text_of(event.get("valueType"), most=40)
    if not isinstance(data, dict) or "value" not in data or kind == "PHOTO":
        return None
    return Answer(
        step=step_name(event),
        prompt=text_of(data.get("prompt")),
        type=kind or text_of(event.get("type"), most=40),
        value=data["value"],
        at=time_of(event.get("createdAt")),
        by=text_of(data.get("user_name")),
    )


def pictures_of(document: Mapping[str, Any]) -> list[Picture]:
    """Return the photos with the links of this reading. The first photo of an event has the event's id."""
    return [picture for event in node_list(document.get("events")) for picture in pictures_of_event(event)]


def pictures_of_event(event: dict[str, Any]) -> list[Picture]:
    files = images_among(node_list(event.get("attachments"))) or [inner(event, "photo")]
    found: list[Picture] = []
    for file in files:
        if url := link_of(file):
            own = f"{event.get('id')}/{file.get('id')}" if found else text_of(event.get("id"), most=255)
            found.append(Picture(own[:255], url, label_of(event, file), time_of(event.get("createdAt"))))
    return [picture for picture in found if picture.id]


def label_of(event: dict[str, Any], file: dict[str, Any]) -> str:
    """Name a photo by its step and the prompt it answers, else by its file."""
    data = mapping.json_if_text(event.get("eventData"))
    words = mapping.unique([step_name(event), text_of(inner(data, "prompt"))])
    return ": ".join(words)[:300] or text_of(file.get("name"))


def step_name(event: dict[str, Any]) -> str:
    return text_of(inner(event, "scenarioSessionStep", "scenarioStep", "name"))


def photo_count(document: Mapping[str, Any]) -> int:
    """Return how many photos a stored document tells of, whose links are gone."""
    return sum(_photos_in(event) for event in node_list(document.get("events")))


def _photos_in(event: dict[str, Any]) -> int:
    return len(images_among(node_list(event.get("attachments")))) or int(event.get("photo") is not None)
