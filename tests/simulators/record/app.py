"""The system of record as one ASGI application."""

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.controlling import control_routes
from tests.simulators.door import Door
from tests.simulators.engine.execution import GraphQLRequest
from tests.simulators.record.auth import GrantRefused
from tests.simulators.record.contacts import ContactList
from tests.simulators.record.control import RecordControl
from tests.simulators.record.graph import GRAPHQL, graphql_routes
from tests.simulators.record.rest import RestInterface
from tests.simulators.record.state import RecordState


def build_app(state: RecordState) -> ASGIApp:
    routes = [
        *RestInterface(state).routes(),
        *ContactList(state).routes(),
        *graphql_routes(state),
        *_token_routes(state),
        _event_route(state),
        *_control_routes(RecordControl(state)),
    ]
    app = Starlette(routes=routes)
    return Door(app, clock=state.clock, faults=state.faults, log=state.log, operation_of=_operation_of)


def _operation_of(scope: Scope, body: bytes) -> str:
    if scope["path"] != GRAPHQL or scope["method"] != "POST":
        return ""
    try:
        return GraphQLRequest.parse(body).name
    except ValueError:
        return "invalid"


def _token_routes(state: RecordState) -> list[Route]:
    def token(ask: Ask) -> Told:
        try:
            granted = state.credentials.grant(ask.form(), ask.headers.get("authorization", ""))
        except GrantRefused as refusal:
            return Told(401 if str(refusal) == "invalid_client" else 400, {"error": str(refusal)})
        return Told(200, {**granted, "instance_url": state.public_url})

    return [Route("/oauth/token", Endpoint(token), methods=["POST"])]


def _event_route(state: RecordState) -> Route:
    """It subscribes to events, keeps the last ones, and does nothing with them."""

    def take(ask: Ask) -> Told:
        try:
            state.events.append(ask.json())
        except ValueError:
            return Told(400, {"error": "not JSON"})
        return Told(204)

    return Route("/events", Endpoint(take), methods=["POST"])


def _control_routes(control: RecordControl) -> list[Route]:
    state = control.state

    def expire_tokens() -> None:
        state.credentials.expire_tokens()

    return control_routes(
        [
            ("GET", "/_sim/journal", control.effects),
            ("GET", "/_sim/events", lambda: list(state.events)),
            ("GET", "/_sim/requests", state.log.as_dict),
            ("GET", "/_sim/faults", state.faults.as_list),
            ("POST", "/_sim/faults", control.fault),
            ("DELETE", "/_sim/faults", control.clear_faults),
            ("POST", "/_sim/orders", control.add_order),
            ("POST", "/_sim/orders/bulk", control.add_orders),
            ("GET", "/_sim/orders/{number}", control.order),
            ("PATCH", "/_sim/orders/{number}", control.change_order),
            ("POST", "/_sim/orders/{number}/close", control.close_order),
            ("GET", "/_sim/orders/{number}/{kind}", control.children),
            ("GET", "/_sim/contacts", control.contacts),
            ("POST", "/_sim/tokens/expire", expire_tokens),
            ("POST", "/_sim/clock", control.set_clock),
            ("POST", "/_sim/clock/advance", control.advance_clock),
            ("POST", "/_sim/reset", control.reset),
        ]
    )
