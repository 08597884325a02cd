"""Events as they leave: the push form of OMNI Platform 1.18 (sheet, 4), and `data` of its GraphQL API (7.4). Pure.

One shape for websocket and webhook. A fact of our own has `type` and `event` like all others, so that one rule tells
repetitions apart: `event.id`.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrations.events.models import Event
from integrations.events.reading import AGENT_SLOT

# Greedy: a password may hold a slash or an @, and hiding too much is safe.
_USER_INFO = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s]*@", re.IGNORECASE)
_IN_QUERY = re.compile(r"([?&](?:user|username|login|pass|passwd|password|pwd|token)=)[^&#\s]*", re.IGNORECASE)
_OWN = ("activity_id", "camera", "candidates", "event", AGENT_SLOT)

# Where a platform, and we, serve the pictures of events, and the samples of profiles (sheet, 4.2).
IMAGES, SAMPLES = "event-service/get-image", "get-image"

Key = Callable[[str, Event], str]


@dataclass(frozen=True)
class Wire:
    """How events leave a workspace. `key(image_id, event)` is what makes the link of a picture work; "": it is open."""

    public_url: str
    mask: bool = True
    key: Key = lambda image_id, event: ""

    def body(self, event: Event) -> str:
        """Return the body of a push, the same for every receiver."""
        return json.dumps(self.document(event), ensure_ascii=False, separators=(",", ":"))

    def document(self, event: Event) -> dict[str, Any]:
        return self._recognised(event) if event.is_recognition else _fact(event)

    def _recognised(self, event: Event) -> dict[str, Any]:
        kept = event.payload
        document = {"type": event.type, "activity_id": kept.get("activity_id"), "camera": self._camera(kept["camera"])}
        if "candidates" in kept:
            document["candidates"] = [self._candidate(each, event) for each in kept["candidates"]]
        document |= {name: value for name, value in kept.items() if name not in _OWN}
        return document | {"event": self._event(event)}

    def _camera(self, camera: Mapping[str, Any]) -> dict[str, Any]:
        if not self.mask:
            return dict(camera)
        return dict(without_credentials(camera))

    def _candidate(self, candidate: Mapping[str, Any], event: Event) -> dict[str, Any]:
        profile = candidate["profile"]
        link = self._link(SAMPLES, profile.get("main_sample_id"), event)
        return {**candidate, "profile": {**profile, "sample_link": link}}

    def _event(self, event: Event) -> dict[str, Any]:
        kept = event.payload["event"]
        image, original = kept.get("image"), kept.get("original_image")
        own = {
            "id": str(event.uuid),
            "detection_date": spaced(event.occurred_at),
            "image": image,
            "original_image": original,
            "image_link": self._link(IMAGES, image, event),
            "original_image_link": self._link(IMAGES, original, event),
        }
        return own | {name: value for name, value in kept.items() if name not in own}

    def _link(self, path: str, image_id: str | None, event: Event) -> str | None:
        if not image_id:
            return None
        key = self.key(image_id, event)
        return f"{self.public_url}/{path}/{image_id}" + (f"?key={key}" if key else "")


def _fact(event: Event) -> dict[str, Any]:
    """A fact of our own: whose it is, what its work order was like, and what it tells."""
    return {
        "type": event.type,
        "event": {"id": str(event.uuid), "detection_date": spaced(event.occurred_at)},
        "source": {"type": event.source_type, "id": event.source_id},
        "subject": event.subject or None,
        "reason": event.reason,
        "work_order": event.about or None,
        "data": event.payload,
    }


def images_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the pictures that a recognition event has links of, by id: the path that each is served under."""
    event = payload.get("event") or {}
    found = {event.get(name): IMAGES for name in ("image", "original_image")}
    found |= {each["profile"].get("main_sample_id"): SAMPLES for each in payload.get("candidates") or ()}
    return {image: path for image, path in found.items() if image}


def graphql_data(event: Event) -> dict[str, Any]:
    """Return `EventOutput.data`: images under `$` keys, the profiles by id, and the object of the type."""
    kept = event.payload
    data: dict[str, Any] = {}
    for name in ("image", "original_image"):
        image = (kept.get("event") or {}).get(name)
        data[f"${name}"] = {"id": image} if image else None
    if "candidates" in kept:
        data["identification_data"] = [_identified(each) for each in kept["candidates"]]
    return data | {name: value for name, value in kept.items() if name not in _OWN}


def _identified(candidate: Mapping[str, Any]) -> dict[str, Any]:
    found = {"profile_id": candidate["profile"]["id"], "confidence": candidate.get("confidence")}
    return found | ({"deleted": True} if candidate.get("deleted") else {})


def spaced(moment: datetime) -> str:
    """Return a time as the push form has it: a space, six digits, +00:00 (sheet, 4.2)."""
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="microseconds")


def masked(text: str) -> str:
    """Hide user and password of any address in a text."""
    return _IN_QUERY.sub(r"\1***", _USER_INFO.sub(r"\1***@", text))


def without_credentials(value: Any) -> Any:
    """Return what JSON can hold with user and password of each address in it hidden."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {name: without_credentials(inner) for name, inner in value.items()}
    return [without_credentials(each) for each in value] if isinstance(value, list) else value
