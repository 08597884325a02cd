"""What of an event its filters look at. Pure."""

from collections.abc import Iterator
from typing import Any

from integrations.events.filters import Facts
from integrations.events.models import Event

RECOGNISED = ("IDENTIFICATION", "NON_IDENTIFICATION", "HAR", "ROI", "CROSSING", "FACE_HIDE_CONTROL")
CAMERAS, AGENTS, GROUPS, TYPES = "cameraIds", "agentIds", "profileGroupIds", "eventTypes"
WORK_ORDER = "workOrder."


def facts_of(event: Event) -> Facts:
    """Return the event's values by the names of the conditions, from what was kept with it and nothing else."""
    if event.is_recognition:
        return {
            TYPES: (event.type.upper(),),
            CAMERAS: (str(event.camera_id),) if event.camera_id else (),
            AGENTS: (str(event.agent_id),) if event.agent_id else (),
            GROUPS: frozenset(group_ids(event.payload)),
        }
    about = event.about if isinstance(event.about, dict) else {}
    return {TYPES: type_names(event.type)} | {f"{WORK_ORDER}{name}": (str(each),) for name, each in about.items()}


def type_names(type: str) -> tuple[str, ...]:
    """Return a type of our own and the patterns that stand for it: `a.b.c`, `a.b.*`, `a.*`."""
    parts = type.split(".")
    return (type, *(".".join(parts[:length]) + ".*" for length in range(len(parts) - 1, 0, -1)))


def group_ids(payload: dict[str, Any]) -> Iterator[str]:
    """Yield the watchlists that any candidate is in."""
    for candidate in payload.get("candidates") or ():
        for group in candidate.get("profile_groups") or ():
            yield str(group["id"])
