"""What "test connection" does for each platform, filled in `AppConfig.ready()`."""

from collections.abc import Callable

from integrations.connections.models import Connection
from integrations.core.http import OutboundClient

Check = Callable[[Connection, OutboundClient], str]

_checks: dict[str, Check] = {}


def register(slug: str, check: Check) -> None:
    """`check(connection, client)` asks the platform something harmless and returns a sentence for a person."""
    _checks[slug] = check


def check_of(slug: str) -> Check:
    return _checks.get(slug, _answers)


def _answers(connection: Connection, client: OutboundClient) -> str:
    response = client.request("GET", "")
    return f"{client.base_url} answered {response.status_code}."
