"""The vendor's answers as values. Unknown fields are ignored; where the sheet is unsure, every spelling is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.camera.engines.contract import ERROR, Message, Value
from integrations.camera.protocol import messages

Row = Mapping[str, Any]


class NotReadable(Exception):
    """The answer lacks what it is for; the message says what."""


@dataclass(frozen=True)
class TaskState:
    """A task with its values (4.6, 4.7). `id` belongs to one version of the application, `name` to all."""

    id: str
    name: str
    analyzed: Value = None
    corrected: Value = None
    regions: Sequence[Any] = ()


@dataclass(frozen=True)
class Submitted:
    """One input of a work order. `context`: the task group's name; "" where it is not told."""

    id: str
    url: str = ""
    context: str = ""
    messages: Sequence[Message] = ()


@dataclass(frozen=True)
class Order:
    """A work order as the vendor has it. `members`: ids of the tasks of each task group, by its name."""

    id: str
    tasks: Sequence[TaskState] = ()
    inputs: Sequence[Submitted] = ()
    latest_analysis: str = ""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def tasks_of(self, group: str) -> list[TaskState]:
        """Return the tasks of a task group; all of them where the answer does not say whose they are."""
        ids = self.members.get(group, frozenset())
        return [task for task in self.tasks if task.id in ids] or list(self.tasks)

    def fresh(self, *, before: Sequence[str], group: str) -> list[Submitted]:
        """Return the inputs of a task group that are not among `before`, oldest first."""
        return [each for each in self.inputs if each.id not in before and each.context in ("", group)]


@dataclass(frozen=True)
class Analysed:
    """What `analyze` answers. With an error among the messages the tasks were not looked at."""

    id: str
    tasks: Sequence[TaskState]
    messages: Sequence[Message]


@dataclass(frozen=True)
class GroupTask:
    """A task of a task group as the application declares it (4.5)."""

    name: str
    sentence: str
    outcome_type: str
    rules: Sequence[Any]
    mandatory: bool
    only_for_dashboard: bool
    counts: bool


@dataclass(frozen=True)
class TaskGroup:
    name: str
    display_name: str
    description: str
    tasks: Sequence[GroupTask]
    examples: Sequence[str] = ()


def order_of(body: Any) -> Order:
    """:raises NotReadable:"""
    row = _row(body)
    if not (order_id := _text(row, "id")):
        raise NotReadable("the work order has no id")
    return Order(
        id=order_id,
        tasks=tuple(map(_task, _rows(row, "tasks"))),
        inputs=tuple(_input(each) for each in _rows(row, "inputs")),
        latest_analysis=_text(row, "latest_analysis_id"),
        members={_text(group, "name"): frozenset(_ids(group.get("tasks"))) for group in _rows(row, "task_groups")},
    )


def analysed(body: Any) -> Analysed:
    """:raises NotReadable: if it tells neither tasks nor messages"""
    row = _row(body)
    found = Analysed(_text(row, "id", "analysis_id"), tuple(map(_task, _rows(row, "tasks"))), messages_of(row))
    if not found.tasks and not found.messages:
        raise NotReadable("the analysis has neither tasks nor conformity messages")
    return found


def task_state(body: Any) -> TaskState:
    return _task(_row(body))


def task_groups(body: Any) -> list[TaskGroup]:
    """Read the list, as such or within `results` (4.5). :raises NotReadable:"""
    rows = body.get("results") if isinstance(body, Mapping) else body
    if not isinstance(rows, list):
        raise NotReadable("there is no list of task groups")
    return [_group(each) for each in rows if isinstance(each, Mapping) and _text(each, "name")]


def task_group(body: Any) -> TaskGroup:
    return _group(_row(body))


def messages_of(row: Row) -> tuple[Message, ...]:
    """Read conformity messages: objects, or texts as callbacks carry them (4.6)."""
    return tuple(_messages(row.get("conformity_messages")))


def _messages(given: Any) -> Iterator[Message]:
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, str) and each:
            yield from (Message(read.severity or ERROR, read.code, read.text) for read in messages.parse(each))
        elif isinstance(each, Mapping):
            severity = _text(each, "severity", "level").lower() or ERROR
            yield Message(severity, _text(each, "code", "error_code"), _text(each, "message", "text"))


def _group(row: Row) -> TaskGroup:
    name = _text(row, "name")
    examples = row.get("input_examples")
    return TaskGroup(
        name=name,
        display_name=_text(row, "display_name") or name,
        description=_text(row, "description"),
        tasks=tuple(_declared(each) for each in _rows(row, "tasks") if _text(each, "name")),
        examples=tuple(each for each in examples if isinstance(each, str)) if isinstance(examples, list) else (),
    )


def _declared(row: Row) -> GroupTask:
    rules = row.get("outcome_validation")
    return GroupTask(
        name=_text(row, "name"),
        sentence=_text(row, "sentence", "display_name"),
        outcome_type=_text(row, "outcome_type").capitalize(),
        rules=rules if isinstance(rules, list) else (),
        mandatory=_flag(row, "mandatory", default=True),
        only_for_dashboard=_flag(row, "only_for_dashboard", default=False),
        counts=_flag(row, "conformity_status", default=True),
    )


def _task(row: Row) -> TaskState:
    """The values are in `state`, or beside the name."""
    state = row["state"] if isinstance(row.get("state"), Mapping) else row
    regions = state.get("regions")
    return TaskState(
        id=_text(row, "id"),
        name=_text(row, "name"),
        analyzed=_value(state.get("analyzed_value")),
        corrected=_value(state.get("corrected_value")),
        regions=regions if isinstance(regions, list) else (),
    )


def _input(row: Row) -> Submitted:
    context = row.get("context") or row.get("task_group_name") or row.get("task_group")
    named = _text(context, "name") if isinstance(context, Mapping) else str(context or "")
    return Submitted(_text(row, "id"), _text(row, "url"), named, messages_of(row))


def _ids(tasks: Any) -> Iterator[str]:
    """Tasks of a group within an order: ids, or objects that have one."""
    for each in tasks if isinstance(tasks, list) else ():
        yield _text(each, "id") if isinstance(each, Mapping) else str(each)


def _value(given: Any) -> Value:
    return given if isinstance(given, bool | str | int | float) else None


def _flag(row: Row, name: str, *, default: bool) -> bool:
    value = row.get(name)
    return value if isinstance(value, bool) else default


def _text(row: Row, *names: str) -> str:
    """Return the first of these that is there, as a text."""
    values = (row.get(name) for name in names)
    return next((str(each) for each in values if isinstance(each, str | int) and not isinstance(each, bool)), "")


def _row(body: Any) -> Row:
    if not isinstance(body, Mapping):
        raise NotReadable("it is no JSON object")
    return body


def _rows(row: Row, name: str) -> list[Row]:
    given = row.get(name)
    return [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
