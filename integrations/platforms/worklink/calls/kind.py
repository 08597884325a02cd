"""Remote-assistance calls as a kind of object."""

from dataclasses import asdict
from typing import Any

from integrations.platforms.worklink import names
from integrations.platforms.worklink.calls import facts, twins
from integrations.platforms.worklink.kinds import Document, Kind
from integrations.platforms.worklink.models import CallSession
from integrations.platforms.worklink.options import Options
from integrations.platforms.worklink.tables import translation


def _columns(document: Document, options: Options, unit: float | None) -> dict[str, Any]:
    own = asdict(facts.call_facts(document, unit=unit))
    return own | {"translation": translation.call_tables(document), "translated_by": translation.VERSION}


def _title(row: CallSession) -> str:
    return ", ".join(["Call", *[each["name"] for each in row.participants[:3] if each["name"]]])


def _told(row: CallSession) -> dict[str, Any]:
    return {"final": row.ended_at is not None}


CALLS = Kind(
    resource_type=names.CALL,
    source_type="worklink.call",
    noun="call",
    model=CallSession,
    columns=_columns,
    link_keys=lambda options: options.call_link_keys,
    title=_title,
    pictures=facts.pictures_of,
    photo_count=facts.photo_count,
    latest_time=facts.latest_time,
    unwanted=lambda row: "",
    told=_told,
    noticed=twins.mark,
)
