"""What a script sees, and how its runs end."""

from integrations.scripts.sandbox import Ending, Limits, Sandbox
from tests.scripts.sandbox.hosts import Scripted, run


def test_a_script_is_run_with_its_input_and_returns_a_value(sandbox: Sandbox) -> None:
    ended = run(sandbox, "async function run(ctx) { return { seen: ctx.event.type } }", event={"type": "a.b"})

    assert (ended.ending, ended.value) == (Ending.RETURNED, {"seen": "a.b"})


def test_a_call_reaches_the_host_and_its_answer_the_script(sandbox: Sandbox) -> None:
    host = Scripted({"status": 200, "headers": {"a": "b"}, "text": '{"x": [1]}'})

    ended = run(sandbox, "const run = async (ctx) => (await ctx.http.get('/a', { query: { q: 1 } })).json.x", host=host)

    assert ended.value == [1]
    assert host.calls == [("http", {"connection": "", "method": "GET", "url": "/a", "query": {"q": 1}})]
    assert ended.host_calls == 1


def test_an_endless_loop_ends_at_its_limit_of_cpu(sandbox: Sandbox) -> None:
    ended = run(sandbox, "function run() { for (;;); }", limits=Limits(cpu_seconds=0.2))

    assert (ended.ending, ended.limit) == (Ending.LIMIT, "cpu")
