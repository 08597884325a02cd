"""Django's system checks for what every command needs: encryption keys, public address, allow-list."""

from typing import Any

from django.core.checks import CheckMessage, Error

from integrations.connections.installation import StartRefused, check_settings


def check_installation(**_: Any) -> list[CheckMessage]:
    try:
        check_settings()
    except StartRefused as refusal:
        return [Error(str(refusal), id="connections.E001")]
    return []
