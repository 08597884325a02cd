"""The rows of the system of record and the rules for changing them; no HTTP here."""

import hashlib
from threading import RLock
from typing import Any

from tests.simulators.clock import Clock, iso
from tests.simulators.record.journal import Journal

Row = dict[str, Any]

FIELDS = ("status", "assignee", "priority", "asset", "site", "description", "opened_at", "resolved_at")
CUSTOM_PREFIX = "u_"
KEPT_CONTENTS = 1000
CHILDREN = ("notes", "attachments", "sessions")


class Refused(Exception):
    """An answer other than success: `status` and `code` are what the caller is told."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, **self.details}


class Orders:
    """All work orders. A number may be carried by several records, as happens in real systems."""

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self.lock = RLock()
        self.rows: dict[str, Row] = {}
        self.children: dict[str, dict[str, list[Row]]] = {}
        self.contents: dict[str, bytes] = {}
        self._by_number: dict[str, list[str]] = {}
        self._clock = clock
        self._journal = journal

    def now(self) -> str:
        return iso(self._clock.now())

    def add(self, number: str, **fields: Any) -> Row:
        """Create a record, also when the number is taken: that is how several matches come about."""
        with self.lock:
            record_id = f"rec-{len(self.rows) + 1:06d}"
            now = self.now()
            row: Row = {"id": record_id, "number": number, **dict.fromkeys(FIELDS)}
            row |= {"status": "open", "opened_at": now, "closed": False, **fields, "updated_at": now}
            self.restore(row)
            return row

    def restore(self, row: Row) -> None:
        self.rows[row["id"]] = row
        self.children.setdefault(row["id"], {kind: [] for kind in CHILDREN})
        self._by_number.setdefault(row["number"], []).append(row["id"])

    def clear(self) -> None:
        with self.lock:
            for table in (self.rows, self.children, self.contents, self._by_number):
                table.clear()

    def with_number(self, number: str) -> list[Row]:
        return [self.rows[each] for each in self._by_number.get(number, ())]

    def get(self, reference: str) -> Row:
        """By record id, or by number where that is unique."""
        if row := self.rows.get(reference):
            return row
        matches = self._by_number.get(reference, ())
        if len(matches) > 1:
            raise Refused(409, "several_matches", f"{len(matches)} orders have the number {reference}")
        if not matches:
            raise Refused(404, "not_found", f"no order {reference}")
        return self.rows[matches[0]]

    def changed_since(self, moment: str) -> list[Row]:
        changed = [row for row in self.rows.values() if row["updated_at"] >= moment]
        return sorted(changed, key=lambda row: (row["updated_at"], row["id"]))

    def update(self, reference: str, fields: Row, *, key: str = "") -> Row:
        """Set fields. Refuses unknown ones, and any change of a closed record but the one that opens it again."""
        with self.lock:
            row = self.get(reference)
            _refuse_unknown(fields)
            if row["closed"] and fields.get("status") != "open":
                raise Refused(422, "record_closed", f"order {row['number']} is closed")
            changed = [name for name, value in fields.items() if row.get(name) != value]
            row |= {**fields, "closed": fields.get("status", row["status"]) == "closed", "updated_at": self.now()}
            self._note_effect("order.update", row, key=key, content={"fields": fields, "changed": changed})
            return row

    def child(self, reference: str, kind: str, key: str) -> Row:
        for row in self.children[self.get(reference)["id"]][kind]:
            if key in (row.get("external_id"), row["id"]):
                return row
        raise Refused(404, "not_found", f"no {kind} {key} on order {reference}")

    def add_child(self, reference: str, kind: str, content: Row, *, key: str = "", data: bytes = b"") -> Row:
        """Append a note, an attachment or a session; an external id is taken only once per order."""
        with self.lock:
            order = self.get(reference)
            if order["closed"]:
                raise Refused(422, "record_closed", f"order {order['number']} is closed")
            rows = self.children[order["id"]][kind]
            external_id = content.get("external_id")
            if external_id and any(row.get("external_id") == external_id for row in rows):
                raise Refused(409, "already_exists", f"{kind} {external_id} exists already", external_id=external_id)
            row = {"id": f"{order['id']}-{kind}-{len(rows) + 1}", **content, "created_at": self.now()}
            if data:
                row |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                self._keep_bytes(row["id"], data)
            rows.append(row)
            order["updated_at"] = self.now()
            self._note_effect(f"{kind}.create", order, key=key or external_id or "", content=content)
            return row

    def _keep_bytes(self, row_id: str, data: bytes) -> None:
        self.contents[row_id] = data
        if len(self.contents) > KEPT_CONTENTS:
            del self.contents[next(iter(self.contents))]

    def put_child(
        self, reference: str, kind: str, external_id: str, content: Row, *, key: str = ""
    ) -> tuple[Row, bool]:
        """Create or replace by external id; the second value says whether it was created."""
        with self.lock:
            try:
                row = self.child(reference, kind, external_id)
            except Refused as refusal:
                if refusal.code != "not_found":
                    raise
                whole = {**content, "external_id": external_id}
                return self.add_child(reference, kind, whole, key=key), True
            order = self.get(reference)
            if order["closed"]:
                raise Refused(422, "record_closed", f"order {order['number']} is closed")
            row |= {**content, "updated_at": self.now()}
            self._note_effect(f"{kind}.update", order, key=key or external_id, content=content)
            return row, False

    def _note_effect(self, what: str, order: Row, *, key: str, content: Row) -> None:
        self._journal.add(what, record=order["number"], key=key, at=self.now(), content=content)


def _refuse_unknown(fields: Row) -> None:
    unknown = [name for name in fields if name not in FIELDS and not name.startswith(CUSTOM_PREFIX)]
    if unknown:
        raise Refused(422, "unknown_field", f"unknown fields: {', '.join(unknown)}", fields=unknown)
