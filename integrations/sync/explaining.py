"""Why nothing was written yet for a work order, in one plain sentence."""

from collections.abc import Iterator

from integrations.connections.models import Connection
from integrations.connections.services import is_capturing
from integrations.core.platforms import context_kinds
from integrations.sync.models import Operation, OperationKind, RecordWrite, Verdict, WriteState
from integrations.workorders.models import Join, WorkOrder

# What needs a person comes first, then what goes on by itself, then what was decided by a rule.
_ORDER = (WriteState.UNSURE, WriteState.FAILED, WriteState.SENT, WriteState.WAITING, WriteState.SKIPPED)
_THERE = (Verdict.CONFIRMED, Verdict.UNVERIFIED)


def explain(work_order: WorkOrder) -> str:
    """Return why nothing was written yet; empty if something was."""
    writes = RecordWrite.objects.filter(subject=work_order.subject)
    if writes.filter(state=WriteState.DONE, verdict__in=_THERE).exists():
        return ""
    return _of_writes(work_order) or next(_missing(work_order))


def _of_writes(work_order: WorkOrder) -> str:
    writes = RecordWrite.objects.filter(subject=work_order.subject).select_related("lane__connection")
    writes = writes.defer("request", "reply", "given", "content", "read_back")
    newest = {write.state: write for write in writes.order_by("id")}
    for state in _ORDER:
        if state in newest:
            return _of_write(newest[state])
    return newest[WriteState.DONE].note if WriteState.DONE in newest else ""


def _of_write(write: RecordWrite) -> str:
    connection = write.lane.connection
    if write.state in (WriteState.WAITING, WriteState.SENT):
        if connection.paused:
            return f"The connection {connection} is paused; resume it and the write goes on."
        if write.is_raw and write.state == WriteState.WAITING:
            return f"{write.note} Its script sends it when its run is tried again.".strip()
        return write.note or write.lane.note or "It waits for its turn; a worker takes it in a moment."
    return write.note


def _missing(work_order: WorkOrder) -> Iterator[str]:
    joins = list(Join.objects.filter(work_order=work_order).values_list("source_type", flat=True).distinct())
    if not joins:
        yield "No session or call has been joined to this work order yet; the first one with its key will be."
    systems = [each.system for each in work_order.external_ids.select_related("system")]
    if not systems:
        yield "No system of record has told of this work order, so there is no record to write to."
    for system in systems:
        yield from _of_system(system, joins)
    yield "The facts are numbered in a moment, and written after that."


def _of_system(system: Connection, source_types: list[str]) -> Iterator[str]:
    operations = Operation.objects.filter(connection=system).exclude(kind=OperationKind.LOOKUP)
    labels = {kind.source_type: str(kind.label) for kind in context_kinds()}
    named = " or ".join(labels.get(each, each) for each in source_types)
    fitting = operations.filter(source_type__in=source_types)
    if not fitting.exists():
        yield f"No mapping says what of {named} is written into {system}; add one."
    elif not fitting.filter(enabled=True).exists():
        yield f"The mappings into {system} are switched off; switch one on and replay the work order."
    elif system.paused:
        yield f"The connection {system} is paused; resume it."
    elif reason := is_capturing(system):
        yield reason
    else:
        yield f"No event since the mapping into {system} was made; replay the work order to write what is there."
