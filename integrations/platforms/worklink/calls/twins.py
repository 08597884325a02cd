"""Two parties' devices may each tell of one call (E27): both are kept, and marked as possible twins of each other."""

from datetime import datetime

from integrations.platforms.worklink.models import CallSession

MOST_OTHERS = 50


def mark(row: CallSession) -> None:
    """Mark a call and another one of its work order with the same people at the same time; in the transaction of both.

    Several ids of one call are told by no field of the vendor's; a call with the same id is one row anyway.
    """
    twin = _twin_of(row)
    if (twin.pk if twin else None) == row.possible_twin_id:
        return
    CallSession.objects.filter(possible_twin=row).update(possible_twin=None)
    CallSession.objects.filter(pk=row.pk).update(possible_twin=twin)
    row.possible_twin = twin
    if twin is not None:
        CallSession.objects.filter(pk=twin.pk).update(possible_twin=row)


def _twin_of(row: CallSession) -> CallSession | None:
    if not row.subject or row.started_at is None:
        return None
    others = CallSession.objects.filter(connection=row.connection_id, subject=row.subject).exclude(pk=row.pk)
    columns = ("pk", "started_at", "ended_at", "participants", "subject")
    found = others.only(*columns).order_by("-pk")[:MOST_OTHERS]
    return next((other for other in found if are_alike(row, other)), None)


def are_alike(one: CallSession, other: CallSession) -> bool:
    """Whether two calls have the same people, and times that overlap. Pure."""
    people = _people(one)
    return bool(people) and people == _people(other) and _overlap(_span(one), _span(other))


def _people(row: CallSession) -> frozenset[str]:
    return frozenset(name for each in row.participants if (name := each.get("name")))


Span = tuple[datetime | None, datetime | None]


def _span(row: CallSession) -> Span:
    return row.started_at, row.ended_at


def _overlap(one: Span, other: Span) -> bool:
    """Whether two spans share time; one without an end has not ended."""
    (start, end), (begin, finish) = one, other
    if start is None or begin is None:
        return False
    return (finish is None or start < finish) and (end is None or begin < end)
