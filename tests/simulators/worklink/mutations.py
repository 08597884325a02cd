"""Subscriptions of webhook generation B, 3.2."""

from typing import Any
from urllib.parse import urlsplit

from tests.simulators.engine.resolving import Doc, Resolver
from tests.simulators.worklink.state import View, WorkLinkState


def _create(doc: Doc, args: dict[str, Any], view: View) -> Doc:
    wanted = args["webhookSubscription"]
    topic = _find_topic(view.state, wanted["topic"])
    if view.token.group is not None:
        return _error("base", "Only administrators of the organization may subscribe")
    if topic is None:
        return _error("topic", "Topic does not exist")
    if urlsplit(wanted["callbackUrl"]).scheme not in ("http", "https"):
        return _error("callbackUrl", "must be an http or https address")
    if not wanted["sharedSecret"]:
        return _error("sharedSecret", "can't be blank")
    subscription = view.state.nodes.create(
        "WebhookSubscription",
        topic=topic["id"],
        callbackUrl=wanted["callbackUrl"],
        query=wanted.get("query"),
        _secret=wanted["sharedSecret"],
    )
    return {"errors": [], "webhookSubscription": subscription}


def _delete(doc: Doc, args: dict[str, Any], view: View) -> Doc:
    subscription = view.state.nodes.find("WebhookSubscription", args["id"])
    if subscription is None:
        return {**_error("id", "Subscription does not exist"), "deletedId": None}
    view.state.nodes.remove(subscription)
    return {"errors": [], "deletedId": subscription["id"]}


def _find_topic(state: WorkLinkState, wanted: dict[str, Any]) -> Doc | None:
    """By id, or by key; without a version the newest."""
    if wanted.get("id"):
        return state.nodes.find("WebhookTopic", wanted["id"])
    version = wanted.get("version")
    matching = [
        topic
        for topic in state.nodes.all("WebhookTopic")
        if topic["key"] == wanted.get("key") and version in (None, topic["version"])
    ]
    return max(matching, key=lambda topic: tuple(map(int, topic["version"].split("."))), default=None)


def _error(field: str, message: str) -> Doc:
    error = {"field": field, "path": [field], "message": message, "fullMessage": f"{field} {message}"}
    return {"errors": [error], "webhookSubscription": None}


MUTATIONS: dict[str, Resolver] = {
    "Mutation.createWebhookSubscription": _create,
    "Mutation.deleteWebhookSubscription": _delete,
}
