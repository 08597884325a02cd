from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from integrations.core.registries import Entry
from integrations.core.work import WorkState
from integrations.platforms.worklink.models import (
    CallSession,
    IssuedLink,
    LinkCheck,
    PhotoDownload,
    ScenarioSession,
    Stored,
)

LONGEST = 200


def entries(subject: str) -> Iterator[Entry]:
    """Yield the sessions, calls, photos and issued links of a subject."""
    for session in ScenarioSession.objects.filter(subject=subject).order_by("-pk")[:LONGEST]:
        title = f"{session.scenario_name or 'session'} {session}: {session.outcome}"
        yield Entry(at=session.changed_at, kind="session", title=title, note=_told(session), url=_page(session))
    for call in CallSession.objects.filter(subject=subject).order_by("-pk")[:LONGEST]:
        title = f"call {call}: {call.vendor_state.lower() or 'stored'}"
        yield Entry(at=call.changed_at, kind="call", title=title, note=_told(call), url=_page(call))
    for photo in PhotoDownload.objects.filter(subject=subject).exclude(state=WorkState.DONE).order_by("-pk")[:LONGEST]:
        yield Entry(at=photo.created_at, kind="photo", title=f"photo {photo}", state=photo.state, note=photo.note)
    yield from map(_issued, _links(subject))


def _links(subject: str) -> "QuerySet[IssuedLink]":
    kind, _, number = subject.partition("/")
    rows = IssuedLink.objects.select_related("template").order_by("-pk")
    own = kind == "workorder" and number.isdecimal()
    return rows.filter(work_order=int(number))[:LONGEST] if own else rows.none()


def _told(row: Stored) -> str:
    read = "Some of it could not be read; it is read again by itself." if row.incomplete else ""
    after = "It began after the work order was closed." if row.after_close else ""
    return " ".join(filter(None, (read or f"Content number {row.generation}.", _link(row), after)))


def _link(row: Stored) -> str:
    said = {
        LinkCheck.ISSUED: "Started from an issued link.",
        LinkCheck.EDITED: f"Started from an edited link: {row.link_note}",
        LinkCheck.FOREIGN: "Started from a link that was not issued here.",
    }
    return said.get(LinkCheck(row.link_check), "")


def _issued(link: IssuedLink) -> Entry:
    title = f"link {link.template.name}: issued"
    return Entry(
        at=link.issued_at, kind="link", title=title, note=f"It opens {link.target or link.action}.", url=_page(link)
    )


def _page(row: Stored | IssuedLink) -> str:
    try:
        return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    except NoReverseMatch:  # has no page of its own
        return ""
