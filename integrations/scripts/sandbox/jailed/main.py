"""The program in the jail: prepare everything, shut the door, then run one script after the other."""

import os
from _signal import ITIMER_PROF, setitimer  # type: ignore[import-not-found]  # without what signal imports

from integrations.core.jailed.settling import settle

from . import jail
from .javascript import Engine
from .wire import ASK_AND_GO, CHECK, CHECK_STRICTLY, END, READY, RUN, RUN_HEADER, Wire

WARM_UP = """
function run(ctx) {
  ctx.util.hash.sha256("a");
  ctx.util.base64.decode(ctx.util.base64.encode("é"));
  return [new Date().toString(), new Date(2026, 0, 1).getTimezoneOffset(), Math.random(), /a+b/u.test("aab")];
}
"""


def main(extension: str, folder: str) -> None:
    """Serve until the parent closes its end."""
    settle()
    wire = Wire(0, 1)
    engine = Engine(extension, folder, wire)
    _warm_up(engine)
    level = jail.enter()
    while True:
        wire.send(READY, level.encode())
        kind, payload = wire.receive()
        if kind != RUN:
            os._exit(1)
        try:
            ended = _ran(engine, payload)
        except BaseException:
            os._exit(2)  # nobody could read what the interpreter would say of it
        wire.send(END, ended)
        engine.prepare()


def _ran(engine: Engine, payload: bytes) -> bytes:
    cpu, memory, most, largest_call, logs, mode, length = RUN_HEADER.unpack_from(payload)
    source = payload[RUN_HEADER.size : RUN_HEADER.size + length].decode()
    given = payload[RUN_HEADER.size + length :].decode()
    # The parent watches this clock too; the timer ends the script even when the parent is busy or gone.
    setitimer(ITIMER_PROF, cpu)
    try:
        if mode in (CHECK, CHECK_STRICTLY):
            return engine.check(source, memory=memory, strict=mode == CHECK_STRICTLY)
        caps = {"memory": memory, "most": most, "largest_call": largest_call, "logs": logs}
        return engine.run(source, given, ask=mode == ASK_AND_GO, **caps)
    finally:
        setitimer(ITIMER_PROF, 0)


def _warm_up(engine: Engine) -> None:
    """Do once, before the door shuts, what loads or allocates when first used."""
    engine.run(WARM_UP, "{}", memory=1 << 24, most=1 << 16, largest_call=0, logs=0)
    engine.prepare()
