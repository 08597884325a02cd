"""Control methods offered over HTTP: the JSON body and the path's parameters become keyword arguments."""

from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any

from starlette.routing import Route

from tests.simulators.asking import Ask, Endpoint, Told

Command = Callable[..., Any]


def control_routes(table: list[tuple[str, str, Command]]) -> list[Route]:
    """Routes for (method, path, command); a wrong argument is answered with 400 and its reason."""
    return [Route(path, Endpoint(_handler(command)), methods=[method]) for method, path, command in table]


def _handler(command: Command) -> Callable[[Ask], Told]:
    def handle(ask: Ask) -> Told:
        try:
            arguments = ask.query | (ask.json() if ask.body else {}) | ask.params
            result = command(**arguments)
        except (TypeError, ValueError, LookupError) as error:
            return Told(400, {"error": f"{type(error).__name__}: {error}"})
        plain = asdict(result) if is_dataclass(result) and not isinstance(result, type) else result
        return Told(200, {"result": plain})

    return handle
