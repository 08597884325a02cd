"""What a call's document says, in our words. Its shape is not documented; all of it may be missing. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.platforms.worklink import mapping
from integrations.platforms.worklink.mapping import inner, node_list, text_of, time_of
from integrations.platforms.worklink.pictures import Picture, images_among, link_of

OPEN, CONNECTED, UNANSWERED = "open", "connected", "unanswered"


@dataclass(frozen=True)
class CallFacts:
    """The columns of a stored call."""

    database_id: str
    vendor_state: str
    started_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    participants: list[dict[str, Any]]
    external_data: dict[str, Any]


def call_facts(document: Mapping[str, Any], *, unit: float | None) -> CallFacts:
    """Read a call. One that nobody answered took 0 seconds (E26)."""
    connected_at, ended_at = time_of(document.get("connectedAt")), time_of(document.get("endedAt"))
    started_at = time_of(document.get("startedAt"))
    seconds = mapping.seconds_of(
        document.get("duration"), unit=unit, started_at=_spoke_from(document), ended_at=ended_at
    )
    return CallFacts(
        database_id=text_of(document.get("databaseId"), most=64),
        vendor_state=text_of(document.get("state"), most=60),
        started_at=started_at,
        connected_at=connected_at,
        ended_at=ended_at,
        seconds=seconds if ended_at is None or was_answered(document) else 0.0,
        participants=[_participant(each) for each in node_list(document.get("participants"))],
        external_data=mapping.external_data_of(document),
    )


def was_answered(document: Mapping[str, Any]) -> bool:
    """Answered if it connected; where the server does not tell that, if it has a duration (vendor sheet 5d)."""
    if "connectedAt" in document:
        return time_of(document["connectedAt"]) is not None
    return bool(mapping.number_of(document.get("duration"))) or "duration" not in document


def outcome_of(document: Mapping[str, Any]) -> str:
    if time_of(document.get("endedAt")) is None:
        return OPEN
    return CONNECTED if was_answered(document) else UNANSWERED


def _spoke_from(document: Mapping[str, Any]) -> datetime | None:
    return time_of(document.get("connectedAt")) or time_of(document.get("startedAt"))


def _participant(node: dict[str, Any]) -> dict[str, Any]:
    user = node.get("user")
    return {
        "name": text_of(inner(user, "name")) or text_of(inner(user, "email")),
        "role": text_of(node.get("role"), most=60),
        "joined_at": mapping.iso(time_of(node.get("joinedAt"))),
        "left_at": mapping.iso(time_of(node.get("leftAt"))),
    }


def latest_time(document: Mapping[str, Any]) -> datetime | None:
    times = [time_of(document.get(name)) for name in ("startedAt", "connectedAt", "endedAt")]
    return max((at for at in times if at), default=None)


def pictures_of(document: Mapping[str, Any]) -> list[Picture]:
    """Return the call's screenshots with the links of this reading."""
    taken_at = time_of(document.get("startedAt"))
    files = images_among(node_list(document.get("attachments")))
    found = [(text_of(file.get("id"), most=255), link_of(file), text_of(file.get("name"))) for file in files]
    return [Picture(file_id, url, name, taken_at) for file_id, url, name in found if file_id and url]


def recordings_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the call's recordings; those of a stored document have no links any more."""
    return [file for file in node_list(document.get("attachments")) if is_recording(file)]


def is_recording(file: Mapping[str, Any]) -> bool:
    """Go by the content type; where there is none, by the kind of attachment."""
    if content_type := text_of(file.get("fileContentType")):
        return content_type.startswith(("video/", "audio/"))
    return text_of(file.get("type")).lower() in ("video", "audio", "recording")


def photo_count(document: Mapping[str, Any]) -> int:
    """Return how many screenshots a stored document tells of, whose links are gone."""
    return len(images_among(node_list(document.get("attachments"))))
