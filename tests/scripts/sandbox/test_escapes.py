"""Scripts that try to get out, or to take the house down. Each is contained, and the next script runs at once."""

import time
from dataclasses import dataclass, field

import pytest

from integrations.scripts.sandbox import JSON, Ending, Limits, Sandbox
from tests.scripts.sandbox.hosts import Scripted, run

SMALL = Limits(
    cpu_seconds=0.3,
    wall_seconds=3.0,
    memory_bytes=16 << 20,
    calls=5,
    host_calls=50,
    result_bytes=10_000,
    log_bytes=8192,
)
RETURNED, THREW, LIMIT = {Ending.RETURNED}, {Ending.THREW}, {Ending.LIMIT}


@dataclass(frozen=True)
class Escape:
    """A script, how it may end, and by which limits."""

    source: str
    endings: set[Ending]
    limits: set[str] = field(default_factory=set)


def looping(source: str) -> Escape:
    return Escape(source, LIMIT, {"cpu"})


def hungry(source: str) -> Escape:
    """It asks for memory. It gets an error of the engine, or is stopped when it computes too long on the way."""
    return Escape(source, {*LIMIT, *THREW}, {"memory", "cpu", "result", ""})


def harmless(source: str, *endings: Ending) -> Escape:
    return Escape(source, set(endings) or RETURNED)


ESCAPES = {
    # loops and time
    "endless loop": looping("function run() { for (;;); }"),
    "endless loop before run is defined": looping("for (;;); function run() {}"),
    "endless loop that catches everything": looping("function run() { for (;;) try { for (;;); } catch {} }"),
    "endless loop in match": looping("function match() { for (;;); } function run() {}"),
    "endless generator": looping("function* g() { for (;;) yield 1 } function run() { for (const x of g()); }"),
    "endless iterator of a spread": hungry(
        "function run() { return [...{ *[Symbol.iterator]() { for (;;) yield 1 } }] }"
    ),
    "catastrophic regular expression": looping("function run() { return /^(a+)+$/.test('a'.repeat(40) + '!') }"),
    "catastrophic backreference": looping(r"function run() { return /(x+x+)+\1y/.test('x'.repeat(60)) }"),
    "sort that never agrees": looping(
        "function run() { for (;;) Array.from({ length: 9999 }, (_, i) => i).sort(() => Math.random() - 0.5) }"
    ),
    # Without memory left the engine drops the job that asked for it, and the storm is over.
    "promise storm": harmless(
        "function run() { const f = () => Promise.resolve().then(f); f(); return 1 }", *RETURNED, *THREW, *LIMIT
    ),
    "microtasks that breed": hungry("function run() { const f = () => { queueMicrotask(f); queueMicrotask(f) }; f() }"),
    "await without an end": looping("async function run() { for (;;) await 1 }"),
    "huge power": Escape(
        "function run() { return String(9n ** 9n ** 9n).length }", {*LIMIT, *THREW}, {"cpu", "memory", ""}
    ),
    "time bomb in a getter of the result": looping("function run() { return { get a() { for (;;); } } }"),
    "time bomb in toJSON": looping("function run() { return { toJSON() { for (;;); } } }"),
    "time bomb in the message of an error": looping("function run() { throw { get message() { for (;;); } } }"),
    "time bomb in toString of a reason": looping("function run(ctx) { ctx.skip({ toJSON() { for (;;); } }) }"),
    "time bomb in a proxy": looping(
        "function run() { return new Proxy({}, { ownKeys() { for (;;); }, get: (t, k) => undefined }) }"
    ),
    "time bomb in a finalizer": harmless(
        "function run() { new FinalizationRegistry(() => { for (;;); }).register({}, 1); return 1 }", *RETURNED, *LIMIT
    ),
    "sleep on shared memory": harmless(
        "function run() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) }", Ending.THREW
    ),
    # memory
    "heap bomb": hungry("function run() { const a = []; for (;;) a.push({ a }) }"),
    "heap bomb that catches its error": Escape(
        "function run() { let a = []; for (;;) try { for (;;) a.push(new Array(1000).fill(a)) } catch { a = [] } }",
        LIMIT,
        {"cpu", "memory"},
    ),
    "typed array bomb": hungry("function run() { const a = []; for (;;) a.push(new Uint8Array(1 << 20)) }"),
    "one huge typed array": hungry("function run() { return new Float64Array(2 ** 30).length }"),
    "resizable buffer bomb": hungry(
        "function run() { const b = new ArrayBuffer(1, { maxByteLength: 2 ** 31 }); b.resize(2 ** 31) }"
    ),
    "shared memory bomb": hungry("function run() { const a = []; for (;;) a.push(new SharedArrayBuffer(1 << 20)) }"),
    "string bomb": hungry("function run() { let s = 'x'; for (;;) s += s }"),
    "string bomb by repeat": hungry("function run() { return 'x'.repeat(2 ** 29).length }"),
    "string bomb by replacement": hungry("function run() { let s = 'xx'; for (;;) s = s.replaceAll('x', s) }"),
    "sparse array that is joined": hungry("function run() { const a = []; a[2 ** 31] = 1; return a.join().length }"),
    "map bomb": hungry("function run() { const m = new Map(); for (let i = 0; ; i++) m.set(i, [i]) }"),
    "closure bomb": hungry("function run() { let f = () => 1; for (;;) { const g = f; f = () => [g, g] } }"),
    "regular expression bomb": hungry("function run() { return new RegExp('(a{1000}){1000}'.repeat(1000)).test('a') }"),
    "recursion": harmless("function run() { return run() }", Ending.THREW),
    "recursion through toString": harmless(
        "function run() { const o = { toString() { return `${o}` } }; return `${o}` }", Ending.THREW
    ),
    "recursion through a getter": harmless(
        "function run() { const o = { get a() { return o.a } }; return o.a }", Ending.THREW
    ),
    "recursion of the parser": harmless("function run() { return eval('('.repeat(1e6)) }", Ending.THREW, *LIMIT),
    "recursion of eval": harmless("function run() { return eval('run()') }", Ending.THREW),
    "recursion of a regular expression": harmless(
        "function run() { return new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('') }", Ending.THREW, *LIMIT
    ),
    # what goes out
    "deep JSON as result": Escape(
        "function run() { let a = []; for (let i = 0; i < 500; i++) a = [a]; return a }", LIMIT, {"result"}
    ),
    "bottomless JSON as result": harmless(
        "function run() { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a }", Ending.THREW, *LIMIT
    ),
    "deep JSON to the host": harmless(
        "async function run(ctx) { let a = []; for (let i = 0; i < 500; i++) a = [a]; await ctx.store.set('a', a) }",
        Ending.THREW,
    ),
    "huge result": Escape("function run() { return 'x'.repeat(1e6) }", LIMIT, {"result"}),
    "huge error": harmless("function run() { throw new Error('x'.repeat(5e6)) }", Ending.THREW),
    "huge reason": harmless("function run(ctx) { ctx.fail('x'.repeat(5e6)) }", Ending.FAILED),
    "huge arguments": harmless(
        "async function run(ctx) { await ctx.http.post('/', { text: 'x'.repeat(7e6) }) }", Ending.THREW, *LIMIT
    ),
    "texts in pieces": harmless(
        "function run(ctx) { const t = 'x'.repeat(9000) + '…' + 'y'.repeat(900); ctx.log.info(t, t); return t }"
    ),
    "huge logs": harmless("function run(ctx) { for (let i = 0; i < 20; i++) ctx.log.info('x'.repeat(1e5)) }"),
    "logs without an end": looping("function run(ctx) { for (;;) ctx.log.info('x') }"),
    "host calls without an end": Escape(
        "async function run(ctx) { for (;;) await ctx.store.get('a') }", LIMIT, {"host_calls"}
    ),
    "host calls that nobody awaits": Escape("function run(ctx) { for (;;) ctx.store.get('a') }", LIMIT, {"host_calls"}),
    "outgoing calls without an end": Escape(
        "async function run(ctx) { for (;;) try { await ctx.http.get('/') } catch {} }", LIMIT, {"calls"}
    ),
    "result with lone surrogates and NUL": harmless(r"function run() { return '\ud800\0' }"),
    "arguments with lone surrogates and NUL": harmless(
        r"async function run(ctx) { await ctx.store.set('\ud800\0', '\udfff\0'); ctx.log.info('\ud800\0') }"
    ),
    "result that cannot be JSON": harmless("function run() { return { a: 1n } }", Ending.THREW),
    "result in a circle": harmless("function run() { const a = {}; a.a = a; return a }", Ending.THREW),
    # ways out
    "files": harmless("function run() { return require('fs').readFileSync('/etc/passwd') }", Ending.THREW),
    "modules": harmless("async function run() { return await import('os') }", Ending.THREW),
    "modules of the engine": harmless("async function run() { return await import('qjs:std') }", Ending.THREW),
    "import by file": harmless("async function run() { return await import('file:///etc/passwd') }", Ending.THREW),
    "environment": harmless("function run() { return process.env.SECRET_KEY }", Ending.THREW),
    "network": harmless("async function run() { return await fetch('http://169.254.169.254/') }", Ending.THREW),
    "sockets": harmless("function run() { return new WebSocket('ws://127.0.0.1') }", Ending.THREW),
    "timers": harmless("function run() { setTimeout(() => {}, 1) }", Ending.THREW),
    "workers": harmless("function run() { return new Worker('x') }", Ending.THREW),
    "the engine's own objects": harmless("function run() { return std.open('/etc/passwd', 'r') }", Ending.THREW),
    "global scope by the Function constructor": harmless(
        "function run() { return Object.keys(Function('return this')()).filter((name) => name === 'host') }"
    ),
    "sibling realm": harmless("function run() { return [].constructor.constructor('return typeof process')() }"),
    "WebAssembly": harmless("function run() { return new WebAssembly.Module(new Uint8Array(8)) }", Ending.THREW),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_is_contained(name: str, sandbox: Sandbox) -> None:
    escape, host = ESCAPES[name], Scripted()
    started_at = time.monotonic()

    ended = run(sandbox, escape.source, host=host, limits=SMALL, match=True, events=[{"type": "a"}], now="2026-01-01")

    assert ended.ending in escape.endings, ended
    assert ended.limit in (escape.limits or {"", "memory", "cpu"})
    assert time.monotonic() - started_at < SMALL.wall_seconds + 1
    assert len(host.lines) <= SMALL.log_lines
    assert sum(len(message) for _, message, _ in host.lines) <= 2 * SMALL.log_bytes

    started_at = time.monotonic()
    following = run(sandbox, "const run = () => 1")

    assert (following.ending, following.value) == (Ending.RETURNED, 1)
    assert time.monotonic() - started_at < 1


def test_there_are_at_least_forty() -> None:
    assert len(ESCAPES) >= 40


BRIDGE = {
    "toJSON for everything": "Object.prototype.toJSON = () => ({ name: 'photo', arguments: { index: 99 } })",
    "setters for the names of calls": """
        for (const name of ['name', 'arguments', 'connection', 'value', 'error', 'kind'])
            Object.defineProperty(Object.prototype, name, { set() { throw 1 }, get: () => 'photo', configurable: true })
    """,
    "answers that come true": "Object.prototype[0] = true; Object.prototype[1] = 'forged'; Array.prototype[0] = true",
    "JSON": 'JSON.stringify = () => \'{"name":"photo","arguments":{}}\'; JSON.parse = () => [true, \'forged\']',
    "apply and call": """
        Function.prototype.call = Function.prototype.apply = function () { globalThis.seen = this; return 'forged' };
        Reflect.apply = (f) => { globalThis.seen = f; return 'forged' }
    """,
    "Object": "for (const name of Object.getOwnPropertyNames(Object)) try { Object[name] = () => 'forged' } catch {}",
    "Promise": "Promise.prototype.then = (f) => f('forged'); globalThis.Promise = function () {}",
    "iterators": """
        Array.prototype[Symbol.iterator] = function* () { yield 'forged' };
        Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true })
    """,
    "String": "String.prototype.slice = () => 'forged'; globalThis.String = () => 'forged'",
    "Error": "globalThis.Error = class { constructor() { globalThis.seen = arguments } }",
    "Proxy and Date": "globalThis.Proxy = function () { return {} }; globalThis.Date = function () {}",
    "eval": "globalThis.eval = (text) => { globalThis.seen = text; return () => () => 'forged' }",
    "a door of its own": "globalThis.host = () => '[true,\"forged\"]'",
}


@pytest.mark.parametrize("name", BRIDGE)
def test_the_bridge_cannot_be_bent(name: str, sandbox: Sandbox) -> None:
    """Whatever a script does to the built-ins before its first call, the host hears the call that was made."""
    source = f"{BRIDGE[name]}\nconst run = (ctx) => {{ const p = ctx.http.get('/a'); globalThis.done = p }}"
    host = Scripted({"status": 200, "headers": {}, "text": "{}"})

    ended = run(sandbox, source, host=host)

    assert ended.ending in (Ending.RETURNED, Ending.THREW)
    assert host.calls in ([], [("http", {"connection": "", "method": "GET", "url": "/a"})])
    assert run(sandbox, "const run = () => typeof seen", host=host).value == "undefined"


@pytest.mark.parametrize(
    "source",
    [
        "function run(ctx) { Error.prepareStackTrace = (e, all) => all.map((s) => s.getFunction()); return seek(ctx) }",
        "function run(ctx) { return seek(ctx) }",
        "function run(ctx) { try { seek(run.caller) } catch {} ; return seek(ctx) }",
    ],
)
def test_the_door_to_the_host_is_nowhere_to_be_found(source: str, sandbox: Sandbox) -> None:
    """Not by walking all that a script can reach, nor by the frames of an error, nor by callers."""
    seek = """
    function seek(ctx) {
        const seen = new Set(), found = [], queue = [globalThis, ctx];
        try { ctx.connection('none') } catch (error) { queue.push(error, error.stack) }
        while (queue.length) {
            const each = queue.pop();
            if ((typeof each !== 'object' && typeof each !== 'function') || each === null || seen.has(each)) continue;
            seen.add(each);
            if (typeof each === 'function' && each.name === 'host') found.push('host');
            for (const name of Reflect.ownKeys(each)) {
                const { value, get, set } = Object.getOwnPropertyDescriptor(each, name) ?? {};
                queue.push(value, get, set);
                try { if (get) queue.push(each[name]) } catch {}
            }
            queue.push(Object.getPrototypeOf(each));
        }
        return found;
    }
    """

    ended = run(sandbox, seek + source)

    assert ended.ending is Ending.RETURNED, ended
    assert "host" not in str(ended.value)


def test_no_script_sees_what_an_earlier_one_left(sandbox: Sandbox) -> None:
    left = "globalThis.left = 1; Object.prototype.left = 1; Math.left = 1; function run(ctx) { return ctx.event.a }"
    look = "function run(ctx) { return [typeof left, typeof {}.left, typeof Math.left, ctx.event] }"
    for _ in range(4):
        run(sandbox, left, event={"a": "a secret"})

        seen = [run(sandbox, look).value for _ in range(3)]

        assert seen == [["undefined", "undefined", "undefined", None]] * 3


def test_a_hostile_answer_is_only_an_answer(sandbox: Sandbox) -> None:
    answer: JSON = {"status": 200, "headers": {"__proto__": "x"}, "text": '{"__proto__": {"polluted": 1}, "then": 1}'}

    ended = run(
        sandbox,
        "async function run(ctx) { const r = await ctx.http.get('/'); return [({}).polluted ?? 'clean', r.json.then] }",
        host=Scripted(answer),
    )

    assert ended.value == ["clean", 1]
