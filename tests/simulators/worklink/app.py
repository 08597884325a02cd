"""The CMS as one ASGI application."""

import uuid
from typing import Any

from graphql import introspection_from_schema
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.door import Door
from tests.simulators.engine.execution import GraphQLRequest, execute
from tests.simulators.worklink import files, seed
from tests.simulators.worklink.access import PASSWORD, Token
from tests.simulators.worklink.control import WorkLinkControl
from tests.simulators.worklink.control_http import control_routes_of
from tests.simulators.worklink.links import deferred_page
from tests.simulators.worklink.schema import schema_for
from tests.simulators.worklink.state import View, WorkLinkState

GRAPHQL = "/api/v3/graphql"
REQUEST = "fieldport.graphql"


def build_app(control: WorkLinkControl) -> ASGIApp:
    state = control.state
    site = Site(control)
    routes = [
        Route(GRAPHQL, Endpoint(site.graphql), methods=["POST"]),
        Route(GRAPHQL, Endpoint(site.introspection), methods=["GET"]),
        Route(GRAPHQL + "/object/{node_id:path}", Endpoint(site.object), methods=["GET"]),
        Route("/files/{file_id}", Endpoint(site.file), methods=["GET"]),
        Route("/deferred", Endpoint(site.deferred), methods=["GET"]),
        Route("/api/v2/users/sign_in.json", Endpoint(site.sign_in), methods=["POST"]),
        Route(
            "/api/v2/ar_contents/{release}/work_instruction_sessions", Endpoint(site.start_session), methods=["POST"]
        ),
        *control_routes_of(control),
    ]
    app = Starlette(routes=routes)
    return Door(app, clock=state.clock, faults=state.faults, log=state.log, operation_of=_operation_of)


def _operation_of(scope: Scope, body: bytes) -> str:
    """The GraphQL operation's name; the request, once read, stays in the scope."""
    if scope["path"] != GRAPHQL or scope["method"] != "POST":
        return ""
    try:
        scope[REQUEST] = request = GraphQLRequest.parse(body)
    except ValueError:
        return "invalid"
    return request.name


class Site:
    """The handlers. Each answers with the CMS version, as the real one does."""

    def __init__(self, control: WorkLinkControl) -> None:
        self._control = control
        self._state: WorkLinkState = control.state

    def graphql(self, ask: Ask) -> Told:
        token = self._token(ask)
        if token is None:
            return self._told(401, {"errors": [{"message": "Invalid or expired token"}]})
        request: GraphQLRequest | None = ask.scope.get(REQUEST)
        if request is None:
            return self._told(400, {"errors": [{"message": "The body must be JSON with a query"}]})
        if problem := self._tenant_problem(token, ask.query.get("permalink") or request.permalink):
            return self._told(200, {"data": None, "errors": [{"message": problem}]})
        view = View(self._state, token)
        return self._told(200, execute(schema_for(self._state.settings), view, request))

    def introspection(self, ask: Ask) -> Told:
        if self._token(ask) is None:
            return self._told(401, {"errors": [{"message": "Invalid or expired token"}]})
        return self._told(200, {"data": introspection_from_schema(schema_for(self._state.settings))})

    def object(self, ask: Ask) -> Told:
        """The `resource-url`: first-level attributes, nothing nested."""
        token = self._token(ask)
        if token is None:
            return self._told(401, {"error": "Invalid or expired token"})
        with self._state.lock:
            doc = self._state.nodes.by_id.get(ask.params["node_id"])
            if doc is None:
                return self._told(404, {"error": "Not found"})
            if not token.sees(doc):
                return self._told(403, {"error": "Not authorized to read object"})
            plain = {name: value for name, value in doc.items() if not name.startswith("_")}
        return self._told(200, {"type": self._state.typename(doc), **plain})

    def file(self, ask: Ask) -> Told:
        file_id, query = ask.params["file_id"], ask.query
        expires = int(query["expires"]) if query.get("expires", "").isdigit() else 0
        if not files.is_signed(file_id, expires, query.get("sig", "")):
            return self._told(403, {"error": "Invalid signature"})
        if self._state.clock.now().timestamp() >= expires:
            return self._told(410, {"error": "This link has expired"})
        doc = self._state.nodes.by_id.get(file_id)
        if doc is None:
            return self._told(404, {"error": "Not found"})
        data = doc.get("_content") or files.photo(file_id, self._state.settings.photo_side)
        return Told(200, data, content_type=doc.get("fileContentType") or "image/jpeg")

    def sign_in(self, ask: Ask) -> Told:
        username, password = _credentials(ask)
        users = {user["username"] for user in self._state.nodes.all("User")}
        if username not in users or password != PASSWORD:
            return self._told(401, {"error": "Invalid username or password"})
        return self._told(200, {"auth_token": self._state.tokens.sign_in(username), "username": username})

    def start_session(self, ask: Ask) -> Told:
        """What the app does to start a session."""
        if self._token(ask) is None:
            return self._told(401, {"error": "Invalid or expired token"})
        release = self._state.nodes.find("ScenarioRelease", ask.params["release"])
        if release is None:
            return self._told(404, {"error": "Not found"})
        external_data = ask.json().get("external_data", {}) if ask.body else {}
        node_id = self._control.start_session(external_data, scenario=release["scenario"])
        return self._told(200, {"id": self._control.session(node_id)["databaseId"], "node_id": node_id})

    def deferred(self, ask: Ask) -> Told:
        page = deferred_page(ask.query.get("deep_link", ""))
        return Told(200, page.encode(), content_type="text/html; charset=utf-8")

    def _token(self, ask: Ask) -> Token | None:
        code = self._state.settings.private_access_code
        given = ask.headers.get("privateaccesscode", "").removeprefix("Token token=")
        if code is not None and given != code:
            return None
        return self._state.tokens.find(ask.headers.get("authorization", ""))

    def _tenant_problem(self, token: Token, permalink: str | None) -> str:
        if permalink is None:
            return "permalink is required for super admins" if token.super_admin else ""
        return "" if permalink == seed.PERMALINK else f"Organization {permalink} not found"

    def _told(self, status: int, content: Any) -> Told:
        headers = (
            ("x-scopear-cms-version", self._state.settings.cms_version),
            ("x-request-id", str(uuid.uuid4())),
        )
        return Told(status, content, headers)


def _credentials(ask: Ask) -> tuple[str, str]:
    """Form or JSON: `user[username]` and `user[password]`."""
    if ask.headers.get("content-type", "").startswith("application/json"):
        user = ask.json().get("user", {})
        return str(user.get("username", "")), str(user.get("password", ""))
    form = ask.form()
    return form.get("user[username]", ""), form.get("user[password]", "")
