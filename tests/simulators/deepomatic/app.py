"""The simulated Deepomatic site as one ASGI application."""

from starlette.applications import Starlette
from starlette.types import ASGIApp

from tests.simulators.controlling import control_routes
from tests.simulators.deepomatic.control import SiteControl
from tests.simulators.deepomatic.rest import RestInterface
from tests.simulators.door import Door


def build_app(control: SiteControl) -> ASGIApp:
    state = control.state
    commands = control_routes(
        [
            ("GET", "/_sim/journal", control.effects),
            ("GET", "/_sim/requests", state.log.as_dict),
            ("GET", "/_sim/orders", control.orders),
            ("POST", "/_sim/faults", control.fault),
            ("DELETE", "/_sim/faults", control.clear_faults),
            ("POST", "/_sim/answers", control.answer),
            ("POST", "/_sim/upgrade", control.upgrade),
            ("POST", "/_sim/reset", control.reset),
        ]
    )
    app = Starlette(routes=[*RestInterface(state).routes(), *control.camera.routes(), *commands])
    return Door(app, clock=state.clock, faults=state.faults, log=state.log, operation_of=lambda _scope, _body: "")
