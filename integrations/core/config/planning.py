"""What applying a file would do: nothing is written here, and everything that can be refused is refused here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.core.exceptions import ValidationError

from integrations.core.config.depending import dependents, targets
from integrations.core.config.documents import Document, Place
from integrations.core.config.entries import Config, Found, refuse_invalid
from integrations.core.config.known import Known
from integrations.core.config.naming import column_of, split
from integrations.core.config.parts import Step
from integrations.core.config.plain import ABSENT, Change, Path, nearest
from integrations.core.config.references import Resolve
from integrations.core.config.sections import Section, all_sections

CREATE, CHANGE = "create", "change"


@dataclass
class Action:
    """One row that is made, changed or removed, with the rows that belong to it."""

    verb: str
    section: Section
    key: Path
    row: Any
    place: Place
    changes: list[Change] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    saves: list[Any] = field(default_factory=list)
    deletes: list[Any] = field(default_factory=list)
    needs: list[Any] = field(default_factory=list)
    refused: bool = False


@dataclass
class Plan:
    """`writes` are in an order in which they can be written; `removals` come after them.

    `remarks`: what of all that a person should know before it is done.
    """

    writes: list[Action] = field(default_factory=list)
    removals: list[Action] = field(default_factory=list)
    unchanged: int = 0
    remarks: list[str] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        return not self.writes and not self.removals


def make_plan(config: Config, document: Document, *, resolve: Resolve, prune: bool = False) -> Plan:
    """Compare what was read of a file with what is there. :raises ConfigRefused: naming everything that is refused"""
    known = Known()
    found = [
        (section, key, entry, step)
        for section in all_sections()
        for key, entry in config.get(section.name, {}).items()
        if (step := _step(section, key, entry, known=known, resolve=resolve))
    ]
    actions = [_action(section, key, entry, step) for section, key, entry, step in found]
    writes = [action for action in actions if action]
    for action in writes:
        if not action.refused:  # else what is missing now would be refused a second time
            _judge(action)
    removals = _removals(config, known, document) if prune else []
    document.raise_problems()
    writes, removals = _in_order(writes), _in_order(removals[::-1])[::-1]
    document.raise_problems()
    leaving = {id(action.row) for action in removals}
    remarks = [said for section in all_sections() if section.name in config for said in section.remarks(known, leaving)]
    return Plan(writes, removals, unchanged=len(actions) - len(writes), remarks=remarks)


def _step(section: Section, key: Path, entry: Found, *, known: Known, resolve: Resolve) -> Step | None:
    """Find the entry's row, or make one that is not saved, so that others can link to it."""
    fresh = known.find(section.model, key) is None
    row = _new(section, key, entry, known=known) if fresh else known.find(section.model, key)
    if row is None:
        return None
    known.add(key, row)
    return Step(entry.place, fresh, known, resolve)


def _new(section: Section, key: Path, entry: Found, *, known: Known) -> Any:
    # Links are set by their parts: a default that asks the database would write into it.
    values: dict[str, Any] = {each.attname: None for each in section.model._meta.fields if each.is_relation}
    for name, words in split(section.model, key):
        column = column_of(section.model, name)
        if not column.is_relation:
            values[name] = words[0]
            continue
        other = column.related_model
        del values[column.attname]
        values[name] = known.find(other, words)
        if values[name] is None:
            close = nearest(words[-1], known.names(other, words[:-1]))
            entry.place.refuse(f"there is no {other._meta.verbose_name} “{words[-1]}”{close}")
            return None
    return section.model(**values)


def _action(section: Section, key: Path, entry: Found, step: Step) -> Action | None:
    row, problems = step.known.find(section.model, key), len(entry.place.document.problems)
    action = Action(CREATE if step.fresh else CHANGE, section, key, row, entry.place)
    for part in section.parts:
        changes = list(part.put(row, entry.values.get(part.name, ABSENT), step))
        action.changes += changes
        action.fields += part.covers if changes else ()
    if not step.fresh and not action.changes and not step.saves:
        return None
    action.saves, action.deletes, action.needs = step.saves, step.deletes, step.needs
    action.refused = len(entry.place.document.problems) > problems
    return action


def _judge(action: Action) -> None:
    """Refuse what the admin's form would refuse. What a row links to may not be saved yet: links were found by name."""
    section, row = action.section, action.row
    links = [each.name for each in section.model._meta.fields if each.is_relation]
    known = len(action.place.document.problems)
    try:
        row.full_clean(exclude=links)
    except ValidationError as error:
        refuse_invalid(error, action.place, parts=section.parts)
    if len(action.place.document.problems) > known:
        return
    for name, sentence in section.check(row, action.changes, fresh=action.verb == CREATE):
        (action.place / name if name else action.place).refuse(sentence)


def _removals(config: Config, known: Known, document: Document) -> list[Action]:
    """Return what is to go, what hangs on others before them. Only sections that the file has are looked at."""
    actions = [
        Action(section.removal, section, key, row, document.top / section.name, deletes=_inside(section, row))
        for section in reversed(all_sections())
        if section.name in config
        for key, row in known.rows(section.model).items()
        if key not in config[section.name] and row.pk is not None and not section.stays(row)
    ]
    leaving = {id(action.row) for action in actions}
    for action in actions:
        _refuse_if_needed(action, known=known, leaving=leaving)
    return actions


def _inside(section: Section, row: Any) -> list[Any]:
    return [each for part in section.parts for each in part.inside(row)]


def _refuse_if_needed(action: Action, *, known: Known, leaving: set[int]) -> None:
    if not action.section.deletes_rows:
        return
    if why := action.section.refusal(action.row):
        action.place.refuse(f"“{' / '.join(action.key)}” is not in the file and cannot be deleted: {why}")
    found = list(dependents(action.row, action.section, known=known, leaving=leaving))
    if found:
        action.place.refuse(
            f"“{' / '.join(action.key)}” is not in the file and cannot be deleted: {', '.join(found)} depend on it. "
            "Put it back into the file (switched off, if it has a switch), or leave out --prune."
        )


def _in_order(actions: Sequence[Action]) -> list[Action]:
    """Return the actions so that each comes after those whose rows its own row links to; refuse a circle."""
    rows = {id(action.row): action.row for action in actions}
    graph = TopologicalSorter({id(action.row): _all_targets(action, rows) for action in actions})
    by_row = {id(action.row): action for action in actions}
    try:
        return [by_row[each] for each in graph.static_order()]
    except CycleError as error:
        by_row[error.args[1][0]].place.refuse("it and others need one another, so none of them can come first.")
        return list(actions)


def _all_targets(action: Action, rows: Mapping[int, Any]) -> list[int]:
    """Return what the action's row, and the rows that are part of it, have foreign keys to; not the row itself."""
    own = (action.row, *action.saves, *action.deletes)
    linked = [each for row in own for each in targets(row, rows) if each != id(action.row)]
    return linked + [id(each) for each in action.needs if id(each) in rows]
