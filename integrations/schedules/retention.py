"""Deletes what is older than its rule says, in small batches, oldest first."""

from datetime import timedelta

from integrations.core import clock
from integrations.core.errors import TransientError
from integrations.core.registries import Retained, retained_kinds
from integrations.core.work import Claim
from integrations.schedules.models import RetentionRule

BATCHES_A_RUN = 200


def ensure_rules() -> dict[str, int]:
    """Return days kept by kind, making a rule for each registered kind that has none yet."""
    days = dict(RetentionRule.objects.values_list("kind", "days"))
    missing = [RetentionRule(kind=kind.kind, days=kind.days) for kind in retained_kinds() if kind.kind not in days]
    RetentionRule.objects.bulk_create(missing, ignore_conflicts=True)
    return {kind.kind: kind.days for kind in retained_kinds()} | days


def apply_retention(claim: Claim) -> str:
    """Delete expired rows of every kind; return how many of each."""
    days = ensure_rules()
    gone, failed = {}, None
    for kind in retained_kinds():
        try:
            gone[kind.label] = _apply(kind, days=days[kind.kind], claim=claim)
        except TransientError as error:  # such as a storage that does not answer: the others go on
            failed = error
    if failed:
        raise failed
    told = ", ".join(f"{label}: {count}" for label, count in gone.items() if count)
    return f"Deleted {told}." if told else "Nothing was old enough."


def _apply(kind: Retained, *, days: int, claim: Claim) -> int:
    before = clock.now() - timedelta(days=days)
    total = 0
    for _ in range(BATCHES_A_RUN):
        claim.renew(now=clock.now())
        expired = kind.expired(before)
        batch = list(expired.values_list("pk", flat=True)[: kind.batch])
        if not batch:
            break
        rows = expired.model._default_manager.filter(pk__in=batch)
        total += kind.strip(rows) if kind.strip else rows.delete()[1].get(expired.model._meta.label, 0)
    return total
