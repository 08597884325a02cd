"""What a webhook says: variants A1, A2, A3, B1 and B2 of the vendor sheet (section 3), mixed spellings too. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.core import safe_json
from integrations.core.platforms import Incoming, Notice, Unreadable, Unwanted
from integrations.platforms.worklink import names
from integrations.platforms.worklink.mapping import time_of

LONGEST_ID = 255
LONGEST_WORD = 40
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffd]")


@dataclass(frozen=True)
class Notification:
    """One delivery in our words. `resource_type` is "Node" where the delivery does not say it."""

    generation: str
    kind: str
    resource_type: str
    resource_id: str
    verb: str
    sent_at: datetime | None
    topic_version: str = ""

    @property
    def notice(self) -> Notice:
        return Notice(self.resource_type, self.resource_id, self.verb, self.sent_at)


def notice_of(incoming: Incoming) -> Notice:
    """Return the one resource that a delivery names.

    :raises Unreadable: if it is no JSON object, or names no resource
    :raises Unwanted: if it is about something that is not processed
    """
    told = parse(incoming)
    if told.kind != "resource":
        raise Unwanted(f"Ignored: a notification of kind “{told.kind}”, which names no session and no call.")
    if not told.resource_id:
        raise Unreadable("The notification names no resource: neither resource-id nor data.id is there.")
    if told.resource_type not in (*names.WANTED, names.NODE):
        raise Unwanted(f"Ignored: type {told.resource_type}. Only sessions and calls are read.", notice=told.notice)
    return told.notice


def parse(incoming: Incoming) -> Notification:
    """Put a delivery of any variant into our words. :raises Unreadable:"""
    body = _body(incoming.body)
    data = body.get("data")
    inner = data if isinstance(data, Mapping) else {}
    topic = _word(incoming.header("x-scope-topic"))
    return Notification(
        generation="B" if topic or incoming.header("x-scope-webhook-id") else "A",
        kind=_kind(incoming, body),
        resource_type=_type(body, inner, topic) or names.NODE,
        resource_id=_id(body, inner),
        verb=names.verb_name(_word(body.get("event")) or topic.partition("/")[2]),
        sent_at=time_of(body.get("time")),
        topic_version=_word(incoming.header("x-scope-topic-version")),
    )


def _body(raw: bytes) -> dict[str, Any]:
    try:
        body = safe_json.parse(raw)
    except safe_json.UnreadableJSON as error:
        raise Unreadable(f"The body cannot be read: {error}") from error
    if not isinstance(body, dict):
        raise Unreadable("The body is JSON, but not an object.")
    return _snake(body, depth=0)


def _snake(value: dict[str, Any], *, depth: int) -> dict[str, Any]:
    """Spell keys one way, two levels below the top: deeper ones are never looked at. The first spelling wins."""
    spelled: dict[str, Any] = {}
    for key, item in value.items():
        name = _HUMP.sub("_", key).replace("-", "_").lower()
        spelled.setdefault(name, _snake(item, depth=depth + 1) if isinstance(item, dict) and depth < 2 else item)
    return spelled


def _kind(incoming: Incoming, body: dict[str, Any]) -> str:
    """`type` of generation A, X-Scope-Webhook-Type of generation B; a node is a resource."""
    said = _word(incoming.header("x-scope-webhook-type")) or _word(body.get("type")) or "resource"
    return "resource" if said.lower() in ("node", "resource") else said


def _type(body: dict[str, Any], data: Mapping[str, Any], topic: str) -> str:
    for place in (data, _node(data), _node(body), body):
        if said := _word(place.get("resource_type")) or _word(place.get("__typename")):
            return names.type_name(said)
    return names.type_name(topic.partition("/")[0])


def _id(body: dict[str, Any], data: Mapping[str, Any]) -> str:
    candidates = (data.get("resource_id"), data.get("id"), _node(data).get("id"), _node(body).get("id"))
    for candidate in (*candidates, body.get("resource_id"), body.get("id")):
        if isinstance(candidate, str | int) and not isinstance(candidate, bool) and candidate != "":
            return _checked_id(candidate)
    return ""


def _checked_id(candidate: str | int) -> str:
    if isinstance(candidate, int) and abs(candidate) >= 10**30:
        raise Unreadable("The resource id is a number that is too large to be one.")
    text = str(candidate)
    if len(text) > LONGEST_ID or _UNSTORABLE.search(text):
        raise Unreadable(f"The resource id is longer than {LONGEST_ID} characters or has control characters.")
    return text


def _node(place: Mapping[str, Any]) -> Mapping[str, Any]:
    node = place.get("node")
    return node if isinstance(node, Mapping) else {}


def _word(value: object) -> str:
    """A short text that can be stored and shown; anything else is nothing."""
    if not isinstance(value, str):
        return ""
    return _UNSTORABLE.sub("", value).strip()[:LONGEST_WORD]
