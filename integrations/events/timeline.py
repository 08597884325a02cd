from collections.abc import Iterator

from integrations.core.registries import Entry
from integrations.events.models import Event


def entries(subject: str) -> Iterator[Entry]:
    """Yield the events of a subject."""
    for event in Event.objects.filter(subject=subject).order_by("-id")[:200]:
        number = f"#{event.seq}" if event.seq else "not numbered yet"
        yield Entry(at=event.created_at, kind="event", title=f"{event.type} {number}", note=event.reason)
