"""Deleting a script: what goes with it, what stays, and when it is refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from integrations.core.errors import PermanentError
from integrations.core.work import WorkState
from integrations.scripts.models import RunEvent, RunState, Script, ScriptCall, ScriptLane, ScriptRun
from integrations.sync.models import OPEN_WRITES, RecordWrite, RecordWriteQuerySet, WriteState


class DeletionRefused(PermanentError):
    """Something of the script is not settled; the message says what, and what to do."""


@dataclass(frozen=True)
class Belongings:
    """How much hangs on a script. `writes` stay; everything else goes. `waiting`: of the runs."""

    versions: int
    runs: int
    waiting: int
    values: int
    grants: int
    writes: int


def belongings(script: Script) -> Belongings:
    return Belongings(
        versions=script.versions.count(),
        runs=script.runs.count(),
        waiting=script.runs.filter(state=RunState.WAITING).count(),
        values=script.values.count(),
        grants=script.grants.count(),
        writes=writes_of(script).count(),
    )


def writes_of(script: Script) -> RecordWriteQuerySet:
    """Return what the ledger has of a script: its effects are named by the script's slug."""
    named = Q(name__startswith=f"{script.slug}:") | Q(name__startswith=f"{script.slug}#")
    return RecordWrite.objects.filter(named, ordinal__isnull=False)


def problems(script: Script, *, now: datetime) -> list[str]:
    """Return why a script must not be deleted, as sentences."""
    found = []
    if unsettled := writes_of(script).filter(state__in=(*OPEN_WRITES, WriteState.UNSURE)).count():
        found.append(
            f"It is not known yet what became of {unsettled} of its writes. "
            "Wait until they are settled, and decide on those that need a decision."
        )
    if script.lanes.filter(state=WorkState.RUNNING, due_at__gt=now).exists():
        found.append("A run of it is at work. Wait until it has ended.")
    return found


@transaction.atomic
def delete_script(script: Script, *, by: str, now: datetime) -> None:
    """Delete a script with all that hangs on it; what it wrote stays in the ledger. :raises DeletionRefused:"""
    Script.objects.select_for_update().get(pk=script.pk)
    lanes = ScriptLane.objects.filter(script=script.pk)
    list(lanes.select_for_update().values_list("pk"))  # no worker begins a run meanwhile
    if found := problems(script, now=now):
        raise DeletionRefused(" ".join(found))
    runs = ScriptRun.objects.filter(script=script.pk)
    # They may be many, with large columns: none is read.
    of_runs: list[QuerySet[Any]] = [model._default_manager.filter(run__in=runs) for model in (ScriptCall, RunEvent)]
    for rows in (*of_runs, runs, lanes):
        rows._raw_delete("default")
    Script.objects.filter(pk=script.pk).update(active_version=None)  # it protects its version
    script.active_version = None
    script._change_reason = f"deleted ({by})"  # type: ignore[attr-defined]  # what simple_history reads
    script.delete()
