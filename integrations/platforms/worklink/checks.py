"""What "test connection" does: asks the server what it can do, and says it in words."""

from integrations.connections.models import Connection
from integrations.core.http import OutboundClient
from integrations.platforms.worklink import probing, pruning
from integrations.platforms.worklink.client import WorkLinkClient
from integrations.platforms.worklink.options import options_of
from integrations.platforms.worklink.probe import Capabilities


def check(connection: Connection, http: OutboundClient) -> str:
    """Probe the server and look at its newest session.

    :raises FieldportError: saying what does not work
    """
    client = WorkLinkClient(http, options=options_of(connection), able=Capabilities())
    able = probing.probe(connection, client)
    sight = pruning.look(client)
    version = f" {able.cms_version}" if able.cms_version else ""
    return " ".join(
        filter(None, (f"WorkLink{version} answered.", _visible(sight.sessions), sight.warning, _lacks(able)))
    )


def _visible(total: int | None) -> str:
    """Lists are pruned silently by the groups of a token (E15): only a person can judge the number."""
    if total is None:
        return "It does not list sessions, so lost notifications cannot be found."
    return f"The token sees {total} sessions; if there are more, it lacks groups."


def _lacks(able: Capabilities) -> str:
    return f"Not available there: {', '.join(able.missing)}." if able.missing else ""
