"""The simulated OMNI Platform as one ASGI application."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.controlling import control_routes
from tests.simulators.door import Door
from tests.simulators.omni.control import OmniControl
from tests.simulators.omni.graph import GraphInterface, operation_of
from tests.simulators.omni.sockets import Sockets
from tests.simulators.omni.state import OmniState, picture


def build_app(control: OmniControl) -> ASGIApp:
    state = control.state
    commands = control_routes(
        [
            ("GET", "/_sim/events", control.events),
            ("POST", "/_sim/events", control.happen),
            ("GET", "/_sim/changes", control.changes),
            ("GET", "/_sim/requests", state.log.as_dict),
            ("POST", "/_sim/faults", control.fault),
            ("DELETE", "/_sim/faults", control.clear_faults),
            ("POST", "/_sim/pushes", control.set_pushes),
            ("POST", "/_sim/settings", control.set_settings),
            ("POST", "/_sim/sockets/close", control.close_sockets),
            ("POST", "/_sim/sockets/half-open", control.half_open),
            ("POST", "/_sim/profiles/delete", control.delete_profile),
            ("POST", "/_sim/reset", control.reset),
        ]
    )
    images = [Route(path, Endpoint(_image(state))) for path in ("/event-service/get-image/{id}", "/get-image/{id}")]
    http = Starlette(routes=[*GraphInterface(state).routes(), *images, *commands])
    door = Door(
        http,
        clock=state.clock,
        faults=state.faults,
        log=state.log,
        operation_of=lambda _scope, body: operation_of(body),
    )
    sockets = Starlette(routes=Sockets(state).routes())

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await (sockets if scope["type"] == "websocket" else door)(scope, receive, send)

    return application


def _image(state: OmniState) -> Callable[[Ask], Told]:
    def answer(ask: Ask) -> Told:
        id = ask.params["id"]
        if id in state.images_dropped:
            return Told(404, {"error": "not found"})
        if not state.settings.open_images and ask.headers.get("token") != state.token:
            return Told(401, {"error": "no token"})
        if id in state.images_instead:
            status, headers, body = state.images_instead[id]
            return Told(status, body, tuple(headers.items()), headers.get("content-type", "image/jpeg"))
        return Told(200, picture(id), content_type="image/jpeg")

    return answer
