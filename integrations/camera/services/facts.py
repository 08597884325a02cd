"""Rows as the protocol's values: tasks with their rules, outcomes, and what decides on an item."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.camera.models import Analysis, AnalysisState, CatalogueVersion, FieldOrder, Task, TaskGroup, WorkItem
from integrations.camera.protocol import verdicts
from integrations.camera.protocol.errors import UnknownType
from integrations.camera.protocol.outcomes import Outcome, OutcomeType
from integrations.camera.protocol.rules import Rule, RuleRefused, read_rules

logger = logging.getLogger(__name__)


def task_facts(group: TaskGroup) -> tuple[verdicts.TaskFacts, ...]:
    return tuple(fact_of(task) for task in group.tasks.all())


def fact_of(task: Task) -> verdicts.TaskFacts:
    return verdicts.TaskFacts(
        name=task.name,
        outcome_type=OutcomeType(task.outcome_type),
        rules=_rules(task),
        mandatory=task.mandatory,
        only_for_dashboard=task.only_for_dashboard,
        counts=task.conformity_status,
        type_names=tuple(task.type_names),
    )


def _rules(task: Task) -> tuple[Rule, ...]:
    """Return the rules; those that cannot be read, and got past the forms, validate nothing."""
    try:
        return read_rules(task.outcome_validation)
    except RuleRefused as error:
        logger.warning("task %s: %s", task.pk, error)
        return ()


def tasks_for(order: FieldOrder, group: TaskGroup) -> list[Task]:
    """Return the tasks of a group that the order's types ask for."""
    wanted = {task.name for task in verdicts.applicable(task_facts(group), type_names=order.type_names)}
    return [task for task in group.tasks.all() if task.name in wanted]


def check_types(version: CatalogueVersion, names: Sequence[str]) -> None:
    """:raises UnknownType: naming the first that no task of the version has"""
    if not names:
        return
    lists = Task.objects.filter(group__version=version).values_list("type_names", flat=True)
    known = {name for each in lists for name in each}
    for name in names:
        if name not in known:
            raise UnknownType(f"There is no work order type {name!r:.140} in this catalogue.")


def deciding(items: Iterable[WorkItem]) -> dict[int, Analysis]:
    """Return the analysis that counts for each item, by its number: the last one done of the last photo with one."""
    done = Analysis.objects.filter(state=AnalysisState.DONE, input__item__in=[item.pk for item in items])
    rows = done.order_by("input__number", "pk").select_related("input").prefetch_related("outcomes__task")
    return {row.input.item_id: row for row in rows}


def item_facts(order: FieldOrder, group: TaskGroup, analysis: Analysis | None) -> verdicts.ItemFacts:
    """Return what status and score are made from."""
    tasks = verdicts.applicable(task_facts(group), type_names=order.type_names)
    return verdicts.ItemFacts(tasks=tasks, outcomes=_outcomes(analysis) if analysis else None)


def _outcomes(analysis: Analysis) -> Mapping[str, Outcome]:
    rows: Any = analysis.outcomes.all()  # read ahead where there are many
    return {row.task.name: Outcome(row.analyzed_value, row.corrected_value) for row in rows}
