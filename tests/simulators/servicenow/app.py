"""The Table API, the Attachment API and the token address (documentation pages of these names)."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.door import Door
from tests.simulators.record.auth import GrantRefused
from tests.simulators.servicenow.instance import COLUMNS, JOURNALS, Instance, Refused
from tests.simulators.servicenow.queries import Row, select

Handler = Callable[[Ask], Told]


def build_app(instance: Instance) -> ASGIApp:
    api = _Api(instance)
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/api/now/table/{table}", api.list),
        ("POST", "/api/now/table/{table}", api.create),
        ("GET", "/api/now/table/{table}/{sys_id}", api.read),
        ("PATCH", "/api/now/table/{table}/{sys_id}", api.update),
        ("GET", "/api/now/attachment", api.attachments),
        ("POST", "/api/now/attachment/file", api.attach),
    ]
    routes = [Route(path, Endpoint(_guarded(instance, call)), methods=[method]) for method, path, call in table]
    routes.append(Route("/oauth_token.do", Endpoint(_token(instance)), methods=["POST"]))
    app = Starlette(routes=routes)
    return Door(app, clock=instance.clock, faults=instance.faults, log=instance.log, operation_of=lambda *_: "")


def _failure(status: int, message: str, detail: str) -> Told:
    return Told(status, {"error": {"message": message, "detail": detail}, "status": "failure"})


def _guarded(instance: Instance, handler: Handler) -> Handler:
    def handle(ask: Ask) -> Told:
        if not instance.credentials.accept(ask.headers, {}):
            return _failure(401, "User Not Authenticated", "Required to provide Auth information")
        if ask.params.get("table", "wm_order") not in COLUMNS:
            return _failure(400, f"Invalid table {ask.params['table']}", "")
        try:
            return handler(ask)
        except Refused as refusal:
            return _failure(refusal.status, refusal.message, str(refusal))

    return handle


def _token(instance: Instance) -> Handler:
    def token(ask: Ask) -> Told:
        try:
            return Told(200, {**instance.credentials.grant(ask.form(), ""), "scope": "useraccount"})
        except GrantRefused as refusal:
            return Told(401, {"error_description": "access_denied", "error": str(refusal)})

    return token


class _Api:
    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def list(self, ask: Ask) -> Told:
        return self._selected(ask, ask.params["table"])

    def attachments(self, ask: Ask) -> Told:
        return self._selected(ask, "sys_attachment")

    def read(self, ask: Ask) -> Told:
        return Told(200, {"result": _shown(self._row(ask), ask)})

    def create(self, ask: Ask) -> Told:
        return Told(201, {"result": _shown(self._instance.insert(ask.params["table"], _object(ask)), ask)})

    def update(self, ask: Ask) -> Told:
        row = self._instance.update(ask.params["table"], self._row(ask), _object(ask))
        return Told(200, {"result": _shown(row, ask)})

    def attach(self, ask: Ask) -> Told:
        row = self._instance.attach(ask.query, ask.body, ask.headers.get("content-type", ""))
        return Told(201, {"result": row}, (("location", f"/api/now/attachment/{row['sys_id']}"),))

    def _selected(self, ask: Ask, table: str) -> Told:
        rows = self._instance.tables[table].values()
        found = select(rows, ask.query.get("sysparm_query", ""), columns=COLUMNS[table])
        first, size = int(ask.query.get("sysparm_offset", 0)), int(ask.query.get("sysparm_limit", 10_000))
        return Told(200, {"result": [_shown(row, ask) for row in found[first : first + size]]})

    def _row(self, ask: Ask) -> Row:
        row = self._instance.tables[ask.params["table"]].get(ask.params["sys_id"])
        if row is None:
            detail = "Record doesn't exist or ACL restricts the record retrieval"
            raise Refused(detail, message="No Record found", status=404)
        return row


def _shown(row: Row, ask: Ask) -> Row:
    """Return the asked-for columns; a journal field reads as empty, its entries are rows of sys_journal_field."""
    whole = row | dict.fromkeys(JOURNALS, "")
    wanted = ask.query.get("sysparm_fields")
    return {name: whole[name] for name in wanted.split(",") if name in whole} if wanted else whole


def _object(ask: Ask) -> dict[str, Any]:
    content = ask.json()
    if not isinstance(content, dict):
        raise Refused("The payload is not valid JSON.", message="Exception while reading request", status=400)
    return content
