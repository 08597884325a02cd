"""How destinations and attempts are shown: one word for how a destination is, requests and answers as text."""

from typing import Any

from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.core.badges import badge, code, moment
from integrations.outbox.models import Attempt, Destination

MOST_COUNTED = 10_000
# Counted up to a bound: a list must open quickly while a hundred thousand wait at each.
_COUNTED = f"""(SELECT count(*) FROM (
  SELECT 1 FROM outbox_delivery d
  WHERE d.destination_id = outbox_destination.id AND d.state IN ('WAITING', 'RETRYING') LIMIT {MOST_COUNTED}
) AS counted)"""  # noqa: S608  a text of ours
DEPTH = RawSQL(_COUNTED, (), output_field=IntegerField())  # noqa: S611  as above


def standing(row: Destination) -> SafeString:
    """Return how a destination is doing, in a badge."""
    if row.retired_at:
        return badge(_("deleted"), "quiet")
    if not row.enabled:
        return badge(_("off"), "quiet")
    if row.suspended_at:
        title = _("Since {at} UTC one request a minute, until one is taken.")
        return badge(_("suspended"), "bad", title=title.format(at=f"{row.suspended_at:%Y-%m-%d %H:%M:%S}"))
    if row.failures:
        return badge(_("failing"), "wait", title=_("{count} in a row").format(count=row.failures))
    return badge(_("works"), "ok") if row.last_at else badge(_("nothing sent yet"), "quiet")


def last_result(row: Destination) -> SafeString:
    if row.last_at is None:
        return SafeString("–")
    return format_html('{} <span class="sentence">{}</span>', moment(row.last_at), row.last_note)


def depth(row: Any) -> str:
    return f"{MOST_COUNTED:,}+" if row.depth >= MOST_COUNTED else f"{row.depth:,}"


def attempt(row: Attempt) -> dict[str, Any]:
    """Return one attempt for the page of its delivery."""
    headers = row.request.get("headers", {})
    answer = row.answer
    sent = "\n".join([row.request.get("method", ""), *_lines(headers)])
    came = "\n".join([str(row.status or ""), *_lines(answer.get("headers", {})), "", answer.get("body", "")])
    return {
        "number": row.number,
        "at": moment(row.at),
        "ms": row.ms,
        "badge": badge(str(row.status or _("no answer")), "ok" if row.delivered else "bad"),
        "note": row.note,
        "request": code(sent.strip(), label=_("Request")),
        "answer": code(came.strip(), label=_("Answer")) if answer else "",
    }


def _lines(headers: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]
