from collections.abc import Iterator

from integrations.core.registries import Entry
from integrations.platforms.deepomatic.models import CorrectionPush
from integrations.platforms.deepomatic.options import LABEL

LONGEST = 200


def entries(subject: str) -> Iterator[Entry]:
    """Yield the corrections that a subject's photos had here, and what became of each at the vendor."""
    for row in CorrectionPush.objects.filter(subject=subject).order_by("-pk")[:LONGEST]:
        at, title = row.finished_at or row.created_at, f"correction of {row.task} at {LABEL}: {row.value}"
        yield Entry(at=at, kind="camera", title=title, state=row.state, note=row.note)
