"""What each field of the schema answers. A field without an entry here is the document's value of that name."""

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from graphql import GraphQLError

from tests.simulators.clock import iso
from tests.simulators.engine.resolving import Doc, Resolver
from tests.simulators.worklink.files import signed_path
from tests.simulators.worklink.generated import Generated
from tests.simulators.worklink.paging import edges, ordered, page
from tests.simulators.worklink.state import View

REFERENCES = (
    "User.organization",
    "User.currentOrganization",
    "Scenario.author",
    "Scenario.originGroup",
    "ScenarioRelease.author",
    "ScenarioRelease.scenario",
    "ScenarioSessionStep.scenarioStep",
    "ScenarioSessionEvent.scenarioSessionStep",
    "ScenarioSessionPart.createdBy",
    "ScenarioSession.scenarioRelease",
    "CallSession.createdBy",
    "CallParticipant.user",
    "WebhookSubscription.topic",
)
CHILD_LISTS = {
    "Scenario.releases": "_releases",
    "ScenarioCatalog.scenarios": "_scenarios",
    "ScenarioSession.steps": "_steps",
    "ScenarioSession.parts": "_parts",
    "ScenarioSessionEvent.attachments": "_attachments",
    "CallSession.attachments": "_attachments",
}
ROOT_LISTS = {
    "Organization.groups": "Group",
    "Organization.scenarios": "Scenario",
    "Organization.scenarioCatalogs": "ScenarioCatalog",
    "Organization.scenarioSessions": "ScenarioSession",
    "Organization.calls": "CallSession",
    "Organization.members": "User",
    "Query.users": "User",
    "Query.scenarioSessions": "ScenarioSession",
    "Query.calls": "CallSession",
    "Query.webhookTopics": "WebhookTopic",
    "Query.webhookSubscriptions": "WebhookSubscription",
}
NOT_AUTHORIZED = "Not authorized to read object"


def _reference(field: str, doc: Doc, args: dict[str, Any], view: View) -> Doc | None:
    node_id = doc.get(field)
    if isinstance(node_id, dict):  # a generated one lies in its parent
        return node_id
    return None if node_id is None else _allowed(view.state.nodes.by_id[node_id], view)


def _allowed(doc: Doc, view: View) -> Doc:
    if not view.token.sees(doc):
        raise GraphQLError(NOT_AUTHORIZED)
    return doc


def _children(field: str, doc: Doc, args: dict[str, Any], view: View) -> Doc:
    by_id = view.state.nodes.by_id
    items = [by_id[each] if isinstance(each, str) else each for each in doc.get(field, ())]
    return page(ordered(items, args.get("orderBy")), args)


def _root_list(typename: str, doc: Doc, args: dict[str, Any], view: View) -> Doc:
    """What the caller may not see is missing without a word, from the count too."""
    if typename == "ScenarioSession" and (count := view.state.settings.generated_sessions):
        return page(Generated(count, view.state), args, required=view.state.settings.first_required)
    items: Sequence[Doc] = view.state.nodes.all(typename)
    if view.token.group is not None:
        items = [item for item in items if view.token.sees(item)]
    if wanted := args.get("externalData"):
        items = [item for item in items if _matches(item, wanted)]
    if text := args.get("fullText"):
        items = [item for item in items if text.lower() in f"{item['name']} {item['email']}".lower()]
    return page(ordered(items, args.get("orderBy")), args, required=view.state.settings.first_required)


def _matches(doc: Doc, wanted: dict[str, Any]) -> bool:
    value = (doc.get("externalData") or {}).get(wanted["key"])
    if wanted["type"] == "CONTAINS":
        return isinstance(value, list) and wanted["value"] in map(str, value)
    if wanted["type"] == "MATCH":
        return not isinstance(value, list | dict) and value is not None and str(value) == str(wanted["value"])
    raise GraphQLError(f"Unknown type {wanted['type']!r} of externalData filter")


def _node(doc: Doc, args: dict[str, Any], view: View) -> Doc | None:
    node = view.state.nodes.by_id.get(args["id"])
    if node is None or node.get("_readable_at", 0) > time.time():
        return None
    return _allowed(node, view)


def _viewer(doc: Doc, args: dict[str, Any], view: View) -> Doc:
    return view.state.nodes.all("User")[-1]


def _session_events(doc: Doc, args: dict[str, Any], view: View) -> Doc:
    by_id = view.state.nodes.by_id
    events = [by_id[each] if isinstance(each, str) else each for each in doc["_events"]]
    return page(_of_types(events, args.get("valueTypes")), args)


def _all_events(doc: Doc, args: dict[str, Any], view: View) -> Doc:
    reference = args.get("scenarioSessionId")
    nodes = view.state.nodes
    session = nodes.find("ScenarioSession", reference) if reference else None
    if reference and session is None:
        events: Sequence[Doc] = []
    else:
        events = [nodes.by_id[each] for each in session["_events"]] if session else nodes.all("ScenarioSessionEvent")
    visible = [event for event in events if view.token.sees(event)]
    return page(_of_types(visible, args.get("valueTypes")), args, required=view.state.settings.first_required)


def _of_types(events: Sequence[Doc], wanted: list[str] | None) -> Sequence[Doc]:
    return events if wanted is None else [event for event in events if event["valueType"] in wanted]


def _completed_steps(doc: Doc, args: dict[str, Any], view: View) -> Doc:
    by_id = view.state.nodes.by_id
    return page([step for step in (by_id[each] for each in doc["_steps"]) if step["endedAt"]], args)


def _event_data(doc: Doc, args: dict[str, Any], view: View) -> Any:
    data = doc["eventData"]
    return json.dumps(data) if view.state.settings.event_data_as_string else data


def _photo(doc: Doc, args: dict[str, Any], view: View) -> Doc | None:
    attachments = doc.get("_attachments") or ()
    return view.state.nodes.by_id[attachments[0]] if attachments and doc["valueType"] == "PHOTO" else None


def _file_url(doc: Doc, args: dict[str, Any], view: View) -> str:
    """A fresh link at each query."""
    expires = view.state.clock.now() + timedelta(seconds=view.state.settings.link_seconds)
    return view.state.public_url + signed_path(doc["id"], int(expires.timestamp()))


def _file_expires(doc: Doc, args: dict[str, Any], view: View) -> str:
    return iso(view.state.clock.now() + timedelta(seconds=view.state.settings.link_seconds))


def _participants(doc: Doc, args: dict[str, Any], view: View) -> Doc:
    return page(doc["_participants"], args)


def _edges(doc: Doc, args: dict[str, Any], view: View) -> list[Doc]:
    return edges(doc)


RESOLVERS: dict[str, Resolver] = {
    **{name: partial(_reference, name.partition(".")[2]) for name in REFERENCES},
    **{name: partial(_children, field) for name, field in CHILD_LISTS.items()},
    **{name: partial(_root_list, typename) for name, typename in ROOT_LISTS.items()},
    "Query.node": _node,
    "Query.viewer": _viewer,
    "Query.scenarioSessionEvents": _all_events,
    "ScenarioSession.events": _session_events,
    "ScenarioSession.completedSteps": _completed_steps,
    "ScenarioSessionEvent.eventData": _event_data,
    "ScenarioSessionEvent.photo": _photo,
    "Photo.fileUrl": _file_url,
    "Attachment.fileUrl": _file_url,
    "Attachment.fileURL": _file_url,
    "Attachment.fileURLExpiresAt": _file_expires,
    "CallSession.participants": _participants,
    "UserConnection.edges": _edges,
    "ScenarioSessionConnection.edges": _edges,
}
