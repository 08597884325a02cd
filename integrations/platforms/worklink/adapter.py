"""WorkLink as a platform of the house."""

from collections.abc import Sequence
from typing import Any, ClassVar

from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core.errors import NotFound
from integrations.core.platforms import Fetch, Fetched, Incoming, InvalidSignature, Notice, Received, Unreadable
from integrations.core.signing import body_signatures, matches_any
from integrations.inbox.models import ReceivedWebhook
from integrations.inbox.services import want_resources
from integrations.platforms.worklink import names, notices, probing
from integrations.platforms.worklink.calls.kind import CALLS
from integrations.platforms.worklink.client import WorkLinkClient
from integrations.platforms.worklink.kinds import Kind
from integrations.platforms.worklink.options import SLUG
from integrations.platforms.worklink.sessions.kind import SESSIONS
from integrations.platforms.worklink.taking import take

SIGNATURE = "x-scope-hmac-sha256"
KINDS: dict[str, Kind[Any]] = {kind.resource_type: kind for kind in (SESSIONS, CALLS)}


class WorkLinkAdapter:
    slug: ClassVar[str] = SLUG
    label: ClassVar[str] = "Scope AR WorkLink"
    # Right after its creation an object may not be readable yet (vendor sheet 3.4).
    not_found_schedule: ClassVar[Sequence[float]] = (2.0, 10.0, 60.0, 600.0)

    def verify(self, request: Incoming, *, secrets: Sequence[str]) -> None:
        """Check generation B's signature: base64 of HMAC-SHA256 over the raw body (vendor sheet 3.2).

        Its hex form, and `sha256=` before either, prove the same and are accepted too.
        """
        given = request.header(SIGNATURE).strip().removeprefix("sha256=")
        if not given:
            raise InvalidSignature("The header X-Scope-Hmac-Sha256 is missing: only signed notifications are taken.")
        encodings = ("base64", "hex")
        expected = [each for name in encodings for each in body_signatures(request.body, secrets, encoding=name)]
        if not matches_any(given, expected):
            raise InvalidSignature("The signature in X-Scope-Hmac-Sha256 does not fit the body and the secret.")

    def delivery_key(self, request: Incoming) -> str | None:
        """X-Scope-Webhook-Id is documented for troubleshooting, not as unique; and two updates look alike."""
        return None

    def notices(self, received: Received) -> Sequence[Notice]:
        return [notices.notice_of(received.incoming)]

    def take(self, received: Received) -> str:
        raise Unreadable("WorkLink's notifications carry no facts of their own.")

    def fetch(self, order: Fetch) -> Fetched:
        """Read a session or call by its node id, never by the address that a notification names (A42)."""
        connection = order.connection or Connection.objects.get(pk=order.connection_id)
        client = probing.client_of(connection, open_client(connection, claim=order.claim))
        if order.resource_type == names.NODE:
            return _named(client, order)
        kind = KINDS.get(order.resource_type)
        if kind is None:
            return Fetched(note=f"Ignored: type {order.resource_type}.", skipped=True)
        reading = probing.asked(connection, client, lambda: client.read(order.resource_type, order.resource_id))
        return take(kind, connection=connection, order=order, reading=reading)


def _named(client: WorkLinkClient, order: Fetch) -> Fetched:
    """Learn the type of a node that came without one, and have it read as that (vendor sheet 3.3, rule 4)."""
    said = client.typename(order.resource_id)
    if not said:
        raise NotFound("WorkLink does not say which type the object has.")
    resource_type = names.type_name(said)
    if resource_type not in KINDS:
        return Fetched(note=f"Ignored: it is a {said}. Only sessions and calls are read.", skipped=True)
    # The webhooks that named it are found under its type from now on.
    named = ReceivedWebhook.objects.filter(source__connection=order.connection_id, resource_id=order.resource_id)
    named.filter(resource_type=names.NODE).update(resource_type=resource_type)
    notice = Notice(resource_type, order.resource_id, verb="updated")
    want_resources(order.connection_id, [notice], now=order.started_at, replay=order.replay)
    return Fetched(note=f"It is a {said}, and is read as one.")
