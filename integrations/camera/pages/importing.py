"""Task groups and tasks from a table: one row for each task, read whole before anything is kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.camera.models import CatalogueVersion, Engine, OutcomeType, Task, TaskGroup
from integrations.camera.pages.catalogue_sources import GroupRead, TaskRead
from integrations.camera.protocol.rules import RuleRefused, read_rules
from integrations.connections.models import Connection
from integrations.core.tables import Columns, Limits, Row, Table

# The rules of a task are JSON in one cell.
LIMITS = Limits(size=2_000_000, rows=5_000, cell=20_000)
MOST_OF_A_NAME = 128
COLUMNS = (
    "task_group", "display_name_en", "display_name_fr", "description_en", "description_fr", "engine",
    "task", "sentence_en", "sentence_fr", "outcome_type", "mandatory", "conformity_status", "outcome_validation",
)  # fmt: skip
KNOWN = Columns(known=COLUMNS, needed=("task_group",))
YES, NO = frozenset({"yes", "true", "1", ""}), frozenset({"no", "false", "0"})


@dataclass
class Line:
    """One row. `number`: as a spreadsheet counts; `errors`: why it cannot be kept; `notes`: what to do after."""

    number: int
    group: str
    task: str
    values: Mapping[str, str]
    task_values: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Read:
    lines: list[Line]
    errors: list[str]

    @property
    def is_good(self) -> bool:
        return bool(self.lines) and not self.errors and not any(line.errors for line in self.lines)


def read(table: Table, *, version: CatalogueVersion) -> Read:
    """Read the rows of a table. Errors are collected, row by row."""
    lines = [_line_of_row(row) for row in table.rows]
    _note_doubles(lines, version)
    return Read(lines, [])


def _line_of_row(row: Row) -> Line:
    line = _line(row.number, row.cells)
    line.errors += row.faults
    return line


def read_groups(groups: Sequence[GroupRead], *, version: CatalogueVersion, language: str, engine: str) -> Read:
    """Read what another system declares as the rows of a file; its texts are in one language."""
    lines = [
        _line_of(group, task, language=language, engine=engine) for group in groups for task in group.tasks or (None,)
    ]
    for number, line in enumerate(lines, start=1):
        line.number = number
    errors = [] if groups else [_("The site has no task groups that this key may see.")]
    _note_doubles(lines, version)
    return Read(lines, errors)


def _line_of(group: GroupRead, task: TaskRead | None, *, language: str, engine: str) -> Line:
    shown = {f"display_name_{language}": group.display_name, f"description_{language}": group.description}
    row = {"task_group": group.name, "engine": engine, "task": task.name if task else "", **shown}
    if task:
        row |= {
            f"sentence_{language}": task.sentence,
            "outcome_type": task.outcome_type,
            "mandatory": "yes" if task.mandatory else "no",
            "conformity_status": "yes" if task.counts else "no",
            "outcome_validation": json.dumps(list(task.rules)),
        }
    line = _line(0, row)
    if task:
        line.task_values["only_for_dashboard"] = task.only_for_dashboard
        if not task.rules:
            line.notes.append(_("It has no rules there: write some, else it is never validated."))
    return line


def _line(number: int, row: Mapping[str, str]) -> Line:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    line = Line(number, values["task_group"], values["task"], values)
    if not line.group:
        line.errors.append(_("task_group is empty."))
    if max(len(line.group), len(line.task)) > MOST_OF_A_NAME:
        line.errors.append(_("A name has at most {most} characters.").format(most=MOST_OF_A_NAME))
    if values["engine"] and values["engine"] not in Engine.values:
        line.errors.append(_("engine is one of {names}.").format(names=", ".join(Engine.values)))
    if line.task:
        _read_task(line)
    return line


def _read_task(line: Line) -> None:
    made, values = line.task_values, line.values
    made["sentences"] = _texts(values, "sentence")
    made["outcome_type"] = values["outcome_type"] or OutcomeType.BOOLEAN
    if made["outcome_type"] not in OutcomeType.values:
        line.errors.append(_("outcome_type is one of {names}.").format(names=", ".join(OutcomeType.values)))
    for name in ("mandatory", "conformity_status"):
        made[name] = values[name].lower() in YES
        if values[name].lower() not in YES | NO:
            line.errors.append(_("{name} is yes or no.").format(name=name))
    try:
        made["outcome_validation"] = json.loads(values["outcome_validation"] or "[]")
        read_rules(made["outcome_validation"])
    except (ValueError, RecursionError):
        line.errors.append(_("outcome_validation is not JSON."))
    except RuleRefused as error:
        line.errors.append(str(error))


def _texts(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {language: text for language in ("en", "fr") if (text := values[f"{name}_{language}"])}


def _note_doubles(lines: list[Line], version: CatalogueVersion) -> None:
    tasks = Task.objects.filter(group__version=version).values_list("group__name", "name")
    seen = set(tasks)
    for line in lines:
        if line.task and (line.group, line.task) in seen:
            line.errors.append(_("This task is there already."))
        seen.add((line.group, line.task))


@transaction.atomic
def keep(
    found: Read, *, version: CatalogueVersion, checks: Mapping[str, Any], connection: Connection | None = None
) -> int:
    """Add what was read to a draft; return how many tasks. `checks` and `connection`: of new task groups."""
    groups = {group.name: group for group in version.groups.all()}
    for line in found.lines:
        if line.group not in groups:
            groups[line.group] = _new_group(line, version, order=len(groups), checks=checks, connection=connection)
    tasks = [line for line in found.lines if line.task]
    Task.objects.bulk_create(
        Task(group=groups[line.group], name=line.task, order=order, **line.task_values)
        for order, line in enumerate(tasks)
    )
    return len(tasks)


def _new_group(
    line: Line, version: CatalogueVersion, *, order: int, checks: Mapping[str, Any], connection: Connection | None
) -> TaskGroup:
    named, told = _texts(line.values, "display_name"), _texts(line.values, "description")
    texts = {
        language: {"display_name": named.get(language, ""), "description": told.get(language, "")}
        for language in {**named, **told}
    }
    values: dict[str, Any] = {"texts": texts, "engine": line.values["engine"] or Engine.REVIEW, "checks": dict(checks)}
    values["engine_connection"] = connection
    return TaskGroup.objects.create(version=version, name=line.group, order=order, **values)
