"""What producing would do: the mappings that the answers ask for, beside those that are there. Writes nothing.

`Questionnaire.produced` keeps each mapping as it was made: what differs from it now was changed by hand, and stays,
unless a person says otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from integrations.readiness import catalogue
from integrations.readiness.models import Item, Questionnaire
from integrations.readiness.ways import Way, columns_of, is_answered, is_written, way_of
from integrations.sync.models import FieldMapping, Operation
from integrations.sync.validation import mapping_problems

FIELD_COLUMNS = ("source", "type", "format", "skip_if_empty")
ABSENT = None


@dataclass(frozen=True)
class Draft:
    """One mapping as the answers have it. `fields`: by target, the columns of its field mapping."""

    key: str
    name: str
    columns: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Any]]

    def kept(self) -> dict[str, Any]:
        return {"key": self.key, "columns": dict(self.columns), "fields": {k: dict(v) for k, v in self.fields.items()}}


@dataclass(frozen=True)
class Difference:
    """One column (or field, with a dot): as it is, and as the answers have it. `by_hand`: a person changed it since."""

    name: str
    here: Any
    wanted: Any
    by_hand: bool


@dataclass
class Change:
    """What producing does to one mapping. `operation` None: it is made; `draft` None: no answer asks for it now."""

    draft: Draft | None
    operation: Operation | None
    differences: list[Difference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.operation is None

    @property
    def name(self) -> str:
        return str(self.operation) if self.operation else self.draft.name if self.draft else ""

    @property
    def by_hand(self) -> list[Difference]:
        return [each for each in self.differences if each.by_hand]

    @property
    def ours(self) -> list[Difference]:
        return [each for each in self.differences if not each.by_hand]

    @property
    def is_pending(self) -> bool:
        """Whether producing would change something here without touching what was changed by hand."""
        left = self.draft is None and self.operation is not None and self.operation.enabled
        return self.is_new or bool(self.ours) or left


def drafts(questionnaire: Questionnaire, items: Sequence[Item]) -> list[Draft]:
    """Return the mappings that the answers ask for: one for each source and way of updating."""
    if not questionnaire.writes or not questionnaire.api:
        return []
    groups: dict[str, dict[tuple[str, str, str], list[Item]]] = {}
    for item in items:
        if is_written(item) and is_answered(questionnaire, item):
            way = way_of(questionnaire, item)
            groups.setdefault(item.source_type, {}).setdefault(way.key, []).append(item)
    return [
        _draft(questionnaire, source_type, number, Way(*key), inside)
        for source_type, ways in groups.items()
        for number, (key, inside) in enumerate(ways.items(), start=1)
    ]


def _draft(row: Questionnaire, source_type: str, number: int, way: Way, items: Sequence[Item]) -> Draft:
    kind = catalogue.kind_of(source_type)
    label = str(kind.label) if kind else source_type
    columns = {"source_type": source_type, "event_types": list(kind.event_types) if kind else []}
    fields = {
        item.target: {"source": item.source, "type": item.type, "format": item.format, "skip_if_empty": True}
        for item in items
    }
    name = _("{kind} onto the request").format(kind=label) + (f" ({number})" if number > 1 else "")
    return Draft(f"{source_type}#{number}", name[:100], columns | columns_of(row, way), fields)


def plan(questionnaire: Questionnaire) -> list[Change]:
    """Return what producing would do; nothing is written."""
    made = {each["key"]: each for each in questionnaire.produced}
    wanted = drafts(questionnaire, list(questionnaire.items.all()))
    there = _operations(questionnaire, [each.name for each in wanted])
    changes = [_change(questionnaire, draft, made.get(draft.key), there) for draft in wanted]
    keys = {draft.key for draft in wanted}
    left = [there[each["operation"]] for key, each in made.items() if key not in keys and each["operation"] in there]
    return changes + [Change(None, operation) for operation in left]


def _operations(questionnaire: Questionnaire, names: Sequence[str]) -> dict[Any, Operation]:
    """Return the mappings that were made, by number, and those that are called as one would be, by name."""
    rows = Operation.objects.filter(connection=questionnaire.connection).prefetch_related("field_mappings")
    numbers = {each["operation"] for each in questionnaire.produced}
    found: dict[Any, Operation] = {row.pk: row for row in rows if row.pk in numbers}
    return found | {row.name: row for row in rows if row.name in names}


def _change(row: Questionnaire, draft: Draft, made: Mapping[str, Any] | None, there: Mapping[Any, Operation]) -> Change:
    operation = there.get(made["operation"]) if made else None
    operation = operation or there.get(draft.name)
    change = Change(draft, operation)
    if operation is not None:
        change.differences = list(_differences(operation, draft, made or {}))
    change.problems = list(_problems(row, draft))
    return change


def _differences(operation: Operation, draft: Draft, made: Mapping[str, Any]) -> Iterator[Difference]:
    was = made.get("columns", {})
    for name, wanted in draft.columns.items():
        here = getattr(operation, name)
        if here != wanted:
            yield Difference(name, here, wanted, by_hand=name not in was or here != was[name])
    yield from _field_differences(operation, draft, made.get("fields", {}))


def _field_differences(operation: Operation, draft: Draft, was: Mapping[str, Any]) -> Iterator[Difference]:
    here = {each.target: each for each in operation.field_mappings.all()}
    for target, wanted in draft.fields.items():
        now = fields_of(here[target]) if target in here else ABSENT
        if now != dict(wanted):
            # A field that was made and is not there was taken out by hand.
            yield Difference(f"field {target}", now, dict(wanted), by_hand=now != was.get(target, ABSENT))
    for target in here.keys() - draft.fields.keys():
        now = fields_of(here[target])
        if target in was:
            yield Difference(f"field {target}", now, ABSENT, by_hand=now != was[target])


def fields_of(mapping: FieldMapping) -> dict[str, Any]:
    return {name: getattr(mapping, name) for name in FIELD_COLUMNS}


def _problems(row: Questionnaire, draft: Draft) -> Iterator[str]:
    """Yield what a mapping's form would refuse of a draft."""
    operation = Operation(connection=row.connection, name=draft.name, **draft.columns)
    try:
        operation.clean()
    except ValidationError as error:
        yield from error.messages
    for target, columns in draft.fields.items():
        mapping = FieldMapping(operation=operation, target=target, **columns)
        yield from (problem for _name, problem in mapping_problems(mapping))
