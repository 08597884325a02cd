"""The work orders of an installation, with their work log and documents."""

import base64
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.clock import Clock
from tests.simulators.faults import FaultPlan
from tests.simulators.traffic import TrafficLog

Row = dict[str, Any]
API_KEY = "maximo-demo-key"
OWN = "fpoutcome fpinstruction fptechnician fppercent fpminutes fpended"
ATTRIBUTES = frozenset(
    f"wonum siteid workorderid description status assetnum reportdate changedate historyflag {OWN}".split()
)


class Refused(Exception):
    """An error object, as “REST API Errors” of the guide shows it; `status` goes into it as text."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"Error": {"reasonCode": code, "message": f"{code} - {message}", "statusCode": str(status)}}


@dataclass
class Installation:
    """`ignored`: attributes that are not taken, without a word. `refusals`: what the next writes are answered."""

    clock: Clock = field(default_factory=Clock)
    faults: FaultPlan = field(default_factory=FaultPlan)
    log: TrafficLog = field(default_factory=TrafficLog)
    api_key: str = API_KEY
    orders: dict[str, Row] = field(default_factory=dict)
    worklogs: dict[str, list[Row]] = field(default_factory=dict)
    documents: dict[str, list[Row]] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    required: tuple[str, ...] = ()
    refusals: list[Refused] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    url: str = ""
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def now(self) -> str:
        return f"{self.clock.now():%Y-%m-%dT%H:%M:%S}+00:00"

    def add(self, wonum: str, siteid: str = "BEDFORD", **values: Any) -> Row:
        """Somebody else makes a work order. Its rest id is made of its key, which is the number and the site."""
        rest_id = "_" + base64.urlsafe_b64encode(f"{wonum}/{siteid}".encode()).decode().rstrip("=")
        row = {"wonum": wonum, "siteid": siteid, "workorderid": next(self._numbers), "historyflag": False}
        row |= {"changedate": self.now(), "href": f"{self.url}/maximo/api/os/mxapiwodetail/{rest_id}"} | values
        self.orders[rest_id], self.worklogs[rest_id], self.documents[rest_id] = row, [], []
        return row

    def merge(self, rest_id: str, values: Row) -> None:
        """PATCH with patchtype MERGE: attributes are set, rows of child lists are added."""
        row = self._writable(rest_id)
        missing = [name for name in self.required if not (row | values).get(name)]
        if missing:
            raise Refused(
                "BMXAA4195E", f"A value is required for the {missing[0].upper()} field on the WORKORDER object."
            )
        for log in values.get("worklog", ()):
            self.worklogs[rest_id].append({"worklogid": next(self._numbers), **log})
            self.effects.append("worklog.add")
        own = {name: value for name, value in values.items() if name in ATTRIBUTES - self.ignored}
        if own:
            row |= own
            self.effects.append("workorder.update")
        row["changedate"] = self.now()

    def attach(self, rest_id: str, name: str, data: bytes) -> int:
        self._writable(rest_id)
        number: int = next(self._numbers)
        described = {"identifier": str(number), "fileName": name, "attachmentSize": len(data)}
        href = f"{self.orders[rest_id]['href']}/doclinks/{number}"
        self.documents[rest_id].append({"href": href, "describedBy": described})
        self.effects.append("doclinks.add")
        return number

    def _writable(self, rest_id: str) -> Row:
        if self.refusals:
            raise self.refusals.pop(0)
        return self.order(rest_id)

    def order(self, rest_id: str) -> Row:
        if rest_id not in self.orders:
            raise Refused("BMXAA8727E", "The OSLC resource was not found.", status=404)
        return self.orders[rest_id]
