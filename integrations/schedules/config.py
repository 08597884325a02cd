"""What of schedules an admin configures: how long rows of each kind are kept."""

from collections.abc import Iterator, Sequence

from integrations.core import registries
from integrations.core.config import Section, register
from integrations.core.config.parts import columns
from integrations.core.config.plain import Change, nearest
from integrations.schedules.models import RetentionRule


class Retention(Section):
    """One rule for each kind that an app registered; none is added or removed."""

    name, model, key = "retention", RetentionRule, ("kind",)
    parts = columns(RetentionRule, "days")
    prunable = False

    def rows(self) -> list[RetentionRule]:
        """Return a rule for each kind, also where the scheduler has not made it yet."""
        known = {rule.kind: rule for rule in RetentionRule.objects.all()}
        kinds = registries.retained_kinds()
        return [known.get(kept.kind) or RetentionRule(kind=kept.kind, days=kept.days) for kept in kinds]

    def check(self, row: RetentionRule, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        if fresh:
            known = [kept.kind for kept in registries.retained_kinds()]
            yield "", f"there is no kind of row “{row.kind}”{nearest(row.kind, known)}"


def register_sections() -> None:
    register(Retention())
