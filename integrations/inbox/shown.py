"""A kept request as it may be shown: attacker-supplied text, with what proves its sender masked."""

import json
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.core.badges import SHOWN_MAX, code, pretty_json

MASKED = frozenset({"authorization", "proxy-authorization", "cookie", "x-webhook-token", "x-api-key", "x-auth-token"})


def masked(text: str, *, also: str = "") -> list[tuple[str, str]]:
    """Return kept headers in their order; those that carry a secret are masked. `also` names one more of them."""
    secret = MASKED | {also.lower()} if also else MASKED
    return [(name, "•••" if name.lower() in secret else value) for name, value in json.loads(text)]


def headers(text: str, *, also: str = "") -> SafeString:
    """Return the headers, masked, as a list."""
    lines = [f"{name}: {value}" for name, value in masked(text, also=also)]
    return code("\n".join(lines), label=_("Headers")) if lines else SafeString(_("none kept"))


def body(raw: Any) -> SafeString:
    """Return the body: JSON indented, other text as it is, bytes that are not UTF-8 as a hex start."""
    kept = bytes(raw)
    try:
        text = kept.decode()
    except UnicodeDecodeError:
        return code(_("Not UTF-8. It begins with:") + "\n" + kept[:512].hex(" "), label=_("Body"))
    if len(text) > SHOWN_MAX:  # indenting would multiply it
        return code(text, label=_("Body"))
    try:
        return pretty_json(json.loads(text), label=_("Body"))
    except (ValueError, RecursionError):
        return code(text or _("empty"), label=_("Body"))
