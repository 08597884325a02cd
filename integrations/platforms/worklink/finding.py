"""How people look for what WorkLink told: by the id of a session or a call, either of the two that it has."""

from collections.abc import Iterator

from django.db.models import Q

from integrations.platforms.worklink.models import CallSession, ScenarioSession


def search(term: str) -> Iterator[str]:
    """Yield the subjects of the sessions and calls with this id."""
    for model in (ScenarioSession, CallSession):
        found = model.objects.filter(Q(resource_id=term) | Q(database_id=term))
        yield from found.exclude(subject="").values_list("subject", flat=True)[:20]
