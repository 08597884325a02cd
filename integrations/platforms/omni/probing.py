"""A client that knows what its server calls things: asked when the connection is new, and once a day."""

from datetime import datetime, timedelta

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.http import OutboundClient
from integrations.platforms.omni.abilities import from_json
from integrations.platforms.omni.client import OmniClient

PROBED_EVERY = timedelta(days=1)


def client_of(connection: Connection, http: OutboundClient, *, now: datetime | None = None) -> OmniClient:
    """Return the connection's client. `now`: the server is asked again if what is known is a day old."""
    client = OmniClient(http, able=from_json(connection.probe))
    if not client.able.at or (now and now - datetime.fromisoformat(client.able.at) > PROBED_EVERY):
        probe(connection, client, now=now or clock.now())
    return client


def probe(connection: Connection, client: OmniClient, *, now: datetime) -> None:
    """Ask the server what it can do, and keep it on the connection."""
    connection.probe = client.probe(at=now.isoformat()).as_json()
    Connection.objects.filter(pk=connection.pk).update(probe=connection.probe)
