"""Operations as their writes use them: loaded once per process and version, with their field mappings."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock

from integrations.sync.expressions import compiled
from integrations.sync.guarantee import can_prove, has_key
from integrations.sync.mappings import Rule
from integrations.sync.models import Operation, OperationKind, Protocol
from integrations.sync.templates import template, texts_of

KEEP = 500
Stamp = tuple[int, datetime | None, datetime | None]


@dataclass(frozen=True)
class Plan:
    """One operation with its look-up and its rules, ready to run."""

    operation: Operation
    rules: tuple[Rule, ...]

    @cached_property
    def provable(self) -> bool:
        return can_prove(self.operation)

    @cached_property
    def keyed(self) -> bool:
        return has_key(self.operation)

    @property
    def is_update(self) -> bool:
        return self.operation.kind == OperationKind.UPDATE

    @property
    def is_graphql(self) -> bool:
        return self.operation.protocol == Protocol.GRAPHQL

    @cached_property
    def reads_record(self) -> bool:
        """Whether the condition or a mapping reads the record: then it is looked up first. :raises ExpressionError:"""
        texts = [rule.source for rule in self.rules]
        if self.operation.condition:
            texts.append(self.operation.condition)
        return any("record" in compiled(text).roots for text in texts)

    @cached_property
    def sends_fields(self) -> bool:
        """Whether an update's body is made of the mapped fields, so that some of them can be sent alone."""
        if not self.is_update or not self.rules:
            return False
        body = self.operation.body
        return body is None or any(
            "fields" in each.roots for text in texts_of(body) for each in template(text).expressions
        )

    @cached_property
    def changes_children(self) -> bool:
        """Whether a child that exists may be written again: it has an update form, or its creation replaces."""
        operation = self.operation
        if operation.kind != OperationKind.CREATE:
            return False
        return bool(operation.update_method or operation.update_document) or operation.method.upper() == "PUT"


class _Plans:
    """This process's plans by operation, the longest unused dropped first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[int, tuple[Stamp, Plan]] = OrderedDict()

    def get(self, stamp: Stamp) -> Plan:
        with self._lock:
            kept = self._kept.get(stamp[0])
            if kept is not None and kept[0] == stamp:
                self._kept.move_to_end(stamp[0])
                return kept[1]
        plan = load(stamp[0])
        with self._lock:
            self._kept[stamp[0]] = (stamp, plan)
            while len(self._kept) > KEEP:
                self._kept.popitem(last=False)
        return plan

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_plans = _Plans()


def plan_for(operation_id: int, *, changed_at: datetime, lookup_changed_at: datetime | None) -> Plan:
    """Return the plan of an operation as of these versions; two queries when it is not kept here yet."""
    return _plans.get((operation_id, changed_at, lookup_changed_at))


def load(operation_id: int) -> Plan:
    """Read an operation with all that its writes need."""
    operation = Operation.objects.select_related("lookup").prefetch_related("field_mappings").get(pk=operation_id)
    return Plan(operation, tuple(_rules(operation)))


def _rules(operation: Operation) -> Iterable[Rule]:
    for mapping in operation.field_mappings.all():
        yield Rule(
            source=mapping.source,
            target=mapping.target,
            type=mapping.type,
            format=mapping.format,
            time_zone=mapping.time_zone,
            default=mapping.default,
            skip_if_empty=mapping.skip_if_empty,
        )


def forget() -> None:
    """Drop all plans that this process keeps; for tests, whose databases start over with the same ids."""
    _plans.clear()
