"""Who asks for writes: filled in `AppConfig.ready()` by the app whose rows are origins."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Origins:
    """A kind of origin, such as `scriptrun` of `scriptrun/12`.

    `url(origin)` leads to its page in the admin. `resume(origin)` is called inside the transaction of an operator's
    decision about one of its writes, so that the run goes on with it.
    """

    prefix: str
    label: str
    url: Callable[[str], str]
    resume: Callable[[str], None]


_origins: dict[str, Origins] = {}


def register_origins(kind: Origins) -> None:
    _origins[kind.prefix] = kind


def origins_of(origin: str) -> Origins | None:
    """Return the kind of an origin; None if no app registered it."""
    return _origins.get(origin.partition("/")[0])


def resume(origin: str) -> None:
    """Tell whoever asked for a write that it was decided."""
    if kind := origins_of(origin):
        kind.resume(origin)
