"""How strong the jail of scripts is on this machine, as people are told."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.core.badges import badge
from integrations.scripts import guard

TONES = {"seccomp": "ok", "rlimits": "wait"}


@dataclass(frozen=True)
class Jail:
    badge: SafeString
    sentence: str


def jail() -> Jail:
    """Ask the sandbox of this process."""
    level, problem = guard.state()
    if problem:
        return Jail(badge(_("jail: {level}").format(level=level) if level else _("no sandbox"), "bad"), problem)
    said = {
        "seccomp": _("Scripts run in a process that can neither open files nor reach the network."),
        "rlimits": _(
            "Scripts run in a process with limits; this system lets it not be shut off from files and network."
        ),
    }
    none = _("Scripts run in a process of their own, which nothing holds: run your own scripts only.")
    return Jail(badge(_("jail: {level}").format(level=level), TONES.get(level, "bad")), said.get(level, none))
