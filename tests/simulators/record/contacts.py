"""The contact list of the system of record: whom its users can call. Each entry is put by the caller's own key."""

from typing import Any

from starlette.routing import Route

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.record.guard import guarded
from tests.simulators.record.orders import Refused, Row
from tests.simulators.record.state import RecordState

FIELDS = ("name", "email", "call_id", "group", "licence", "link", "inactive", "key")


class ContactList:
    def __init__(self, state: RecordState) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        table = (("GET", "/api/contacts", self.all), ("GET", ONE, self.read), ("PUT", ONE, self.put))
        return [
            Route(path, Endpoint(guarded(self._state, handler)), methods=[method]) for method, path, handler in table
        ]

    def all(self, ask: Ask) -> Told:
        rows = list(self._state.contacts.values())
        return Told(200, {"items": rows, "total": len(rows)})

    def read(self, ask: Ask) -> Told:
        if row := self._state.contacts.get(ask.params["key"]):
            return Told(200, row)
        raise Refused(404, "not_found", f"no contact {ask.params['key']}")

    def put(self, ask: Ask) -> Told:
        """Create or replace."""
        content: Any = ask.json()
        if not isinstance(content, dict) or not content.get("name"):
            raise Refused(422, "missing_field", "a contact needs a name")
        if unknown := sorted(set(content) - set(FIELDS)):
            raise Refused(422, "unknown_field", f"unknown fields: {', '.join(unknown)}", fields=unknown)
        key, state = ask.params["key"], self._state
        with state.orders.lock:
            created = key not in state.contacts
            row: Row = {"id": key, **content}
            state.contacts[key] = row
            what = "contact.create" if created else "contact.update"
            sent = ask.headers.get("idempotency-key", "")
            state.journal.add(what, record=key, key=sent, at=state.orders.now(), content=content)
        return Told(201 if created else 200, row)


ONE = "/api/contacts/{key:path}"
