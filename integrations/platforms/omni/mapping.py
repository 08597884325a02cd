"""The vendor's words and ours. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from integrations.events.reading import ItemRefused, moment_of
from integrations.platforms.omni.options import Conditions

_OF_API = frozenset({"$image", "$original_image", "identification_data"})
_IMAGES = ("image", "original_image")


def pushed_form(row: Mapping[str, Any], *, base_url: str) -> dict[str, Any]:
    """Rebuild what a push would have been from an event of the API, which has no attributes of profiles (sheet, 7.4).

    Everything else in `data` is kept under its name.
    """
    data: dict[str, Any] = row["data"] if isinstance(row.get("data"), dict) else {}
    event: dict[str, Any] = {"id": row.get("id"), "detection_date": row.get("date")}
    for name in _IMAGES:
        image = _image(data.get(f"${name}"))
        event |= {name: image, f"{name}_link": f"{base_url}/event-service/get-image/{image}" if image else None}
    found = {
        "type": str(row.get("type") or "").lower(),
        "activity_id": row.get("activityId"),
        "camera": {"id": row.get("cameraId"), "agent_id": row.get("agentId")},
        **{name: value for name, value in data.items() if name not in _OF_API},
        "event": event,
    }
    if isinstance(data.get("identification_data"), list):
        found["candidates"] = [_candidate(each) for each in data["identification_data"] if isinstance(each, dict)]
    return found


def _image(given: Any) -> str | None:
    return str(given["id"]) if isinstance(given, dict) and given.get("id") else None


def _candidate(data: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in data.items() if name not in ("profile_id", "confidence")}
    return {**rest, "profile": {"id": data.get("profile_id")}, "confidence": data.get("confidence")}


def id_of(pushed: Any) -> str:
    """Return the id of an event in the form of a push; "" if it has none."""
    event = pushed.get("event") if isinstance(pushed, dict) else None
    return str(event.get("id") or "").lower() if isinstance(event, dict) else ""


def date_of(row: Mapping[str, Any]) -> datetime | None:
    """Return when an event of the API happened; None if it does not say."""
    try:
        return moment_of(row.get("date"), "date")
    except ItemRefused:
        return None


def profiles_of(pushed: Mapping[str, Any]) -> list[str]:
    return [str(each["profile"].get("id") or "").lower() for each in _candidates(pushed)]


def is_wanted(pushed: Any, conditions: Conditions, *, groups: Mapping[str, Collection[str]]) -> bool:
    """Say whether an event passes our conditions (sheet, 3.2).

    `groups`: the watchlists of profiles that a push would name and the API does not.
    """
    if not isinstance(pushed, dict):
        return True  # it is refused where it is read, with a reason
    camera = pushed.get("camera") if isinstance(pushed.get("camera"), dict) else {}
    seen_groups = {each for candidate in _candidates(pushed) for each in _groups(candidate, groups)}
    return (
        _ok(conditions.types, {str(pushed.get("type") or "").upper()})
        and _ok(conditions.cameras, {str((camera or {}).get("id") or "").lower()})
        and _ok(conditions.agents, {str((camera or {}).get("agent_id") or "").lower()})
        and _ok(conditions.watchlists, seen_groups)
    )


def _candidates(pushed: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = pushed.get("candidates")
    rows = given if isinstance(given, list) else []
    return [each for each in rows if isinstance(each, dict) and isinstance(each.get("profile"), dict)]


def _groups(candidate: Mapping[str, Any], known: Mapping[str, Collection[str]]) -> Collection[str]:
    told = candidate.get("profile_groups")
    if isinstance(told, list):
        return {str(each.get("id") or "").lower() for each in told if isinstance(each, dict)}
    return known.get(str(candidate["profile"].get("id") or "").lower(), ())


def _ok(wanted: Collection[str], seen: Collection[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(seen)
