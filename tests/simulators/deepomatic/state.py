"""The work orders of the simulated site: what was sent, analysed and corrected."""

from dataclasses import dataclass, field
from datetime import UTC
from threading import RLock
from typing import Any
from uuid import uuid4

from tests.simulators.clock import Clock
from tests.simulators.deepomatic.catalogue import Catalogue, Row
from tests.simulators.faults import FaultPlan
from tests.simulators.record.journal import Journal
from tests.simulators.traffic import TrafficLog

API_KEY, CONNECTOR_TOKEN = "deepomatic-demo-key", "deepomatic-demo-connector"
SITE_ID = "00000000-0000-4000-8000-0000000000aa"


class Refused(Exception):
    def __init__(self, status: int, body: Row) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


@dataclass
class Submitted:
    """One input. `url`: of a picture that lies elsewhere, which the site would fetch."""

    id: str
    context: str
    content: bytes = b""
    content_type: str = "image/jpeg"
    url: str = ""
    at: str = ""
    messages: list[Row] = field(default_factory=list)


@dataclass
class Order:
    id: str
    name: str
    metadata: Row
    fields: Row
    created: str
    updated: str
    inputs: list[Submitted] = field(default_factory=list)
    analyses: list[str] = field(default_factory=list)
    # By (group, task): analyzed and corrected value.
    values: dict[tuple[str, str], Row] = field(default_factory=dict)


@dataclass
class Item:
    """A work item of the connector: one expected photo."""

    id: str
    order: str
    group: str
    inputs: list[str] = field(default_factory=list)


class SiteState:
    def __init__(self) -> None:
        self.lock = RLock()
        self.clock = Clock()
        self.faults = FaultPlan()
        self.log = TrafficLog()
        self.journal = Journal()
        self.public_url = self.files_url = ""
        self.clear()

    def clear(self) -> None:
        """Back to an empty site as it started."""
        self.catalogue = Catalogue()
        self.api_key, self.connector_token = API_KEY, CONNECTOR_TOKEN
        self.orders: dict[str, Order] = {}
        self.items: dict[str, Item] = {}
        self.answers: Row = {"seal_present": True, "clean": True, "closed": True, "serial": "A-1042"}
        self.messages: list[Row | str] = []
        self.spelling: Row = {}

    def now(self) -> str:
        return self.clock.now().astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

    def create(self, name: str, metadata: Row | None = None, **fields: Any) -> Order:
        with self.lock:
            order = Order(str(uuid4()), name, dict(metadata or {}), fields, self.now(), self.now())
            self.orders[order.id] = order
            self.journal.add("order.create", record=order.id, key=name, at=self.now(), content={"metadata": metadata})
            return order

    def order(self, order_id: str) -> Order:
        if order_id not in self.orders:
            raise Refused(404, {"detail": "Not found."})
        return self.orders[order_id]

    def delete(self, order_id: str) -> None:
        with self.lock:
            self.order(order_id)
            del self.orders[order_id]

    def submit(self, order: Order, submitted: Submitted) -> tuple[str, list[Row]]:
        """Keep an input and analyse it; return the analysis's id and the tasks."""
        with self.lock:
            group = self.catalogue.group(submitted.context)
            if group is None:
                raise Refused(400, {"context": [f"Unknown task group {submitted.context}."]})
            submitted.at, submitted.messages = self.now(), list(self.messages)  # type: ignore[arg-type]
            order.inputs.append(submitted)
            order.updated = self.now()
            analysis = str(uuid4())
            order.analyses.append(analysis)
            if not any(_stops(each) for each in submitted.messages):
                for task in group["tasks"]:
                    value = self.answers.get(task["name"])
                    value = value(submitted) if callable(value) else value
                    order.values[group["name"], task["name"]] = {"analyzed_value": value, "corrected_value": None}
            content = {"input": submitted.id, "context": submitted.context}
            self.journal.add("analyze", record=order.id, key=submitted.id, at=self.now(), content=content)
            return analysis, self.tasks_shown(order, group["name"])

    def correct(self, order: Order, task_id: str, value: Any) -> Row:
        with self.lock:
            found = self.catalogue.task_of(task_id)
            if found is None:
                raise Refused(404, {"detail": "Not found."})
            group, task = found
            kept = order.values.get((group, task["name"]))
            if kept is None:
                raise Refused(400, {"detail": "This task was never analysed."})
            if not _fits(value, task["outcome_type"]):
                raise Refused(400, {"corrected_value": [f"Not a {task['outcome_type']}."]})
            kept["corrected_value"] = value
            content = {"task": task["name"], "value": value}
            self.journal.add("correct", record=order.id, key=task["name"], at=self.now(), content=content)
            return next(each for each in self.tasks_shown(order, group) if each["name"] == task["name"])

    def tasks_shown(self, order: Order, group_name: str) -> list[Row]:
        group = self.catalogue.group(group_name)
        assert group is not None
        return [self._task(order, group_name, task) for task in group["tasks"]]

    def _task(self, order: Order, group: str, task: Row) -> Row:
        values = order.values.get((group, task["name"]), {"analyzed_value": None, "corrected_value": None})
        shown = {name: task[name] for name in ("name", "outcome_type", "mandatory")}
        state = {**values, "message": task["sentence"], "regions": []}
        return {"id": self.catalogue.id_of(f"{group}/{task['name']}"), **shown, "state": state}

    def progress(self, order: Order) -> int:
        tasks = [(group["name"], task) for group in self.catalogue.groups for task in group["tasks"]]
        good = [key for group, task in tasks if self.value(order, key := (group, task["name"])) is True]
        return round(100 * len(good) / max(len(tasks), 1))

    def value(self, order: Order, key: tuple[str, str]) -> Any:
        kept = order.values.get(key) or {}
        corrected = kept.get("corrected_value")
        return kept.get("analyzed_value") if corrected is None else corrected


def _stops(message: Any) -> bool:
    return message.startswith("error::") if isinstance(message, str) else message.get("severity") == "error"


def _fits(value: Any, kind: str) -> bool:
    if kind == "Boolean":
        return isinstance(value, bool)
    return isinstance(value, str) if kind == "Text" else isinstance(value, int | float) and not isinstance(value, bool)
