"""What is configured of a script, in words; and how its runs are doing, in badges."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core import cron
from integrations.core.badges import Text, badge
from integrations.scripts.models import BatchBy, Script

SHOWN_TIMES = 5
BATCHES: dict[str, Text] = {
    BatchBy.SCRIPT: "",
    BatchBy.SUBJECT: gettext_lazy("of one work order"),
    BatchBy.SOURCE: gettext_lazy("of one source"),
}


def triggers(script: Script) -> str:
    """Say when a script runs."""
    found = []
    if script.event_types:
        found.append(_("on {events}").format(events=", ".join(map(str, script.event_types))) + _collected(script))
    if script.cron:
        found.append(_("at {cron} ({zone})").format(cron=script.cron, zone=script.time_zone))
    if not found:
        return _("By hand only.")
    words = _("; ").join(found)
    if script.condition:
        words += _("; if {condition}").format(condition=script.condition)
    return f"{words[0].upper()}{words[1:]}."


def _collected(script: Script) -> str:
    if not script.collects:
        return ""
    of = f" {BATCHES.get(script.batch_by, '')}".rstrip()
    return _(", up to {size} events{of} or {minutes:g} min in one run").format(
        size=script.batch_size, of=of, minutes=script.batch_minutes
    )


def state(script: Script) -> SafeString:
    if not script.enabled:
        return badge(_("off"), "quiet")
    return badge(_("on"), "ok") if script.active_version_id else badge(_("not published"), "wait")


def next_times(script: Script, *, after: datetime) -> SafeString | str:
    """Return the next times of the schedule as a list; a sentence where there is none."""
    if not script.cron or cron.problem_of(script.cron):
        return _("No schedule.")
    times = cron.next_times(script.cron, zone=script.time_zone, after=after, count=SHOWN_TIMES)
    there = [at.astimezone(ZoneInfo(script.time_zone)) for at in times]
    shown = ((at.isoformat(), f"{at:%a %d %b %H:%M}") for at in there)
    listed = format_html_join(", ", '<time datetime="{}">{}</time>', shown)
    return format_html("{} ({})", listed, script.time_zone)
