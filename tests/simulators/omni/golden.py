"""Invented things of a simulated platform, and what each type of event adds to the envelope (sheet, 4.3)."""

from typing import Any

Row = dict[str, Any]
TYPES = ("identification", "non_identification", "roi", "crossing", "har", "face_hide_control")
# The object that a type adds to the envelope; names of its members are inferred (sheet, 4.3).
OBJECTS: dict[str, Row] = {
    "roi": {"region_id": "04040404-1111-4222-8333-000000000001", "region_name": "Loading bay", "state": "in"},
    "crossing": {"line_id": "04040404-1111-4222-8333-000000000002", "line_name": "Door", "direction": "forward"},
    "har": {"action": "fall"},
    "face_hide_control": {
        "status": "hidden_or_low_quality",
        "region_id": "04040404-1111-4222-8333-000000000002",
    },
}
WORKSPACE = "0f0f0f0f-1111-4222-8333-00000000000f"
TOKEN = "omni-demo-access"


def _id(kind: str, number: int) -> str:
    return f"{kind * 4}-1111-4222-8333-{number:012}"


def agent_id(number: int = 1) -> str:
    return _id("0d", number)


def camera_id(number: int = 1) -> str:
    return _id("0c", number)


def group_id(number: int = 1) -> str:
    return _id("0b", number)


def profile_id(number: int = 1) -> str:
    return _id("0e", number)


def sample_id(number: int = 1) -> str:
    return _id("0f", number)


CAMERAS = ("North gate", "Loading bay", "Pump hall")
GROUPS = (("Technicians", "orange.400"), ("Visitors", "red.600"))
PEOPLE = ((41, "FEMALE", (1,)), (33, "MALE", (1, 2)), (58, "MALE", (2,)))


def agents() -> dict[str, Row]:
    return {agent_id(): {"id": agent_id(), "title": "Agent at the gate"}}


def cameras() -> dict[str, Row]:
    """The first camera's stream holds a password, and so does its title, as the vendor's may."""
    rows = [
        {
            "id": camera_id(number),
            "title": title,
            "type": "IP",
            "stream": f"rtsp://viewer:secret@10.0.0.{number}/main",
            "realName": None,
            "agentId": agent_id(),
        }
        for number, title in enumerate(CAMERAS, start=1)
    ]
    return {str(row["id"]): row for row in rows}


def groups() -> dict[str, Row]:
    rows = enumerate(GROUPS, start=1)
    return {group_id(n): {"id": group_id(n), "title": title, "info": {"color": color}} for n, (title, color) in rows}


def profiles() -> dict[str, Row]:
    found = {}
    for number, (age, gender, members) in enumerate(PEOPLE, start=1):
        found[profile_id(number)] = {
            "id": profile_id(number),
            "info": {"age": age, "gender": gender},
            "avatarId": sample_id(number),
            "mainSampleId": sample_id(number),
            "groups": [group_id(each) for each in members],
        }
    return found
