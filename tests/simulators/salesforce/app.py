"""The REST API of an organisation and its token address (REST API Developer Guide)."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.door import Door
from tests.simulators.record.auth import GrantRefused
from tests.simulators.salesforce.organisation import EXTERNAL_IDS, OBJECTS, Organisation, Refused
from tests.simulators.salesforce.soql import Malformed, Row, select

Handler = Callable[[Ask], Told]
DATA = "/services/data/v62.0"


def build_app(organisation: Organisation) -> ASGIApp:
    api = _Api(organisation)
    table: list[tuple[str, str, Handler]] = [
        ("GET", f"{DATA}/limits", api.limits),
        ("GET", f"{DATA}/query", api.query),
        ("POST", f"{DATA}/sobjects/{{object}}", api.create),
        ("GET", f"{DATA}/sobjects/{{object}}/{{id}}", api.read),
        ("PATCH", f"{DATA}/sobjects/{{object}}/{{id}}", api.update),
        ("GET", f"{DATA}/sobjects/{{object}}/{{field}}/{{value}}", api.read_by_external_id),
        ("PATCH", f"{DATA}/sobjects/{{object}}/{{field}}/{{value}}", api.upsert),
    ]
    routes = [Route(path, Endpoint(_guarded(organisation, call)), methods=[method]) for method, path, call in table]
    routes.append(Route("/services/oauth2/token", Endpoint(_token(organisation)), methods=["POST"]))
    app = Starlette(routes=routes)
    made = organisation
    return Door(app, clock=made.clock, faults=made.faults, log=made.log, operation_of=lambda *_: "")


def _guarded(organisation: Organisation, handler: Handler) -> Handler:
    def handle(ask: Ask) -> Told:
        try:
            _enter(organisation, ask)
            told = handler(ask)
        except Refused as refusal:
            told = Told(refusal.status, refusal.body)
        except Malformed as error:
            told = Told(400, Refused("MALFORMED_QUERY", str(error)).body)
        usage = f"api-usage={organisation.used}/{organisation.daily_limit}"
        return Told(told.status, told.content, (*told.headers, ("Sforce-Limit-Info", usage)))

    return handle


def _enter(organisation: Organisation, ask: Ask) -> None:
    if not organisation.credentials.accept(ask.headers, {}):
        raise Refused("INVALID_SESSION_ID", "Session expired or invalid", status=401)
    if organisation.used >= organisation.daily_limit:
        raise Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
    organisation.used += 1
    for refusal in organisation.refusals:
        if refusal[0] == ask.scope["method"]:
            organisation.refusals.remove(refusal)
            raise refusal[1]
    if ask.params.get("object", "WorkOrder") not in OBJECTS:
        raise Refused("NOT_FOUND", "The requested resource does not exist", status=404)


def _token(organisation: Organisation) -> Handler:
    def token(ask: Ask) -> Told:
        try:
            granted = organisation.credentials.grant(ask.form(), "")
        except GrantRefused as refusal:
            return Told(400, {"error": str(refusal), "error_description": "invalid client credentials"})
        del granted["expires_in"]  # the answers of these flows do not say how long a token lives
        return Told(200, {**granted, "instance_url": organisation.url, "id": "https://login.salesforce.com/id/0"})

    return token


class _Api:
    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation

    def limits(self, ask: Ask) -> Told:
        left = self._organisation.daily_limit - self._organisation.used
        return Told(200, {"DailyApiRequests": {"Max": self._organisation.daily_limit, "Remaining": left}})

    def query(self, ask: Ask) -> Told:
        found = select(ask.query.get("q", ""), self._organisation.objects)
        return Told(200, {"totalSize": len(found), "done": True, "records": found})

    def create(self, ask: Ask) -> Told:
        return self._created(self._organisation.insert(ask.params["object"], _object(ask)))

    def read(self, ask: Ask) -> Told:
        return Told(200, self._row(ask))

    def update(self, ask: Ask) -> Told:
        self._organisation.update(ask.params["object"], self._row(ask), _object(ask))
        return Told(204)

    def read_by_external_id(self, ask: Ask) -> Told:
        rows = self._by_external_id(ask)
        if not rows:
            raise Refused("NOT_FOUND", "The requested resource does not exist", status=404)
        return Told(200, rows[0]) if len(rows) == 1 else _several(ask, rows)

    def upsert(self, ask: Ask) -> Told:
        rows, values = self._by_external_id(ask), _object(ask)
        if ask.params["field"] in values:
            told = f"The {ask.params['field']} field should not be specified in the sobject data."
            raise Refused("INVALID_FIELD", told, fields=(ask.params["field"],))
        if len(rows) > 1:
            return _several(ask, rows)
        if not rows:
            return self._created(
                self._organisation.insert(ask.params["object"], {**values, ask.params["field"]: ask.params["value"]})
            )
        self._organisation.update(ask.params["object"], rows[0], values)
        return Told(200, {"id": rows[0]["Id"], "success": True, "errors": [], "created": False})

    def _created(self, row: Row) -> Told:
        return Told(201, {"id": row["Id"], "success": True, "errors": [], "created": True})

    def _row(self, ask: Ask) -> Row:
        row = self._organisation.objects[ask.params["object"]].get(ask.params["id"])
        if row is None:
            raise Refused("NOT_FOUND", "The requested resource does not exist", status=404)
        return row

    def _by_external_id(self, ask: Ask) -> list[Row]:
        name, field = ask.params["object"], ask.params["field"]
        if EXTERNAL_IDS.get(name) != field:
            raise Refused("NOT_FOUND", f"Provided external ID field does not exist: {field}", status=404)
        return [row for row in self._organisation.objects[name].values() if row.get(field) == ask.params["value"]]


def _several(ask: Ask, rows: list[Row]) -> Told:
    """300: “the value of an external ID exists in more than one record”; the body lists their addresses."""
    return Told(300, [f"{DATA}/sobjects/{ask.params['object']}/{row['Id']}" for row in rows])


def _object(ask: Ask) -> dict[str, Any]:
    content = ask.json()
    if not isinstance(content, dict):
        raise Refused("JSON_PARSER_ERROR", "The HTTP entity body is required to be an object")
    return content
