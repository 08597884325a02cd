"""The REST (JSON) API of an object structure (IBM Maximo REST API Guide)."""

import re
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.door import Door
from tests.simulators.maximo.installation import Installation, Refused, Row

Handler = Callable[[Ask], Told]
STRUCTURE = "/maximo/api/os/mxapiwodetail"
_CONDITION = re.compile(r'(?P<name>\w+)(?P<operator>>=|=)"(?P<value>[^"]*)"')
_CHILD = re.compile(r"worklog\{[\w,*]+\}")


def build_app(installation: Installation) -> ASGIApp:
    api = _Api(installation)
    table: list[tuple[str, str, Handler]] = [
        ("GET", STRUCTURE, api.search),
        ("GET", f"{STRUCTURE}/{{id}}", api.read),
        ("POST", f"{STRUCTURE}/{{id}}", api.update),
        ("GET", f"{STRUCTURE}/{{id}}/doclinks", api.documents),
        ("POST", f"{STRUCTURE}/{{id}}/doclinks", api.attach),
    ]
    routes = [Route(path, Endpoint(_guarded(installation, call)), methods=[method]) for method, path, call in table]
    app, made = Starlette(routes=routes), installation
    return Door(app, clock=made.clock, faults=made.faults, log=made.log, operation_of=lambda *_: "")


def _guarded(installation: Installation, handler: Handler) -> Handler:
    def handle(ask: Ask) -> Told:
        try:
            if ask.headers.get("apikey") != installation.api_key:
                raise Refused("BMXAA0021E", "User name and password combination are not valid.", status=401)
            if ask.query.get("lean") != "1":
                raise Refused("BMXAA0000E", "Without lean=1 names need their namespace.")
            if ask.scope["method"] == "GET" and {"x-method-override", "patchtype"} & ask.headers.keys():
                raise Refused("BMXAA0000E", "A reading request does not override its method.")
            return handler(ask)
        except Refused as refusal:
            return Told(refusal.status, refusal.body)

    return handle


class _Api:
    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def search(self, ask: Ask) -> Told:
        rows = [row for row in self._installation.orders.values() if _holds(row, ask.query.get("oslc.where", ""))]
        size = int(ask.query.get("oslc.pageSize", 1000))
        return Told(200, {"member": [_selected(row, ask) for row in rows[:size]], "href": STRUCTURE})

    def read(self, ask: Ask) -> Told:
        row = _selected(self._installation.order(ask.params["id"]), ask)
        logs = self._installation.worklogs[ask.params["id"]]
        if logs and _CHILD.search(ask.query.get("oslc.select", "")):
            row["worklog"] = logs
        return Told(200, row)

    def update(self, ask: Ask) -> Told:
        if ask.headers.get("x-method-override") != "PATCH":
            raise Refused("BMXAA0000E", "A POST to a resource needs x-method-override.")
        if ask.headers.get("patchtype") != "MERGE":
            self._installation.worklogs[ask.params["id"]].clear()  # child lists are replaced
        self._installation.merge(ask.params["id"], ask.json())
        return Told(204)

    def documents(self, ask: Ask) -> Told:
        self._installation.order(ask.params["id"])
        return Told(200, {"member": self._installation.documents[ask.params["id"]]})

    def attach(self, ask: Ask) -> Told:
        if not ask.headers.get("slug") or not ask.headers.get("x-document-meta", "").startswith("FILE/"):
            raise Refused("BMXAA0000E", "A document needs slug and x-document-meta.")
        number = self._installation.attach(ask.params["id"], ask.headers["slug"], ask.body)
        return Told(201, None, (("location", f"{STRUCTURE}/{ask.params['id']}/doclinks/{number}"),))


def _holds(row: Row, where: str) -> bool:
    """Conditions joined by “and”; in a text % stands for any text. Refuses what cannot be read, as Maximo does."""
    if not where:
        return True
    matches = [_CONDITION.fullmatch(each) for each in re.split('(?<=") and ', where)]
    if not all(matches):
        raise Refused("BMXAA8744E", f"The where clause {where} is not valid.")
    return all(_meets(str(row.get(each["name"], "")), each["operator"], each["value"]) for each in matches if each)


def _meets(held: str, operator: str, wanted: str) -> bool:
    if operator == ">=":
        return held[:19] >= wanted[:19]
    return re.fullmatch(".*".join(map(re.escape, wanted.split("%"))), held) is not None


def _selected(row: Row, ask: Ask) -> Row:
    names = _CHILD.sub("", ask.query.get("oslc.select", "")).split(",")
    return {name: row[name] for name in ("href", *names) if name in row}
