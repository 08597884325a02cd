"""Which issued link a session or call was started from, and whether someone changed it on the way (E24, E25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.connections.models import Connection
from integrations.core.statements import Reading
from integrations.platforms.worklink.links.composing import ISSUED
from integrations.platforms.worklink.models import IssuedLink, LinkCheck
from integrations.workorders.models import WorkOrder

LONGEST_NOTE = 300
_OF_CONNECTION = "JOIN worklink_linktemplate made ON made.id = t.template_id"
_NAMED = Reading(IssuedLink, f"{_OF_CONNECTION} WHERE t.lnk = %s AND made.connection_id = %s")
ISSUED_ONLY = "and this connection takes issued links only."
NOT_ISSUED = {
    LinkCheck.NONE: f"It was not started from an issued link, {ISSUED_ONLY}",
    LinkCheck.FOREIGN: f"It was started from a link that was not issued here, {ISSUED_ONLY}",
    LinkCheck.EDITED: f"It was started from an edited link, {ISSUED_ONLY}",
}


@dataclass(frozen=True)
class Checked:
    """What came of comparing. `note` names what was edited."""

    verdict: str = LinkCheck.NONE
    note: str = ""
    link: IssuedLink | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a stored session or call."""
        link_id = self.link.pk if self.link else None
        return {"link_check": str(self.verdict), "link_note": self.note, "issued_link_id": link_id}

    @property
    def reason(self) -> str:
        """Why it has to wait where only issued links are taken; "" for one."""
        said = NOT_ISSUED.get(LinkCheck(self.verdict), "")
        return f"{said} {self.note}".strip() if said else ""


def check(connection: Connection, external_data: Mapping[str, Any]) -> Checked:
    """Compare external data with the issued link that its `lnk` names; one query where there is an `lnk`.

    Only what was issued is compared, exactly: whether the target comes back beside it is the platform's own affair.
    """
    lnk = external_data.get(ISSUED)
    if lnk is None:
        return Checked()
    issued = _named(lnk, connection)
    if issued is None:
        return Checked(LinkCheck.FOREIGN)
    differing = [name for name, value in issued.external_data.items() if external_data.get(name) != value]
    if not differing:
        return Checked(LinkCheck.ISSUED, link=issued)
    said = "; ".join(_said(name, issued.external_data[name], external_data.get(name)) for name in differing)
    return Checked(LinkCheck.EDITED, note=_within(f"{said}."), link=issued)


def _named(lnk: Any, connection: Connection) -> IssuedLink | None:
    found = _NAMED.rows(lnk, connection.pk) if isinstance(lnk, str) else []
    return found[0] if found else None


def _said(name: str, issued: Any, came: Any) -> str:
    if came is None:
        return f"“{name}” is gone"
    return f"“{name}” was {_short(issued)}, and came as {_short(came)}"


def _short(value: Any) -> str:
    text = str(value)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def _within(text: str) -> str:
    return text if len(text) <= LONGEST_NOTE else f"{text[: LONGEST_NOTE - 1]}…"


def began_after_close(order: WorkOrder | None, *, began_at: datetime) -> bool:
    """Say whether an order was closed already when something of it began."""
    if order is None or not order.closed:
        return False
    return began_at > (order.resolved_at or order.changed_at)
