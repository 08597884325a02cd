"""Scripts per second in the sandbox, beside the same script in a plain engine in the process, with no walls at all."""

import json
import resource
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psutil
import quickjs

from integrations.scripts.sandbox import JSON, Ending, Limits, Program, Sandbox

THREADS = 2
CALLS = 1_000
LIMITS = Limits(host_calls=CALLS)
WARM_UP = 50

# Twenty fields out of a session of 5 KB, as a mapping script writes them.
MAPPING = """
const code = { running: "IN_PROGRESS", finished: "DONE", paused: "ON_HOLD" };
function run(ctx) {
  const s = ctx.session, out = {};
  out.number = s.externalData.work_order_id;
  out.state = code[s.state] ?? "UNKNOWN";
  out.minutes = Math.round((Date.parse(s.endedAt) - Date.parse(s.startedAt)) / 60000);
  out.percent = Math.round((100 * s.numberOfStepsViewed) / s.numberOfStepsPossible);
  out.technician = `${s.user.name} <${s.user.email}>`;
  for (let i = 0; i < 15; i++) {
    const a = ctx.answers[i];
    out[`u_${a.prompt.toLowerCase().replace(/\\W+/g, "_")}`] = a.type === "Number" ? Number(a.value) : a.value;
  }
  return out;
}
"""
CALLING = f"async function run(ctx) {{ for (let i = 0; i < {CALLS}; i++) await ctx.store.get('a') }}"


@dataclass(frozen=True)
class Scripts:
    """Scripts that ran side by side; latencies in seconds, sorted."""

    name: str
    seconds: float
    cpu_seconds: float
    """Of all processes that took part."""
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU of one script, in ms: the figure to trust when the machine is busy."""
        return self.cpu_seconds / len(self.latencies) * 1e3

    def percentile(self, share: float) -> float:
        return self.latencies[int(share * (len(self.latencies) - 1))]


@dataclass(frozen=True)
class Figures:
    plain: Scripts
    ours: Scripts
    host_call: float
    """Seconds that one call of the host and its answer take, there and back."""


def measure(*, count: int) -> Figures:
    given = _given()
    sandbox = Sandbox(most=THREADS, spare=1)
    try:
        return Figures(
            plain=_side_by_side("plain engine in the process", lambda: _plain(given), count=count),
            ours=_side_by_side("Fieldport, jailed", lambda: _jailed(sandbox, given), count=count),
            host_call=_host_call(sandbox),
        )
    finally:
        sandbox.close()


def _side_by_side(name: str, work: Callable[[], None], *, count: int) -> Scripts:
    def several(times: int) -> list[float]:
        latencies = []
        for _ in range(times):
            started_at = time.perf_counter()
            work()
            latencies.append(time.perf_counter() - started_at)
        return latencies

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(several, [WARM_UP] * THREADS))
        started_at, cpu_before = time.perf_counter(), _cpu_seconds()
        latencies = [each for row in threads.map(several, [count // THREADS] * THREADS) for each in row]
        return Scripts(name, time.perf_counter() - started_at, _cpu_seconds() - cpu_before, sorted(latencies))


def _cpu_seconds() -> float:
    """Return what this process and its children have used, those that have ended included."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = [each.cpu_times() for each in psutil.Process().children()]
    return time.process_time() + ended.ru_utime + ended.ru_stime + sum(each.user + each.system for each in living)


def _plain(given: Mapping[str, Any]) -> None:
    """What any program does that embeds the engine: a fresh context, the input as JSON, the result as JSON."""
    context = quickjs.Context()
    context.eval(MAPPING)
    context.set("given", json.dumps(given))
    json.loads(context.eval("JSON.stringify(run(JSON.parse(given)))"))


def _jailed(sandbox: Sandbox, given: Mapping[str, Any]) -> None:
    ended = sandbox.run(Program("javascript", MAPPING), input=given, host=_Host(), limits=LIMITS)
    assert ended.ending is Ending.RETURNED, ended


def _host_call(sandbox: Sandbox) -> float:
    ended = sandbox.run(Program("javascript", CALLING), input={}, host=_Host(), limits=LIMITS)
    assert ended.host_calls == CALLS, ended
    return ended.wall_seconds / CALLS


class _Host:
    def call(self, name: str, arguments: Mapping[str, JSON]) -> JSON:
        return None

    def log(self, level: str, message: str, data: JSON) -> None:
        return None


def _given() -> dict[str, Any]:
    """Return a session and its answers, 5 KB as JSON."""
    answers = [
        {
            "step": f"Step {number}",
            "prompt": f"Reading of gauge {number}",
            "type": "Number" if number % 2 else "Text",
            "value": str(number),
            "at": "2026-03-01T12:00:00Z",
            "by": "Anna Example",
        }
        for number in range(30)
    ]
    session = {
        "id": "ses-1",
        "state": "finished",
        "startedAt": "2026-03-01T12:00:00Z",
        "endedAt": "2026-03-01T12:34:00Z",
        "numberOfStepsViewed": 9,
        "numberOfStepsPossible": 12,
        "user": {"name": "Anna Example", "email": "anna@example.com"},
        "externalData": {"work_order_id": "WO-1"},
    }
    return {
        "session": session,
        "answers": answers,
        "event": {"type": "session.joined"},
        "connections": [],
        "secrets": {},
    }
