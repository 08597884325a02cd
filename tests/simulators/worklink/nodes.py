"""Every object of the CMS by its global id. Documents have the vendor's field names; names with `_` are private."""

import base64
import hashlib
from typing import Any

from tests.simulators.engine.resolving import Doc

FIRST_NUMBERS = {"ScenarioSession": 4101, "CallSession": 701, "ScenarioCatalog": 5512}


class Nodes:
    def __init__(self) -> None:
        self.by_id: dict[str, Doc] = {}
        self.by_type: dict[str, list[Doc]] = {}
        self.opaque_ids = False
        self._by_number: dict[tuple[str, str], Doc] = {}
        self._last: dict[str, int] = {}

    def create(self, typename: str, **fields: Any) -> Doc:
        number = self._last.get(typename, FIRST_NUMBERS.get(typename, 11) - 1) + 1
        node_id = _opaque(typename, number) if self.opaque_ids else _readable(typename, number)
        doc: Doc = {"__typename": typename, "id": node_id, "databaseId": str(number), **fields}
        self.put(doc)
        return doc

    def put(self, doc: Doc) -> None:
        typename, number = doc["__typename"], doc["databaseId"]
        self.by_id[doc["id"]] = doc
        self.by_type.setdefault(typename, []).append(doc)
        self._by_number[typename, number] = doc
        self._last[typename] = max(self._last.get(typename, 0), int(number))

    def remove(self, doc: Doc) -> None:
        del self.by_id[doc["id"]], self._by_number[doc["__typename"], doc["databaseId"]]
        self.by_type[doc["__typename"]].remove(doc)

    def forget_sessions(self, *, keep: int) -> None:
        """Drop all but the latest sessions and calls with their parts: a demonstration runs for days."""
        for typename in ("ScenarioSession", "CallSession"):
            for doc in self.all(typename)[: max(len(self.all(typename)) - keep, 0)]:
                for child in (*doc.get("_steps", ()), *doc.get("_events", ()), *doc.get("_parts", ())):
                    self._forget(self.by_id[child])
                self._forget(doc)

    def _forget(self, doc: Doc) -> None:
        for attachment in doc.get("_attachments", ()):
            self.remove(self.by_id[attachment])
        self.remove(doc)

    def all(self, typename: str) -> list[Doc]:
        return self.by_type.get(typename, [])

    def find(self, typename: str, reference: str) -> Doc | None:
        """By global id or by numeric id: the vendor's samples show both in arguments of type ID."""
        doc = self.by_id.get(reference) or self._by_number.get((typename, reference))
        return doc if doc and doc["__typename"] == typename else None

    def clear(self) -> None:
        for table in (self.by_id, self.by_type, self._by_number, self._last):
            table.clear()


def _readable(typename: str, number: int) -> str:
    return base64.urlsafe_b64encode(f"{typename}:{number}".encode()).decode().rstrip("=")


def _opaque(typename: str, number: int) -> str:
    """44 characters of the standard alphabet, as seen in the vendor's pages: with / and + here and there, and =."""
    return base64.b64encode(hashlib.sha256(f"{typename}:{number}".encode()).digest()).decode()
