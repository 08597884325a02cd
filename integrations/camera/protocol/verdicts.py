"""What is validated: tasks by their rules, items by their mandatory tasks, the score by the tasks that count (2.6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from integrations.camera.protocol.outcomes import Outcome, OutcomeType, Value
from integrations.camera.protocol.rules import Rule, matching


class Status(StrEnum):
    """The four values of `status`, in the vendor's spelling (2.6)."""

    CANCELED = "canceled_picture"
    KO = "analysis_ko"
    OK = "analysis_ok"
    CONFORMITY = "conformity_error"


@dataclass(frozen=True)
class TaskFacts:
    """A task as the catalogue has it (4.5). `counts`: `conformity_status`. `type_names`: of orders; none is all."""

    name: str
    outcome_type: OutcomeType = OutcomeType.BOOLEAN
    rules: tuple[Rule, ...] = ()
    mandatory: bool = True
    only_for_dashboard: bool = False
    counts: bool = True
    type_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemFacts:
    """An item's applicable tasks, and the outcomes of its last completed analysis by task name; None: there is none.

    The analysis of a retake replaces the outcomes as a whole (5.8).
    """

    tasks: tuple[TaskFacts, ...]
    outcomes: Mapping[str, Outcome] | None = None


@dataclass(frozen=True)
class TaskVerdict:
    """`rule`: the one that decided, with text and colour to show; None if no rule is for this value."""

    name: str
    value: Value | None
    validated: bool
    rule: Rule | None = None


def applicable(tasks: Iterable[TaskFacts], *, type_names: Sequence[str]) -> tuple[TaskFacts, ...]:
    """Return the tasks that an order of these types asks for: without types, all; a task without types, always (1)."""
    wanted = set(type_names)
    return tuple(task for task in tasks if not wanted or not task.type_names or wanted & set(task.type_names))


def verdict(task: TaskFacts, outcome: Outcome | None) -> TaskVerdict:
    """Judge the effective value: the first rule that matches decides; no value is never validated (2.6)."""
    value = outcome.value if outcome else None
    rule = matching(value, task.rules)
    return TaskVerdict(task.name, value, validated=value is not None and rule is not None and rule.validated, rule=rule)


def verdicts(item: ItemFacts) -> tuple[TaskVerdict, ...]:
    outcomes = item.outcomes or {}
    return tuple(verdict(task, outcomes.get(task.name)) for task in item.tasks)


def status(item: ItemFacts) -> Status:
    """Return `analysis_ok` if every mandatory task is validated, but for those of the dashboard alone (2.6)."""
    return Status.OK if all(each.validated for task, each in _judged(item) if _decides(task)) else Status.KO


def score(item: ItemFacts) -> int:
    """Return 0..100, the share of counting tasks that are validated (2.6); 100 if none counts.

    Below 100 as long as one that counts, or a mandatory one, is not validated (section 6, case 31).
    """
    return _share([item])


def progress(items: Iterable[ItemFacts]) -> int:
    """Return an order's `progress_score`, 0..100: the share of its counting tasks, over all items, that are validated.

    A photo that is still missing is an item without outcomes. 0 for an order without any item.
    """
    known = list(items)
    return _share(known) if known else 0


def _share(items: Sequence[ItemFacts]) -> int:
    judged = [pair for item in items for pair in _judged(item)]
    counted = [each.validated for task, each in judged if task.counts]
    share = round(100 * sum(counted) / len(counted)) if counted else 100
    complete = all(each.validated for task, each in judged if task.counts or _decides(task))
    return share if complete else min(share, 99)


def _decides(task: TaskFacts) -> bool:
    return task.mandatory and not task.only_for_dashboard


def _judged(item: ItemFacts) -> list[tuple[TaskFacts, TaskVerdict]]:
    return list(zip(item.tasks, verdicts(item), strict=True))
