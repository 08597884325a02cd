"""A kept request as it may be shown: attacker-supplied text, with what proves its sender masked."""

import json
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.core.badges import SHOWN_MAX, code, pretty_json

MASKED = frozenset({"authorization", "proxy-authorization", "cookie", "x-webhook-token", "x-api-key", "x-auth-token"})


def headers(text: str, *, also: str = "") -> SafeString:
    """Return the headers as a list; those that carry a secret are masked. `also` names one more of them."""
    masked = MASKED | {also.lower()} if also else MASKED
    lines = [f"{name}: {'•••' if name.lower() in masked else value}" for name, value in json.loads(text)]
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
