"""The control API of 4.10: JSON bodies become the arguments of `WorkLinkControl`; answers are `{"result": …}`."""

from starlette.routing import Route

from tests.simulators.controlling import control_routes
from tests.simulators.worklink.control import WorkLinkControl

SESSION = "/_sim/sessions/{session}"
CALL = "/_sim/calls/{call}"


def control_routes_of(control: WorkLinkControl) -> list[Route]:
    state = control.state

    def listen(urls: list[str], **values: object) -> None:
        control.listen(*urls, **values)

    return control_routes(
        [
            ("POST", "/_sim/open", control.open_link),
            ("POST", "/_sim/sessions", control.start_session),
            ("POST", "/_sim/sessions/bulk", control.create_sessions),
            ("POST", "/_sim/sessions/prepare", control.prepare_sessions),
            ("POST", "/_sim/play", control.play),
            ("POST", "/_sim/rest", control.rest),
            ("GET", SESSION, control.session),
            ("POST", SESSION + "/steps", control.view_steps),
            ("POST", SESSION + "/answers", control.answer),
            ("POST", SESSION + "/photo", control.take_photo),
            ("POST", SESSION + "/exit", control.exit_session),
            ("POST", SESSION + "/resume", control.resume_session),
            ("POST", SESSION + "/finish", control.finish_session),
            ("POST", "/_sim/calls", control.start_call),
            ("GET", CALL, control.call),
            ("POST", CALL + "/connect", control.connect_call),
            ("POST", CALL + "/screenshot", control.take_screenshot),
            ("POST", CALL + "/recording", control.record_call),
            ("POST", CALL + "/end", control.end_call),
            ("POST", "/_sim/nodes/{node}/fields", control.set_fields),
            ("POST", "/_sim/nodes/{node}/notify", control.notify),
            ("POST", "/_sim/listen", listen),
            ("POST", "/_sim/webhooks/settings", control.set_webhooks),
            ("GET", "/_sim/webhooks", control.webhooks),
            ("GET", "/_sim/webhooks/counts", control.webhook_counts),
            ("POST", "/_sim/settings", control.set_settings),
            ("GET", "/_sim/faults", state.faults.as_list),
            ("POST", "/_sim/faults", control.fault),
            ("DELETE", "/_sim/faults", control.clear_faults),
            ("POST", "/_sim/clock", control.set_clock),
            ("POST", "/_sim/clock/advance", control.advance_clock),
            ("POST", "/_sim/tokens/revoke", control.revoke_sessions),
            ("GET", "/_sim/requests", state.log.as_dict),
            ("POST", "/_sim/reset", control.reset),
        ]
    )
