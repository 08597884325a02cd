"""Dry runs whose look-ups are answered as an earlier run got them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

import pytest
from pytest_django.fixtures import Settings

from integrations.scripts import trial
from integrations.scripts.models import ScriptCall, ScriptRun
from integrations.sync.models import OperationKind
from tests.core.local_servers import Reply, Seen, Server, serving
from tests.scripts.conftest import House
from tests.scripts.test_writes import operation
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER

pytestmark = pytest.mark.django_db

ASKS = f"async function run(ctx) {{ return (await ctx.http.get('/api/orders?number={NUMBER}')).json.items[0].status; }}"


def test_a_look_up_is_answered_from_the_earlier_run_and_not_asked_again(house: House, record: RunningRecord) -> None:
    script = house.script(ASKS)
    event = house.tell()
    house.work()
    before = house.last().result
    record.control.change_order(NUMBER, status="changed since")

    tried = trial.dry_run(script, ASKS, event=event, recorded=True)
    live = trial.dry_run(script, ASKS, event=event)

    assert (tried.ending, tried.result) == ("RETURNED", before), tried.note
    assert live.result == "changed since"


def test_what_the_earlier_run_did_not_ask_is_refused_and_not_asked(house: House) -> None:
    script = house.script(ASKS)
    event = house.tell()
    house.work()

    tried = trial.dry_run(script, ASKS.replace("number=", "status=open&number="), event=event, recorded=True)

    assert not tried.good
    assert "live look-ups" in tried.note
    assert len(tried.calls) == 1
    assert ScriptCall.objects.count() == 1


def test_without_an_earlier_run_nothing_is_tried(house: House) -> None:
    script = house.script(ASKS)
    event = house.tell()

    tried = trial.dry_run(script, ASKS, event=event, recorded=True)

    assert (tried.ending, tried.calls) == ("FAILED", [])
    assert "has not run on this event" in tried.note


def test_an_answer_too_long_to_be_kept_whole_is_refused(house: House) -> None:
    script = house.script(ASKS)
    event = house.tell()
    house.work()
    ScriptCall.objects.update(answer="x" * 32_000)

    tried = trial.dry_run(script, ASKS, event=event, recorded=True)

    assert not tried.good
    assert "too long to be kept" in tried.note


@contextmanager
def system(house: House, settings: Settings, reply: Reply) -> Iterator[Server]:
    """Let the granted connection lead to a server that answers so, and repeats what it was sent in a header."""

    def answer(seen: Seen) -> Reply:
        return replace(reply, headers=reply.headers | {"X-Echo": seen.headers["Authorization"]})

    with serving(answer) as server:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
        house.connection.base_url = server.url
        house.connection.save()
        yield server


FAILING = (
    "async function run(ctx) { try { return (await ctx.http.get('/orders')).headers; } catch (error) {"
    " const why = error.headers?.['x-why'];"
    " return [error.name, error.status, error.retryable, error.json, why, error.retryAfter ?? 0]; } }"
)


def test_headers_are_given_back_as_they_came_and_hold_no_credentials(house: House, settings: Settings) -> None:
    script = house.script(FAILING)
    with system(house, settings, Reply(headers={"ETag": '"7"', "Set-Cookie": "a=b"})) as server:
        event = house.tell()
        house.work()

    tried = trial.dry_run(script, FAILING, event=event, recorded=True)

    assert (tried.ending, tried.result) == ("RETURNED", house.last().result), tried.note
    assert tried.result["etag"] == '"7"'
    assert "set-cookie" not in tried.result
    assert BEARER_TOKEN in server.seen[0].headers["Authorization"]
    assert BEARER_TOKEN not in str([*ScriptCall.objects.values(), *ScriptRun.objects.values(), asdict(tried)])
    assert len(server.seen) == 1


def test_headers_are_kept_up_to_a_cap_and_whole(house: House, settings: Settings) -> None:
    script = house.script(FAILING)
    with system(house, settings, Reply(headers={"X-Long": "y" * 9000, "ETag": '"7"'})):
        event = house.tell()
        house.work()

    tried = trial.dry_run(script, FAILING, event=event, recorded=True)

    seen = house.last().result or {}
    assert len(seen["x-long"]) == 9000
    assert tried.result == {name: value for name, value in seen.items() if name != "x-long"}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(404, b'{"code": "gone"}', {"X-Why": "moved"}), ["HttpError", 404, False, {"code": "gone"}, "moved", 0]),
        (Reply(503, b"{}", {"X-Why": "busy", "Retry-After": "7"}), ["HttpError", 503, True, {}, "busy", 7]),
    ],
    ids=["for good", "for now"],
)
def test_a_failure_comes_again_with_all_that_a_script_may_catch(
    house: House, settings: Settings, reply: Reply, said: list[object]
) -> None:
    script = house.script(FAILING)
    with system(house, settings, reply):
        event = house.tell()
        house.work()

    tried = trial.dry_run(script, FAILING, event=event, recorded=True)

    assert house.last().result == said
    assert (tried.ending, tried.result) == ("RETURNED", said), tried.note


def test_what_the_house_refused_is_refused_again(house: House) -> None:
    source = (
        "async function run(ctx) { try { await ctx.http.get('http://elsewhere.example/'); }"
        " catch (error) { return error.name; } }"
    )
    script = house.script(source)
    event = house.tell()
    house.work()

    tried = trial.dry_run(script, source, event=event, recorded=True)

    assert (house.last().result, tried.result) == ("HostRefused", "HostRefused")


UPDATES = (
    "async function run(ctx) { return (await ctx.record('record').update({u_minutes: ctx.session.minutes})).verdict; }"
)
FINDS = "async function run(ctx) { return (await ctx.record('record').find()).number; }"
BOTH = FINDS.replace("{ return", "{ await ctx.record('record').update({u_minutes: 1}); return")


@pytest.mark.parametrize("ran", [UPDATES, FINDS], ids=["by its write", "by its look-up"])
def test_a_configured_write_is_shown_with_the_record_of_the_earlier_run_and_asks_nobody(
    house: House, record: RunningRecord, settings: Settings, ran: str
) -> None:
    operation(house, OperationKind.UPDATE)
    script = house.script(ran)
    event = house.tell()
    house.work_until_done()
    assert house.last().result in ("CONFIRMED", NUMBER), house.last().note
    settings.OUTBOUND_ALLOW = []  # whatever is asked now is refused

    tried = trial.dry_run(script, UPDATES, event=event, recorded=True)

    assert (tried.ending, tried.result) == ("RETURNED", "DRY_RUN"), tried.note
    (write,) = tried.writes
    assert write["problems"] == []
    assert write["path"] == f"/api/orders/{record.control.order(NUMBER)['id']}"


def test_what_was_not_recorded_of_a_record_is_said_and_nobody_is_asked(house: House, settings: Settings) -> None:
    operation(house, OperationKind.UPDATE)
    script = house.script("async function run(ctx) { return 1; }")
    event = house.tell()
    house.work()
    settings.OUTBOUND_ALLOW = []

    writes = trial.dry_run(script, UPDATES, event=event, recorded=True)
    finds = trial.dry_run(script, FINDS, event=event, recorded=True)

    (problem,) = writes.writes[0]["problems"]
    assert "Nothing was recorded for “Find” in run" in problem
    assert "live look-ups" in problem
    assert (finds.good, finds.writes) == (False, [])
    assert "live look-ups" in finds.note


def test_what_another_text_looks_up_is_answered_by_the_look_up_that_was_kept(house: House, settings: Settings) -> None:
    operation(house, OperationKind.UPDATE)
    script = house.script(FINDS)
    event = house.tell()
    house.work()
    settings.OUTBOUND_ALLOW = []

    tried = trial.dry_run(script, BOTH, event=event, recorded=True)

    assert (tried.ending, tried.result) == ("RETURNED", NUMBER), tried.note
    assert [write["problems"] for write in tried.writes] == [[]]
