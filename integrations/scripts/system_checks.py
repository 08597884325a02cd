"""Django's system check of the jail: a production that could not run its scripts says so before it starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from integrations.scripts import guard
from integrations.scripts.sandbox import Sandbox, SandboxUnavailable


def check_jail(**_: Any) -> list[CheckMessage]:
    """Start a jailed process and look how strong it is, where a level is asked for."""
    if settings.SCRIPT_JAIL_REQUIRED == "none":
        return []
    own = Sandbox(most=1, spare=0)
    try:
        problem = guard.weakness(own.level)
    except SandboxUnavailable as error:
        problem = str(error)
    finally:
        own.close()
    return [Error(problem, id="scripts.E001")] if problem else []
