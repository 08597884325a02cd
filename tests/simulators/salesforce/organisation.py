"""The records of an organisation, its quota, and the rules that its administrator made."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.clock import Clock
from tests.simulators.faults import FaultPlan
from tests.simulators.record.auth import Credentials
from tests.simulators.salesforce.soql import Row
from tests.simulators.traffic import TrafficLog

WORK_ORDER = (
    "WorkOrderNumber Subject Status IsClosed Asset Number__c Fieldport_Outcome__c Fieldport_Instruction__c "
    "Fieldport_Technician__c Fieldport_Percent__c Fieldport_Minutes__c Fieldport_Ended__c"
)
SESSION = (
    "Fieldport_Key__c Work_Order__c Session__c Outcome__c Instruction__c Technician__c Minutes__c Started__c Ended__c"
)
OBJECTS = {
    "WorkOrder": frozenset(WORK_ORDER.split()),
    "Fieldport_Session__c": frozenset(SESSION.split()),
    "FeedItem": frozenset({"ParentId", "Body"}),
    "ContentVersion": frozenset({"Title", "PathOnClient", "VersionData", "FirstPublishLocationId"}),
}
EXTERNAL_IDS = {"Fieldport_Session__c": "Fieldport_Key__c", "WorkOrder": "Number__c"}


class Refused(Exception):
    """An error array with one error, as “Status Codes and Error Responses” of the REST API Developer Guide shows it."""

    def __init__(self, code: str, message: str = "", *, status: int = 400, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message or code)
        self.status = status
        self.body = [{"message": message or code, "errorCode": code, "fields": [*fields]}]


@dataclass
class Organisation:
    """`refusals`: (method, error) that the next requests of these methods get. `trigger(object, row)` changes rows."""

    clock: Clock = field(default_factory=Clock)
    faults: FaultPlan = field(default_factory=FaultPlan)
    log: TrafficLog = field(default_factory=TrafficLog)
    credentials: Credentials = field(init=False)
    objects: dict[str, dict[str, Row]] = field(default_factory=lambda: {name: {} for name in OBJECTS})
    required: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refusals: list[tuple[str, Refused]] = field(default_factory=list)
    trigger: Callable[[str, Row], None] | None = None
    daily_limit: int = 15_000
    used: int = 0
    effects: list[str] = field(default_factory=list)
    url: str = ""
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.credentials = Credentials(self.clock)

    def now(self) -> str:
        return f"{self.clock.now():%Y-%m-%dT%H:%M:%S}.000+0000"

    def add(self, name: str, **values: Any) -> Row:
        """Somebody else makes a record."""
        made: Row = {
            "Id": f"0XX{next(self._numbers):012d}AAA",
            "CreatedDate": self.now(),
            "LastModifiedDate": self.now(),
        }
        made |= dict.fromkeys(OBJECTS[name]) | values
        self.objects[name][made["Id"]] = made
        return made

    def insert(self, name: str, values: Row) -> Row:
        self._judge(name, values, values)
        row = self.add(name, **values)
        self._done("insert", name, row)
        return row

    def update(self, name: str, row: Row, values: Row) -> None:
        self._judge(name, values, {**row, **values})
        row |= {**values, "LastModifiedDate": self.now()}
        self._done("update", name, row)

    def _judge(self, name: str, values: Row, whole: Row) -> None:
        for field_name in values:
            if field_name not in OBJECTS[name]:
                raise Refused("INVALID_FIELD", f"No such column '{field_name}' on sobject of type {name}")
        missing = tuple(each for each in self.required.get(name, ()) if not whole.get(each))
        if missing:
            told = f"Required fields are missing: [{', '.join(missing)}]"
            raise Refused("REQUIRED_FIELD_MISSING", told, fields=missing)

    def _done(self, what: str, name: str, row: Row) -> None:
        self.effects.append(f"{name}.{what}")
        if self.trigger is not None:
            self.trigger(name, row)
