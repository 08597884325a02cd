"""Django's system check of the decoder of HEIC photos: production says before it starts that it is weak."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from integrations.core import heif


def check_heic_jail(**_: Any) -> list[CheckMessage]:
    """Start the decoder and look how strong its jail is, where more than the limits is asked for."""
    problem = heif.weakness() if settings.HEIC_JAIL_REQUIRED != "rlimits" else ""
    return [Error(problem, id="core.E001")] if problem else []
