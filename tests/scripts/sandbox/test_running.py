"""How runs end, what their calls are answered with, and what stops them."""

import time
from collections.abc import Mapping

import pytest

from integrations.scripts.sandbox import JSON, Ending, HostError, Limits, Program, Sandbox, Stop
from tests.scripts.sandbox.hosts import Scripted, run


def test_a_script_is_run_with_its_input_and_returns_a_value(sandbox: Sandbox) -> None:
    ended = run(sandbox, "async function run(ctx) { return { seen: ctx.event.type } }", event={"type": "a.b"})

    assert (ended.ending, ended.value) == (Ending.RETURNED, {"seen": "a.b"})


@pytest.mark.parametrize(
    "source",
    [
        "function run() { return 1 }",
        "async function run() { return 1 }",
        "const run = () => 1",
        "let run = async () => 1",
        "var run = function () { return Promise.resolve(1) }",
        "'use strict'; class A { static one = 1 } const run = () => A.one",
        "function run() { return 1 } // the last line is a comment",
    ],
)
def test_run_may_be_defined_in_every_way(source: str, sandbox: Sandbox) -> None:
    assert run(sandbox, source).value == 1


def test_nothing_returned_is_null(sandbox: Sandbox) -> None:
    ended = run(sandbox, "function run() {}")

    assert (ended.ending, ended.value) == (Ending.RETURNED, None)


@pytest.mark.parametrize(
    ("call", "ending", "retry_after"),
    [
        ("ctx.skip('why')", Ending.SKIPPED, None),
        ("ctx.retry('why')", Ending.RETRY, None),
        ("ctx.retry('why', 90)", Ending.RETRY, 90.0),
        ("ctx.fail('why')", Ending.FAILED, None),
    ],
)
def test_a_script_ends_itself(call: str, ending: Ending, retry_after: float | None, sandbox: Sandbox) -> None:
    host = Scripted()
    source = (
        f"async function run(ctx) {{ try {{ {call} }} catch {{}}; ctx.fail('too late'); await ctx.http.post('/') }}"
    )

    ended = run(sandbox, source, host=host)

    assert (ended.ending, ended.note, ended.retry_after) == (ending, "why", retry_after)
    assert host.calls == []


def test_no_call_is_made_after_an_outcome_even_if_its_error_is_caught(sandbox: Sandbox) -> None:
    host = Scripted()
    source = (
        "async function run(ctx) { try { ctx.skip('a') } catch {} try { await ctx.http.post('/') } catch {} return 1 }"
    )

    ended = run(sandbox, source, host=host)

    assert ended.ending is Ending.SKIPPED
    assert host.calls == []


def test_an_error_names_the_scripts_own_line(sandbox: Sandbox) -> None:
    ended = run(
        sandbox, "\n\nfunction deep(a) {\n  return a.b.c;\n}\nasync function run() {\n  await 1;\n  deep({});\n}"
    )

    assert ended.ending is Ending.THREW
    assert ended.error is not None
    assert (ended.error.name, ended.error.line) == ("TypeError", 4)
    assert "<input>:8" in ended.error.stack
    assert not ended.error.permanent


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("let a = ;", "unexpected token"),
        ("const a = 1", "defines no function run"),
        ("function run(ctx) { ctx.secrets.NONE }", 'no secret "NONE"'),
        ("function run(ctx) { ctx.connection('none') }", 'no connection "none"'),
        ("async function run(ctx) { await ctx.http.post('/', { body: 1 }) }", 'no option "body"'),
        ("function run() { throw Object.assign(new Error('own'), { permanent: true }) }", "own"),
    ],
)
def test_what_would_fail_again_says_so(source: str, message: str, sandbox: Sandbox) -> None:
    ended = run(sandbox, source)

    assert ended.ending is Ending.THREW
    assert message in ended.note
    assert ended.error is not None
    assert ended.error.permanent


@pytest.mark.parametrize("thrown", ["'text'", "5", "null", "undefined", "{ a: 1 }", "{ get message() { throw 1 } }"])
def test_anything_may_be_thrown(thrown: str, sandbox: Sandbox) -> None:
    ended = run(sandbox, f"function run() {{ throw {thrown} }}")

    assert ended.ending is Ending.THREW
    assert isinstance(ended.note, str)


def test_a_promise_that_nothing_settles_is_an_error(sandbox: Sandbox) -> None:
    ended = run(sandbox, "function run() { return new Promise(() => {}) }")

    assert ended.ending is Ending.THREW
    assert "waits for a promise" in ended.note


def test_an_error_in_a_job_that_nobody_awaits_is_an_error_of_the_run(sandbox: Sandbox) -> None:
    ended = run(sandbox, "function run() {\n queueMicrotask(() => { throw new TypeError('late') }); return 1 }")

    assert (ended.ending, ended.note) == (Ending.THREW, "TypeError: late")
    assert ended.error is not None
    assert ended.error.line == 2


def test_work_that_nobody_awaits_is_done_before_the_end(sandbox: Sandbox) -> None:
    host = Scripted()
    source = (
        "async function later(ctx) { await 1; await ctx.store.set('a', 1) } function run(ctx) { later(ctx); return 1 }"
    )

    ended = run(sandbox, source, host=host)

    assert ended.value == 1
    assert [name for name, _ in host.calls] == ["store"]


# match


MATCH = "const match = (event) => event.kind === 'good'; const run = (ctx) => [ctx.event, ctx.events.length];"


def test_match_leaves_out_the_events_it_refuses(sandbox: Sandbox) -> None:
    events = [{"kind": "good", "n": 1}, {"kind": "bad"}, {"kind": "good", "n": 2}, {"kind": "bad"}]

    ended = run(sandbox, MATCH, match=True, events=events, event=events[-1])

    assert ended.value == [{"kind": "good", "n": 2}, 2]


def test_a_run_whose_events_all_do_not_match_is_skipped(sandbox: Sandbox) -> None:
    ended = run(sandbox, MATCH, match=True, events=[{"kind": "bad"}])

    assert (ended.ending, ended.note) == (Ending.SKIPPED, "match(event) is false.")


def test_match_is_not_asked_unless_the_host_wants_it(sandbox: Sandbox) -> None:
    assert run(sandbox, MATCH, events=[{"kind": "bad"}]).ending is Ending.RETURNED


def test_match_may_be_a_promise_or_missing(sandbox: Sandbox) -> None:
    refusing = run(sandbox, "const match = async () => false; const run = () => 1", match=True, events=[{}])
    missing = run(sandbox, "const run = () => 1", match=True, events=[{}])

    assert (refusing.ending, missing.ending) == (Ending.SKIPPED, Ending.RETURNED)


# host calls


def test_a_call_reaches_the_host_and_its_answer_the_script(sandbox: Sandbox) -> None:
    host = Scripted({"status": 200, "headers": {"a": "b"}, "text": '{"x": [1]}'})

    ended = run(sandbox, "const run = async (ctx) => (await ctx.http.get('/a', { query: { q: 1 } })).json.x", host=host)

    assert ended.value == [1]
    assert host.calls == [("http", {"connection": "", "method": "GET", "url": "/a", "query": {"q": 1}})]
    assert ended.host_calls == 1


def test_an_error_of_the_host_can_be_caught_and_looked_at(sandbox: Sandbox) -> None:
    def refuse(name: str, arguments: Mapping[str, JSON]) -> JSON:
        facts: dict[str, JSON] = {"status": 503, "headers": {"a": "b"}, "text": '{"why": "late"}', "retryAfter": 7}
        raise HostError("HttpError", "503 for /a", permanent=False, **facts)

    source = """
    async function run(ctx) {
        try { await ctx.http.get('/a') } catch (e) {
            const kind = [e instanceof HttpError, e instanceof Error, e.name, e.message];
            return [...kind, e.status, e.headers, e.json, e.retryable, e.permanent];
        }
    }"""

    caught = run(sandbox, source, host=Scripted(refuse))
    thrown = run(sandbox, "const run = (ctx) => ctx.http.get('/a')", host=Scripted(refuse))

    assert caught.value == [True, True, "HttpError", "503 for /a", 503, {"a": "b"}, {"why": "late"}, True, False]
    assert (thrown.ending, thrown.note, thrown.retry_after) == (Ending.THREW, "503 for /a", 7)


def test_errors_of_graphql_have_their_errors_and_data(sandbox: Sandbox) -> None:
    def refuse(name: str, arguments: Mapping[str, JSON]) -> JSON:
        raise HostError("GraphQLError", "no", errors=[{"message": "no"}], data={"a": None})

    source = """async function run(ctx) {
        try { await ctx.scope.graphql('{ a }') }
        catch (e) { return [e instanceof GraphQLError, e.errors, e.data, e.permanent] }
    }"""

    assert run(sandbox, source, host=Scripted(refuse)).value == [True, [{"message": "no"}], {"a": None}, True]


def test_a_failed_call_that_nobody_awaits_ends_the_run(sandbox: Sandbox) -> None:
    def refuse(name: str, arguments: Mapping[str, JSON]) -> JSON:
        raise HostError("HttpError", "404 for /a", status=404)

    forgotten = run(sandbox, "function run(ctx) {\n ctx.http.get('/a'); return 1 }", host=Scripted(refuse))
    looked_at = run(
        sandbox, "function run(ctx) { ctx.http.get('/a').catch(() => {}); return 1 }", host=Scripted(refuse)
    )

    assert (forgotten.ending, forgotten.note) == (Ending.THREW, "404 for /a")
    assert forgotten.error is not None
    assert forgotten.error.line == 2
    assert looked_at.value == 1


def test_calls_can_be_awaited_together_and_chained(sandbox: Sandbox) -> None:
    source = """async function run(ctx) {
        const both = await Promise.all([ctx.store.get('a'), ctx.store.get('b')]);
        return [...both, await ctx.store.get('c').then((c) => c + '!'), ctx.store.get('d') instanceof Promise];
    }"""

    ended = run(sandbox, source, host=Scripted(lambda name, arguments: arguments["key"]))

    assert ended.value == ["a", "b", "c!", True]


def test_the_host_can_stop_a_run_at_once(sandbox: Sandbox) -> None:
    cause = RuntimeError("later")

    def stop(name: str, arguments: Mapping[str, JSON]) -> JSON:
        raise Stop(cause)

    host = Scripted(stop)

    ended = run(sandbox, "async function run(ctx) { for (;;) try { await ctx.http.get('/') } catch {} }", host=host)

    assert (ended.ending, ended.cause) == (Ending.STOPPED, cause)
    assert len(host.calls) == 1


def test_another_error_of_the_host_goes_through(sandbox: Sandbox) -> None:
    def fail(name: str, arguments: Mapping[str, JSON]) -> JSON:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(sandbox, "const run = (ctx) => ctx.http.get('/')", host=Scripted(fail))

    assert run(sandbox, "const run = () => 1").value == 1


def test_lines_come_while_the_script_runs(sandbox: Sandbox) -> None:
    host = Scripted()

    ended = run(
        sandbox,
        "function run(ctx) { ctx.log.warn('first', { a: [1] }); console.log('b', { c: 1 }, [2]); for (;;); }",
        host=host,
        limits=Limits(cpu_seconds=0.2),
    )

    assert ended.ending is Ending.LIMIT
    assert host.lines == [("warn", "first", {"a": [1]}), ("info", 'b {"c":1} [2]', None)]


def test_a_log_takes_whatever_it_is_given(sandbox: Sandbox) -> None:
    host = Scripted()
    source = """function run(ctx) {
        const circle = {}; circle.a = circle;
        ctx.log.info(circle, circle); ctx.log.info(new TypeError('a'), 1n);
        ctx.log.info(); ctx.log.info(Symbol('s'), () => 1);
    }"""

    ended = run(sandbox, source, host=host)

    assert ended.ending is Ending.RETURNED
    assert [message for _, message, _ in host.lines] == ["[object Object]", "TypeError: a", "", "Symbol(s)"]


# limits


def test_an_endless_loop_ends_at_its_limit_of_cpu(sandbox: Sandbox) -> None:
    ended = run(sandbox, "function run() { for (;;); }", limits=Limits(cpu_seconds=0.2))

    assert (ended.ending, ended.limit, ended.note) == (
        Ending.LIMIT,
        "cpu",
        "The script computed for more than 0.2 s.",
    )


def slow(name: str, arguments: Mapping[str, JSON]) -> JSON:
    time.sleep(0.15)
    return None


TWO_CALLS = "async function run(ctx) { await ctx.store.get('a'); await ctx.store.get('b'); return 1 }"


def test_computing_is_counted_without_the_hosts_time(sandbox: Sandbox) -> None:
    ended = run(sandbox, TWO_CALLS, host=Scripted(slow), limits=Limits(cpu_seconds=0.1))

    assert ended.value == 1
    assert ended.cpu_seconds < 0.1
    assert ended.wall_seconds >= 0.3


def test_the_whole_time_is_counted_with_the_hosts(sandbox: Sandbox) -> None:
    host = Scripted(slow)

    ended = run(sandbox, TWO_CALLS, host=host, limits=Limits(wall_seconds=0.1))

    assert (ended.ending, ended.limit) == (Ending.LIMIT, "wall")
    assert len(host.calls) == 1


@pytest.mark.parametrize("mebibytes", [4, 64, 256])
def test_memory_is_limited_to_what_is_set(mebibytes: int, sandbox: Sandbox) -> None:
    filling = (
        "const kept = []; function run() { for (let i = 0; i < %d; i++) kept.push(new Uint8Array(1 << 20).fill(1)) }"
    )
    limits = Limits(memory_bytes=mebibytes << 20, cpu_seconds=10)

    below = run(sandbox, filling % (mebibytes * 3 // 4), limits=limits)
    above = run(sandbox, filling % (mebibytes + 1), limits=limits)

    assert below.ending is Ending.RETURNED
    assert (above.ending, above.limit) == (Ending.LIMIT, "memory")


def test_outgoing_calls_are_limited_and_other_calls_more_generously(sandbox: Sandbox) -> None:
    host, limits = Scripted({"status": 200, "headers": {}, "text": ""}), Limits(calls=2, host_calls=50)
    source = """async function run(ctx) {
        for (let i = 0; i < 40; i++) await ctx.store.get('a');
        for (;;) await ctx.http.get('/');
    }"""

    ended = run(sandbox, source, host=host, limits=limits)

    assert (ended.ending, ended.limit) == (Ending.LIMIT, "calls")
    assert [name for name, _ in host.calls].count("http") == 2


@pytest.mark.parametrize(("size", "ending"), [(998, Ending.RETURNED), (999, Ending.LIMIT), (200_000, Ending.LIMIT)])
def test_results_are_limited_in_size(size: int, ending: Ending, sandbox: Sandbox) -> None:
    ended = run(sandbox, f"const run = () => 'x'.repeat({size})", limits=Limits(result_bytes=1000))

    assert ended.ending is ending
    assert ended.limit == ("" if ending is Ending.RETURNED else "result")


def test_a_large_answer_is_refused_and_the_script_may_go_on(sandbox: Sandbox) -> None:
    host = Scripted({"status": 200, "headers": {}, "text": "x" * 2000})
    source = "async function run(ctx) { try { await ctx.http.get('/') } catch (e) { return [e.name, e.message] } }"

    ended = run(sandbox, source, host=host, limits=Limits(answer_bytes=1000))

    assert ended.value == ["HostRefused", "The answer is larger than 1000 bytes."]


def test_large_arguments_are_refused_before_they_leave(sandbox: Sandbox) -> None:
    host = Scripted()
    source = (
        "async function run(ctx) { try { await ctx.store.set('a', 'x'.repeat(2000)) } catch (e) { return e.name } }"
    )

    ended = run(sandbox, source, host=host, limits=Limits(answer_bytes=1000))

    assert (ended.value, host.calls) == ("HostRefused", [])


def test_lines_are_limited_in_number_and_size(sandbox: Sandbox) -> None:
    many, large = Scripted(), Scripted()

    run(
        sandbox,
        "function run(ctx) { for (let i = 0; i < 99; i++) ctx.log.info(i) }",
        host=many,
        limits=Limits(log_lines=10),
    )
    run(
        sandbox,
        "function run(ctx) { for (let i = 0; i < 99; i++) ctx.log.info('x'.repeat(1000)) }",
        host=large,
        limits=Limits(log_bytes=5000),
    )

    assert len(many.lines) == 10
    assert len(large.lines) <= 6
    assert all("Further lines are left out" in each.lines[-1][1] for each in (many, large))


def test_a_language_that_nobody_speaks_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(LookupError, match="cobol"):
        sandbox.run(Program("cobol", ""), input={}, host=Scripted())
