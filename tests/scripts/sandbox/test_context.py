"""What `ctx` offers, and that its types say the same."""

import re
from pathlib import Path
from typing import Any

import pytest

from integrations.scripts.sandbox import Ending, Sandbox, languages
from tests.scripts.sandbox.hosts import Scripted, run

TYPES = Path(languages.HERE, "javascript", "ctx.d.ts")
ANSWER: dict[str, Any] = {"status": 200, "headers": {"content-type": "a/b"}, "text": '{"a": 1}'}
INPUT: dict[str, Any] = {
    "event": {"type": "a"},
    "connections": ["crm"],
    "secrets": {"TOKEN": "⟦secret:TOKEN:1⟧"},
    "photos": [{"name": "a.jpg", "step": "Clean"}],
    "now": "2026-03-01T12:00:00Z",
}


def returned(sandbox: Sandbox, expression: str, *, host: Scripted | None = None, **given: Any) -> Any:
    ended = run(sandbox, f"async function run(ctx) {{ return {expression} }}", host=host, **INPUT | given)
    assert ended.ending is Ending.RETURNED, ended
    return ended.value


# the types


def declared() -> dict[str, set[str]]:
    """Return the members of each interface, by the names in the types."""
    text = re.sub(r"/\*\*.*?\*/", "", TYPES.read_text(), flags=re.DOTALL)
    blocks = re.findall(r"^(?:interface|declare class) (\w+)[^{]*\{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    return {name: set(re.findall(r"^  (?:readonly )?(\w+)\??[(:<]", body, re.MULTILINE)) for name, body in blocks}


MEMBERS = {
    "ScriptContext": "ctx",
    "Http": "ctx.http",
    "Photo": "ctx.photos[0]",
    "Store": "ctx.store",
    "Log": "ctx.log",
    "Util": "ctx.util",
    "DateTools": "ctx.util.date",
    "DurationTools": "ctx.util.duration",
    "CsvTools": "ctx.util.csv",
    "HashTools": "ctx.util.hash",
    "Base64Tools": "ctx.util.base64",
    "Records": "ctx.record('crm')",
    "Answered": "await ctx.http.get('/')",
    "Console": "console",
}


@pytest.mark.parametrize("interface", MEMBERS)
def test_the_types_name_the_members_that_are_there(interface: str, sandbox: Sandbox) -> None:
    names = returned(sandbox, f"Reflect.ownKeys({MEMBERS[interface]})", host=Scripted(ANSWER))

    own = {"contentType", "size"} if interface == "Photo" else set()  # they come with the input
    assert set(names) | own == declared()[interface]


def test_the_types_name_what_graphql_and_connections_have(sandbox: Sandbox) -> None:
    for expression in ("ctx.scope", "ctx.target"):
        assert set(returned(sandbox, f"Reflect.ownKeys({expression})")) == declared()["GraphQL"]
    connection = returned(sandbox, "Reflect.ownKeys(ctx.connection('crm'))")
    assert set(connection) == declared()["Http"] | declared()["GraphQL"]


def test_the_types_name_the_options_of_requests(sandbox: Sandbox) -> None:
    ended = run(sandbox, "async function run(ctx) { await ctx.http.get('/', { none: 1 }) }")

    assert set(re.findall(r'"(\w+)"', ended.note)) - {"none"} == declared()["RequestOptions"]


def test_every_member_of_the_types_has_its_text() -> None:
    text = TYPES.read_text()
    context = text[text.index("interface ScriptContext") : text.index("\n}\n")]

    documented = re.findall(r"\*/\n  (?:readonly )?(\w+)", context)

    assert set(documented) == declared()["ScriptContext"]


# the members


def test_the_context_and_its_tools_cannot_be_changed(sandbox: Sandbox) -> None:
    parts = ["ctx", "ctx.http", "ctx.scope", "ctx.store", "ctx.log", "ctx.util", "ctx.util.date", "ctx.photos[0]"]

    assert returned(sandbox, f"[{', '.join(parts)}].every(Object.isFrozen)") is True


def test_what_is_not_given_is_empty(sandbox: Sandbox) -> None:
    ended = run(sandbox, "const run = (ctx) => ({ ...ctx, secrets: null })")

    values = ended.value
    assert isinstance(values, dict)
    empty = {name: value for name, value in values.items() if value in (None, [], {})}
    assert set(empty) >= {
        "event",
        "events",
        "session",
        "call",
        "order",
        "answers",
        "photos",
        "facts",
        "config",
        "sources",
    }
    assert (values["attempt"], values["dryRun"]) == (1, False)


def test_a_request_says_all_that_was_asked(sandbox: Sandbox) -> None:
    host = Scripted(ANSWER)
    headers = "headers: { A: `Bearer ${ctx.secrets.TOKEN}` }"
    options = f"{{ json: {{ a: 1 }}, {headers}, timeoutMs: 5, key: 'k', readBack: {{ path: '/' }} }}"

    returned(sandbox, f"(await ctx.connection('crm').patch('/a', {options})).status", host=host)

    assert host.calls == [
        (
            "http",
            {
                "connection": "crm",
                "method": "PATCH",
                "url": "/a",
                "json": {"a": 1},
                "headers": {"A": "Bearer ⟦secret:TOKEN:1⟧"},
                "timeoutMs": 5,
                "key": "k",
                "readBack": {"path": "/"},
            },
        )
    ]


def test_options_cannot_name_another_connection_or_method(sandbox: Sandbox) -> None:
    host = Scripted(ANSWER)

    ended = run(
        sandbox, "async function run(ctx) { await ctx.http.get('/', { connection: 'crm' }) }", host=host, **INPUT
    )

    assert (ended.ending, host.calls) == (Ending.THREW, [])


def test_an_answer_can_be_read_as_text_and_as_json(sandbox: Sandbox) -> None:
    shown = "(r) => [r.status, r.json, r.text, r.headers['content-type'], r.captured, r.replayed]"
    read = f"ctx.http.get('/').then({shown})"

    assert returned(sandbox, read, host=Scripted(ANSWER)) == [200, {"a": 1}, '{"a": 1}', "a/b", False, False]
    assert returned(sandbox, "(await ctx.http.get('/')).json", host=Scripted(ANSWER | {"text": "no"})) is None


@pytest.mark.parametrize(
    ("expression", "arguments"),
    [
        ("ctx.scope.graphql('{a}')", {"connection": "scope", "document": "{a}", "variables": {}}),
        (
            "ctx.target.graphql('mutation {a}', { b: 1 }, { key: 'k' })",
            {"connection": "target", "document": "mutation {a}", "variables": {"b": 1}, "key": "k"},
        ),
        ("ctx.connection('crm').graphql('{a}')", {"connection": "crm", "document": "{a}", "variables": {}}),
    ],
)
def test_graphql_is_asked_of_the_right_system(expression: str, arguments: dict[str, Any], sandbox: Sandbox) -> None:
    host = Scripted({"b": 2})

    assert returned(sandbox, f"await {expression}", host=host) == {"b": 2}
    assert host.calls == [("graphql", arguments)]


@pytest.mark.parametrize(
    ("expression", "arguments"),
    [
        ("ctx.record('crm').find({ number: 1 })", {"action": "find", "fields": {"number": 1}}),
        ("ctx.record('crm').update({ a: 1 }, { operation: 'close' })", {"fields": {"a": 1}, "operation": "close"}),
        ("ctx.record('crm').create({ a: 1 }, { key: 'k' })", {"action": "create", "fields": {"a": 1}, "key": "k"}),
        ("ctx.record('crm').note('text', { fields: { a: 1 } })", {"text": "text", "fields": {"a": 1}}),
        ("ctx.record('crm').attach(ctx.photos[0])", {"action": "attach", "photo": 0}),
        ("ctx.record().note('text')", {"action": "note", "text": "text", "system": ""}),
    ],
)
def test_records_are_asked_for_by_operation(expression: str, arguments: dict[str, Any], sandbox: Sandbox) -> None:
    host = Scripted({"writeId": 1})

    assert returned(sandbox, f"await {expression}", host=host) == {"writeId": 1}
    ((name, asked),) = host.calls
    assert name == "record"
    assert dict(asked) | arguments == dict(asked)


@pytest.mark.parametrize(
    ("expression", "arguments"),
    [
        ("ctx.store.get('a')", {"action": "get", "key": "a"}),
        ("ctx.store.set('a', [1], { ttlSeconds: 60 })", {"action": "set", "key": "a", "value": [1], "ttlSeconds": 60}),
        ("ctx.store.set('a', undefined)", {"action": "set", "key": "a", "value": None}),
        ("ctx.store.delete('a')", {"action": "delete", "key": "a"}),
        ("ctx.store.incr('a')", {"action": "incr", "key": "a", "by": 1}),
        ("ctx.store.incr('a', 5)", {"action": "incr", "key": "a", "by": 5}),
    ],
)
def test_the_store_is_asked_by_key(expression: str, arguments: dict[str, Any], sandbox: Sandbox) -> None:
    host = Scripted(7)

    assert returned(sandbox, f"await {expression}", host=host) == 7
    assert host.calls == [("store", arguments)]


def test_the_bytes_of_a_photo_come_when_asked_for(sandbox: Sandbox) -> None:
    host = Scripted({"base64": "AAEC/w=="})

    assert returned(sandbox, "ctx.photos[0].name", host=host) == "a.jpg"
    assert host.calls == []
    assert returned(sandbox, "[...await ctx.photos[0].getBytes()]", host=host) == [0, 1, 2, 255]
    assert host.calls == [("photo", {"index": 0})]


def test_a_secret_shows_a_placeholder_in_every_form(sandbox: Sandbox) -> None:
    forms = "[`${ctx.secrets.TOKEN}`, String(ctx.secrets.TOKEN), '' + ctx.secrets.TOKEN, { a: ctx.secrets.TOKEN }]"
    shown = "⟦secret:TOKEN:1⟧"

    assert returned(sandbox, forms) == [shown, shown, shown, {"a": shown}]
    assert returned(sandbox, "Object.keys(ctx.secrets)") == ["TOKEN"]


def test_now_is_the_time_of_the_try(sandbox: Sandbox) -> None:
    assert returned(sandbox, "[ctx.now().toISOString(), ctx.now() instanceof Date]") == [
        "2026-03-01T12:00:00.000Z",
        True,
    ]


# util


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("0", "1970-01-01T00:00:00+00:00"),
        ("'2026-07-01T10:05:09.007Z', 'yyyy-MM-dd HH:mm:ss.SSS'", "2026-07-01 10:05:09.007"),
        ("'2026-07-01T10:00:00Z', 'd.M.yy H:mm', '+05:30'", "1.7.26 15:30"),
        ("'2026-07-01T10:00:00Z', 'HH:mm XXX', 'Europe/Berlin'", "12:00 +02:00"),
        ("'2026-01-01T10:00:00Z', 'HH:mm XXX', 'Europe/Berlin'", "11:00 +01:00"),
        ("'2026-01-01T01:00:00Z', 'yyyy-MM-dd HH:mm XXX', 'America/St_Johns'", "2025-12-31 21:30 -03:30"),
        ("ctx.now(), \"yyyy'T'MM\"", "2026T03"),
    ],
)
def test_dates_are_written(arguments: str, text: str, sandbox: Sandbox) -> None:
    assert returned(sandbox, f"ctx.util.date.format({arguments})") == text


@pytest.mark.parametrize(
    "arguments", ["'no time'", "0, 'QQ'", "0, 'HH', 'Mars/Base'", "0, 'HH', '../etc/passwd'", "1e18"]
)
def test_dates_that_cannot_be_written_are_errors(arguments: str, sandbox: Sandbox) -> None:
    assert run(sandbox, f"const run = (ctx) => ctx.util.date.format({arguments})").ending is Ending.THREW


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "PT0S"), (754, "PT12M34S"), (3600, "PT1H"), (90061.5, "P1DT1H1M1.5S"), (-60, "-PT1M"), (59.9996, "PT1M")],
)
def test_durations_are_written(seconds: float, text: str, sandbox: Sandbox) -> None:
    assert returned(sandbox, f"ctx.util.duration.iso({seconds})") == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("[{ a: 1, b: 'x' }, { b: 'y', c: null }]", "a,b,c\r\n1,x,\r\n,y,\r\n"),
        ("[[1, 'a,b'], ['q\"q', 'l\\nl']]", '1,"a,b"\r\n"q""q","l\nl"\r\n'),
        ("[{ a: 1, b: 2 }], { columns: ['b'], separator: ';' }", "b\r\n2\r\n"),
        ("[{ a: 1 }], { header: false }", "1\r\n"),
        ("[[true, new Date(0), { a: 1 }]]", 'true,1970-01-01T00:00:00.000Z,"{""a"":1}"\r\n'),
        (
            "[['=1+1', '+1', '-5', '-1,5', '@a', '\\t=1', '-1+cmd', ' =1', -5]]",
            "'=1+1,+1,-5,\"-1,5\",'@a,'\t=1,'-1+cmd,' =1,-5\r\n",
        ),
        ("[]", ""),
    ],
)
def test_tables_are_written_without_formulas(rows: str, text: str, sandbox: Sandbox) -> None:
    assert returned(sandbox, f"ctx.util.csv.stringify({rows})") == text


def test_templates_are_filled(sandbox: Sandbox) -> None:
    values = "{ a: { b: 'x' }, n: null, d: new Date(0), o: [1] }"

    filled = returned(sandbox, f"ctx.util.template('{{a.b}} {{{{c}}}} {{n}} {{d}} {{o}}', {values})")
    missing = run(sandbox, "const run = (ctx) => ctx.util.template('{a.c}', { a: {} })")

    assert filled == "x {c}  1970-01-01T00:00:00.000Z [1]"
    assert missing.note == 'template: there is nothing at "a.c".'


def test_hashes_and_base64_are_of_utf_8(sandbox: Sandbox) -> None:
    sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    assert returned(sandbox, "[ctx.util.hash.sha256('abc'), ctx.util.hash.sha256(new Uint8Array([97, 98, 99]))]") == [
        sha,
        sha,
    ]
    assert returned(sandbox, r"[ctx.util.base64.encode('é\0'), ctx.util.base64.encode(new Uint8Array([0]))]") == [
        "w6kA",
        "AA==",
    ]
    assert returned(sandbox, "[ctx.util.base64.decode('w6k='), [...ctx.util.base64.bytes('AAE=')]]") == ["é", [0, 1]]
    assert returned(sandbox, "ctx.util.base64.decode(ctx.util.base64.encode('x'.repeat(1e5) + 'é')).length") == 100_001
