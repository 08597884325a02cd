"""The tables of an instance and the rules that its administrator made."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.clock import Clock
from tests.simulators.faults import FaultPlan
from tests.simulators.record.auth import Credentials
from tests.simulators.servicenow.queries import Row
from tests.simulators.traffic import TrafficLog

SYSTEM = ("sys_id", "sys_created_on", "sys_updated_on", "sys_mod_count")
SESSION = "u_key u_work_order u_session u_outcome u_instruction u_technician u_minutes u_started u_ended"
WORK_ORDER = (
    "number short_description state active assigned_to.name location.name cmdb_ci.name opened_at close_notes "
    "work_notes comments u_fieldport_outcome u_fieldport_instruction u_fieldport_technician u_fieldport_percent "
    "u_fieldport_minutes u_fieldport_ended"
)
COLUMNS = {
    "wm_order": frozenset(WORK_ORDER.split()) | {*SYSTEM},
    "u_fieldport_session": frozenset(SESSION.split()) | {*SYSTEM},
    "sys_journal_field": frozenset({"element_id", "element", "name", "value", *SYSTEM}),
    "sys_attachment": frozenset({"table_name", "table_sys_id", "file_name", "content_type", "hash", *SYSTEM}),
}
JOURNALS = frozenset({"work_notes", "comments"})


class Refused(Exception):
    """The `detail` of a refusal. `status` 403 by the page “REST response codes”: rights, data policies, rules."""

    def __init__(self, detail: str, *, message: str = "Operation Failed", status: int = 403) -> None:
        super().__init__(detail)
        self.message, self.status = message, status


@dataclass
class Instance:
    """`read_only`: columns that the integration's user may not write. `rule(table, row, values)` may refuse."""

    clock: Clock = field(default_factory=Clock)
    faults: FaultPlan = field(default_factory=FaultPlan)
    log: TrafficLog = field(default_factory=TrafficLog)
    credentials: Credentials = field(init=False)
    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: {name: {} for name in COLUMNS})
    unique: set[tuple[str, str]] = field(default_factory=lambda: {("u_fieldport_session", "u_key")})
    read_only: set[str] = field(default_factory=set)
    rule: Callable[[str, Row, Row], None] | None = None
    effects: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.credentials = Credentials(self.clock, token_seconds=1800)

    def now(self) -> str:
        return f"{self.clock.now():%Y-%m-%d %H:%M:%S}"

    def add(self, table: str, **values: Any) -> Row:
        """Somebody else makes a row."""
        row = {"sys_id": uuid.uuid4().hex, "sys_created_on": self.now(), "sys_updated_on": self.now()}
        row |= {"sys_mod_count": "0"} | {name: str(value) for name, value in values.items()}
        self.tables[table][row["sys_id"]] = row
        return row

    def insert(self, table: str, values: Row) -> Row:
        for name in (name for owner, name in self.unique if owner == table):
            if any(row.get(name) == values.get(name) for row in self.tables[table].values()):
                raise Refused(f"Error during insert of {table}: Unique Key violation detected by database ({name})")
        self._judge(table, {}, values)
        row = self.add(table)
        self._write(table, row, values)
        self.effects.append(f"{table}.insert")
        return row

    def update(self, table: str, row: Row, values: Row) -> Row:
        self._judge(table, row, values)
        self._write(table, row, values)
        row |= {"sys_updated_on": self.now(), "sys_mod_count": str(int(row["sys_mod_count"]) + 1)}
        self.effects.append(f"{table}.update")
        return row

    def attach(self, query: Row, data: bytes, content_type: str) -> Row:
        table, sys_id = query.get("table_name", ""), query.get("table_sys_id", "")
        if sys_id not in self.tables.get(table, {}):
            raise Refused(f"Record {sys_id} not found in {table}", message="Invalid table or record", status=400)
        self.effects.append("sys_attachment.insert")
        told = {name: query[name] for name in ("table_name", "table_sys_id", "file_name")}
        return self.add("sys_attachment", **told, content_type=content_type, hash=hashlib.sha256(data).hexdigest())

    def _judge(self, table: str, row: Row, values: Row) -> None:
        if self.rule is not None:
            self.rule(table, row, values)

    def _write(self, table: str, row: Row, values: Row) -> None:
        """Take what is a column and may be written; the rest is ignored without a word."""
        for name, value in values.items():
            if name not in COLUMNS[table] or name in self.read_only or name in SYSTEM:
                continue
            text = "" if value is None else str(value)
            if name not in JOURNALS:
                row[name] = text
            elif text:
                self.add("sys_journal_field", element_id=row["sys_id"], element=name, name=table, value=text)
