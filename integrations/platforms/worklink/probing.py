"""A client whose queries fit its server: probed when the connection is new, or its schema changed."""

from collections.abc import Callable
from typing import TypeVar

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.http import OutboundClient
from integrations.platforms.worklink.client import WorkLinkClient
from integrations.platforms.worklink.options import options_of
from integrations.platforms.worklink.probe import Capabilities, from_json
from integrations.platforms.worklink.refusals import QueryRefused

Result = TypeVar("Result")

UNIT = "duration_unit"
# Seconds per unit of the vendor's durations, and what the unit is called.
UNITS = {0.001: "milliseconds", 1.0: "seconds", 60.0: "minutes", 3600.0: "hours"}


def client_of(connection: Connection, http: OutboundClient) -> WorkLinkClient:
    """Return the connection's client; the first time, the server is asked what it can do."""
    client = WorkLinkClient(http, options=options_of(connection), able=from_json(connection.probe))
    if not client.able.node:
        probe(connection, client)
    return client


def probe(connection: Connection, client: WorkLinkClient) -> Capabilities:
    """Ask the server what it can do, and keep it on the connection."""
    able = client.probe(at=clock.now().isoformat())
    note(connection, **able.as_json())
    return able


def note(connection: Connection, **facts: object) -> None:
    """Add to what is known of the server; nothing else of the connection is written."""
    connection.probe = {**connection.probe, **facts}
    Connection.objects.filter(pk=connection.pk).update(probe=connection.probe)


def asked(connection: Connection, client: WorkLinkClient, ask: Callable[[], Result]) -> Result:
    """Ask; if the server does not understand, look once what it has become, and ask again (E30)."""
    try:
        return ask()
    except QueryRefused:
        probe(connection, client)
    return ask()


def described(connection: Connection) -> list[tuple[str, str]]:
    """Return what is known of the server, in words, for the connection's page; empty before the first probe."""
    able, unit = from_json(connection.probe), connection.probe.get(UNIT)
    if not able.at:
        return []
    return [
        ("Version of the CMS", able.cms_version or "it does not say"),
        ("Calls are called", able.call_type or "there are none"),
        ("Unit of duration", UNITS.get(unit, "not known yet: end minus start counts")),
        ("Not available there", ", ".join(able.missing) or "nothing is missing"),
        ("Asked for at", able.at[:16].replace("T", " ") + " UTC"),
    ]
