"""The REST interface: `/api/orders…`."""

from typing import Any

from starlette.routing import Route

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.record.guard import Handler, guarded
from tests.simulators.record.multipart import read_upload
from tests.simulators.record.orders import CHILDREN, Refused, Row
from tests.simulators.record.state import RecordState

PAGE_SIZE = 50
ORDER = "/api/orders/{reference}"


class RestInterface:
    def __init__(self, state: RecordState) -> None:
        self._state = state
        self._orders = state.orders

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", ORDER, self.read),
            ("GET", "/api/choices/{number}", self.choices),
            ("PATCH", ORDER, self.update),
            ("GET", "/api/orders", self.search),
            ("POST", "/api/orders", self.create),
            ("POST", ORDER + "/attachments", self.attach),
            ("GET", ORDER + "/attachments/{key}/content", self.content),
            ("PUT", ORDER + "/sessions/{key}", self.put_session),
            ("GET", ORDER + "/{kind}", self.children),
            ("POST", ORDER + "/{kind}", self.add_child),
            ("GET", ORDER + "/{kind}/{key}", self.child),
        ]
        return [
            Route(path, Endpoint(guarded(self._state, handler)), methods=[method]) for method, path, handler in table
        ]

    def read(self, ask: Ask) -> Told:
        return Told(200, self._orders.get(ask.params["reference"]))

    def choices(self, ask: Ask) -> Told:
        """300 (RFC 9110, 15.4.1) with the address of each order of this number."""
        rows = self._orders.with_number(ask.params["number"])
        return Told(300, [f"/api/orders/{row['id']}" for row in rows])

    def update(self, ask: Ask) -> Told:
        key = ask.headers.get("idempotency-key", "")
        return Told(200, self._orders.update(ask.params["reference"], _object(ask), key=key))

    def create(self, ask: Ask) -> Told:
        content = _object(ask)
        number = content.pop("number", None)
        if not isinstance(number, str) or not number:
            raise Refused(422, "missing_field", "an order needs a number")
        if self._orders.with_number(number):
            raise Refused(409, "already_exists", f"order {number} exists already")
        row = self._orders.add(number, **content)
        key = ask.headers.get("idempotency-key", "")
        self._state.journal.add("order.create", record=number, key=key, at=self._orders.now(), content=content)
        return Told(201, row)

    def search(self, ask: Ask) -> Told:
        """`?number=` exactly; `?updated_since=` oldest change first; pages by `offset` and `limit`."""
        if number := ask.query.get("number"):
            rows = self._orders.with_number(number)
        else:
            rows = self._orders.changed_since(ask.query.get("updated_since", ""))
        first, size = int(ask.query.get("offset", 0)), min(int(ask.query.get("limit", PAGE_SIZE)), 500)
        more = first + size < len(rows)
        page = {"items": rows[first : first + size], "total": len(rows), "next_offset": first + size if more else None}
        return Told(200, page)

    def children(self, ask: Ask) -> Told:
        order = self._orders.get(ask.params["reference"])
        rows = self._orders.children[order["id"]][_kind(ask)]
        if external_id := ask.query.get("external_id"):
            rows = [row for row in rows if row.get("external_id") == external_id]
        return Told(200, {"items": rows, "total": len(rows)})

    def child(self, ask: Ask) -> Told:
        return Told(200, self._orders.child(ask.params["reference"], _kind(ask), ask.params["key"]))

    def add_child(self, ask: Ask) -> Told:
        key = ask.headers.get("idempotency-key", "")
        return Told(201, self._orders.add_child(ask.params["reference"], _kind(ask), _object(ask), key=key))

    def put_session(self, ask: Ask) -> Told:
        params = ask.params
        key = ask.headers.get("idempotency-key", "")
        row, created = self._orders.put_child(params["reference"], "sessions", params["key"], _object(ask), key=key)
        return Told(201 if created else 200, row)

    def attach(self, ask: Ask) -> Told:
        upload = read_upload(ask.body, ask.headers, ask.query)
        if not upload.data:
            raise Refused(422, "missing_file", "an attachment needs bytes")
        fields = {name: value for name, value in upload.fields.items() if name in ("description", "external_id")}
        content: Row = {"name": upload.name, "content_type": upload.content_type, **fields}
        key = ask.headers.get("idempotency-key", "")
        row = self._orders.add_child(ask.params["reference"], "attachments", content, key=key, data=upload.data)
        return Told(201, row)

    def content(self, ask: Ask) -> Told:
        row = self._orders.child(ask.params["reference"], "attachments", ask.params["key"])
        if row["id"] not in self._orders.contents:
            raise Refused(410, "gone", "the bytes of this attachment are no longer kept")
        return Told(200, self._orders.contents[row["id"]], content_type=row["content_type"])


def _kind(ask: Ask) -> str:
    kind = ask.params["kind"]
    if kind not in CHILDREN:
        raise Refused(404, "not_found", f"orders have no {kind}")
    return kind


def _object(ask: Ask) -> Row:
    content: Any = ask.json()
    if not isinstance(content, dict):
        raise Refused(400, "bad_request", "the body must be a JSON object")
    return content
