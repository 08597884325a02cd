"""What needs a person: fields that a trial wrote and did not restore."""

from collections.abc import Iterator

from integrations.core.registries import Counter
from integrations.core.work import WorkState
from integrations.readiness.choices import UNRESTORED
from integrations.readiness.models import FieldTrial


def counters() -> Iterator[Counter]:
    value = FieldTrial.objects.unrestored().exclude(state=WorkState.RUNNING).count()
    query = f"stage__in={','.join(UNRESTORED)}"
    yield Counter("Fields not restored", value, "readiness.FieldTrial", query=query, attention=True)
