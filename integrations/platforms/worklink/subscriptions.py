"""Generation B of webhooks: what can be subscribed to, and our subscriptions (vendor sheet 3.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core.errors import PermanentError
from integrations.core.ids import random_token
from integrations.inbox.models import Verification, WebhookSource
from integrations.platforms.worklink import probing, queries
from integrations.platforms.worklink.client import WorkLinkClient
from integrations.platforms.worklink.mapping import inner, node_list, text_of

WANTED_PREFIXES = ("scenario_session/", "call")
NOT_OFFERED = (
    "This CMS does not offer subscriptions. Ask Scope's support to enter the source's address as the organization's "
    "webhook instead (generation A)."
)


@dataclass(frozen=True)
class Topic:
    key: str
    version: str
    description: str = ""

    @property
    def wanted(self) -> bool:
        return self.key.startswith(WANTED_PREFIXES)


@dataclass(frozen=True)
class Subscription:
    id: str
    topic: str
    address: str


def topics(connection: Connection) -> list[Topic]:
    """Return what can be subscribed to, sessions and calls first. :raises PermanentError: :raises TransientError:"""
    found = node_list(_client(connection).ask(queries.TOPICS, {}).get("webhookTopics"))
    listed = [Topic(_text(each, "key"), _text(each, "version"), _text(each, "description")) for each in found]
    # A subscription that names no version gets the newest one of its topic.
    newest = {topic.key: topic for topic in sorted(listed, key=lambda topic: _numbers(topic.version))}
    return sorted(newest.values(), key=lambda topic: (not topic.wanted, topic.key))


def subscriptions(connection: Connection) -> list[Subscription]:
    """Return the organization's subscriptions, those to other addresses too."""
    found = node_list(_client(connection).ask(queries.SUBSCRIPTIONS, {}).get("webhookSubscriptions"))
    return [
        Subscription(_text(each, "id"), text_of(inner(each, "topic", "key")), _text(each, "callbackUrl"))
        for each in found
    ]


def subscribe(source: WebhookSource, keys: Sequence[str]) -> list[str]:
    """Subscribe a source's address to topics, leaving out those it has; return the topics that are new.

    The source gets a secret if it has none, and from then on takes signed notifications only.
    :raises PermanentError: naming the topic that was refused, and why
    """
    client, secret = _client(source.connection), _secret_of(source)
    have = {each.topic for each in subscriptions(source.connection) if each.address == source.address}
    new = [key for key in keys if key not in have]
    for key in new:
        variables = {"topic": key, "url": source.address, "secret": secret}
        answer = client.ask(queries.SUBSCRIBE, variables, effect=True)
        _check(answer.get("createWebhookSubscription"), what=f"the subscription to {key}")
    return new


def unsubscribe(connection: Connection, subscription_id: str) -> None:
    """Delete a subscription. :raises PermanentError: if WorkLink refuses"""
    answer = _client(connection).ask(queries.UNSUBSCRIBE, {"id": subscription_id}, effect=True)
    _check(answer.get("deleteWebhookSubscription"), what="deleting the subscription")


def _client(connection: Connection) -> WorkLinkClient:
    client = probing.client_of(connection, open_client(connection))
    if not client.able.subscribe:
        raise PermanentError(NOT_OFFERED)
    return client


def _secret_of(source: WebhookSource) -> str:
    """Return the secret that the CMS is to sign with, storing it before anything is signed with it."""
    if source.verification != Verification.PLATFORM or not source.secrets:
        source.secrets = source.secrets or [random_token(32)]
        source.verification = Verification.PLATFORM
        source.save(update_fields=["secrets", "verification"])
    return str(source.secrets[0])


def _check(payload: Any, *, what: str) -> None:
    errors = inner(payload, "errors")
    if payload is None or errors:
        said = "; ".join(f"{_text(each, 'field')} {_text(each, 'message')}".strip() for each in errors or [])
        raise PermanentError(f"WorkLink refused {what}: {said or 'it gave no reason'}.")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


def _text(node: dict[str, Any], name: str) -> str:
    return text_of(node.get(name), most=2000)
