from collections.abc import Iterator

from django.urls import NoReverseMatch, reverse

from integrations.core.registries import Entry
from integrations.core.work import WorkState
from integrations.platforms.worklink.models import CallSession, PhotoDownload, ScenarioSession, Stored

LONGEST = 200


def entries(subject: str) -> Iterator[Entry]:
    """Yield the sessions, calls and photos of a subject."""
    for session in ScenarioSession.objects.filter(subject=subject).order_by("-pk")[:LONGEST]:
        title = f"{session.scenario_name or 'session'} {session}: {session.outcome}"
        yield Entry(at=session.changed_at, kind="session", title=title, note=_told(session), url=_page(session))
    for call in CallSession.objects.filter(subject=subject).order_by("-pk")[:LONGEST]:
        title = f"call {call}: {call.vendor_state.lower() or 'stored'}"
        yield Entry(at=call.changed_at, kind="call", title=title, note=_told(call), url=_page(call))
    for photo in PhotoDownload.objects.filter(subject=subject).exclude(state=WorkState.DONE).order_by("-pk")[:LONGEST]:
        yield Entry(at=photo.created_at, kind="photo", title=f"photo {photo}", state=photo.state, note=photo.note)


def _told(row: Stored) -> str:
    if row.incomplete:
        return "Some of it could not be read; it is read again by itself."
    return f"Content number {row.generation}."


def _page(row: Stored) -> str:
    try:
        return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    except NoReverseMatch:  # has no page of its own
        return ""
