"""The sandbox that this installation may use: none is better than one that is weaker than it asks for."""

from django.conf import settings

from integrations.scripts.sandbox import Sandbox, SandboxUnavailable, shared

LEVELS = ("none", "rlimits", "seccomp")
ASK_AGAIN = 300.0


class JailTooWeak(SandboxUnavailable):
    """This system cannot hold scripts as strongly as the installation asks for."""


def sandbox() -> Sandbox:
    """Return the process's sandbox. :raises SandboxUnavailable: also if its jail is weaker than is asked for"""
    found = shared()
    if problem := weakness(found.level):
        raise JailTooWeak(problem, retry_after=ASK_AGAIN)
    return found


def weakness(level: str) -> str:
    """Say why scripts do not run with a jail of this level; empty if they do."""
    required: str = settings.SCRIPT_JAIL_REQUIRED
    if LEVELS.index(level) >= LEVELS.index(required):
        return ""
    return (
        f"The jail of scripts is of the level {level} here, and SCRIPT_JAIL_REQUIRED asks for {required}: none runs. "
        "Run the workers on Linux with seccomp (x86-64 or aarch64), or lower SCRIPT_JAIL_REQUIRED knowingly."
    )


def state() -> tuple[str, str]:
    """Return the level here, empty if there is no sandbox, and why scripts do not run, empty if they do."""
    try:
        level = shared().level
    except SandboxUnavailable as error:
        return "", str(error)
    return level, weakness(level)
