"""Small pieces of markup that every list and page shares: badges, times, sentences, code blocks."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

Text = str | Promise

# What a state means to the person who looks at it, whichever row it belongs to.
TONES = {
    "DUE": "busy",
    "RUNNING": "busy",
    "WAITING": "wait",
    "SENT": "busy",
    "DONE": "ok",
    "CONFIRMED": "ok",
    "OK": "ok",
    "SKIPPED": "quiet",
    "CAPTURED": "quiet",
    "UNVERIFIED": "wait",
    "UNKNOWN": "quiet",
    "UNSURE": "bad",
    "DRIFTED": "bad",
    "FAILED": "bad",
    "FAILING": "bad",
    "AUTH_FAILED": "bad",
    "DELIVERED": "ok",
    "RETRYING": "wait",
    "EXPIRED": "bad",
    "DROPPED": "quiet",
}
SHOWN_MAX = 100_000


def badge(text: Text, tone: str, *, title: Text = "") -> SafeString:
    return format_html('<span class="badge badge-{}"{}>{}</span>', tone, _title(title), text)


def _title(title: Text) -> SafeString:
    return format_html(' title="{}"', title) if title else SafeString("")


def state_badge(state: str, label: Text) -> SafeString:
    return badge(label, TONES.get(state, "quiet"))


def moment(at: datetime | None) -> SafeString:
    """Return a short local time; the full one, with its zone, is its title."""
    if at is None:
        return SafeString("–")
    local = timezone.localtime(at)
    short = local.strftime("%d %b %H:%M:%S" if local.year == timezone.localtime().year else "%d %b %Y")
    full = f"{local:%Y-%m-%d %H:%M:%S %Z}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), full, short)


def sentence(text: Text) -> SafeString:
    return format_html('<span class="sentence">{}</span>', text)


def code(text: str, *, label: Text = "") -> SafeString:
    """Return text that may come from an attacker: escaped, cut, monospaced, scrollable by keyboard."""
    shown = text[:SHOWN_MAX]
    cut = _("… cut, {more} more characters").format(more=len(text) - SHOWN_MAX) if len(text) > SHOWN_MAX else ""
    markup = '<pre class="code" tabindex="0" role="region" aria-label="{}">{}{}</pre>'
    return format_html(markup, label or _("Text"), shown, cut)


def pretty_json(value: Any, *, label: Text = "") -> SafeString:
    return code(json.dumps(value, indent=2, ensure_ascii=False, default=str), label=label or "JSON")


def facts(pairs: Iterable[tuple[Text, Any]]) -> SafeString:
    """Return labelled values as a list of definitions."""
    rows = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", pairs)
    return format_html('<dl class="facts">{}</dl>', rows)


def progress_bar(*, done: int, total: int, ended: bool) -> SafeString:
    """How far slow work over counted rows has come; full once it has ended, however many there were."""
    total = max(total, done)
    words = _("{done} of {total}").format(done=f"{done:,}", total=f"{total:,}")
    value, most = (1, 1) if ended else (done, total or 1)
    bar = '<span class="progress"><progress max="{}" value="{}" aria-label="{}"></progress> {}</span>'
    return format_html(bar, most, value, _("Progress"), words)
