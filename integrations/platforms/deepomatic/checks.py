"""What "test connection" does: reads the site's task groups, which every key may."""

from integrations.connections.models import Connection
from integrations.core.errors import NotFound, PermanentError
from integrations.core.http import OutboundClient
from integrations.platforms.deepomatic.client import DeepomaticClient
from integrations.platforms.deepomatic.options import LABEL

SHOWN = 8
NO_API = "There is no API v0.2 at this address: check the site's id and the region, and that the site is running."


def check(connection: Connection, http: OutboundClient) -> str:
    """:raises FieldportError: saying what does not work"""
    try:
        groups = DeepomaticClient(http).task_groups()
    except NotFound as error:
        raise PermanentError(f"{NO_API} {error}", status=error.status) from error
    names = ", ".join(group.name for group in groups[:SHOWN]) + (" …" if len(groups) > SHOWN else "")
    said = f"{LABEL} answered; the key sees {len(groups)} task groups{f': {names}' if names else ''}."
    return said if connection.credentials.get("connector_token") else f"{said} No token to hand users over with."
