"""The settings of a camera site's connection. It is a part of this installation and reaches nothing."""

from typing import Any

from integrations.connections import checks, setting_schema
from integrations.connections.schema import Field

SLUG = "camera"
SETTINGS = (
    Field("system", "System of record", help="Short name (slug) of the connection that the orders' keys belong to."),
)


def register() -> None:
    setting_schema.register(SLUG, SETTINGS, within=True)
    checks.register(SLUG, check)


def check(_connection: Any, _client: Any) -> str:
    return "The camera is a part of this installation: there is nothing to reach."
