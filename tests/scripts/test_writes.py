"""Scripts that change something: through the ledger, once, however often they run."""

from datetime import timedelta

import pytest

from integrations.scripts import services
from integrations.scripts.models import RunState, ScriptLane, ScriptRun
from integrations.sync import services as sync
from integrations.sync.models import Operation, OperationKind, RecordWrite, WriteState
from tests.scripts.conftest import House
from tests.simulators.running import RunningRecord
from tests.sync.conftest import FORMS, NUMBER
from tests.sync.test_faults import effects, wait_for_effect

pytestmark = pytest.mark.django_db
FIND = f"const order = (await ctx.http.get('/api/orders?number={NUMBER}')).json.items[0];"
PATCH = (
    f"async function run(ctx) {{ {FIND}"
    " const answer = await ctx.http.patch(`/api/orders/${order.id}`, {json: {u_minutes: ctx.session.minutes}});"
    " return answer.status; }"
)
NOTE = (
    f"async function run(ctx) {{ {FIND}"
    " await ctx.http.post(`/api/orders/${order.id}/notes`, {json: {body: 'seen'}, key: 'note'});"
    " if (ctx.attempt < 3) throw new Error('after the write'); return ctx.attempt; }"
)


@pytest.fixture
def keyed(house: House) -> House:
    """The system honours Idempotency-Key, and the connection says so."""
    house.connection.settings = {**house.connection.settings, "script_key_header": "Idempotency-Key"}
    house.connection.save()
    return house


def test_a_script_writes_once_and_the_ledger_shows_it(house: House, record: RunningRecord) -> None:
    house.script(PATCH)

    house.tell()
    house.work()

    run, write = house.last(), RecordWrite.objects.get()
    assert (run.state, run.result) == (RunState.DONE, 200), run.note
    assert record.control.order(NUMBER)["u_minutes"] == 12
    assert (write.state, write.origin, write.subject) == (WriteState.DONE, run.origin, "workorder/1")
    assert write.lane.record_key == NUMBER
    assert run.outgoing.get(title__startswith="PATCH").write_id == write.pk


def test_a_retry_gets_the_stored_answer_and_sends_nothing(house: House, record: RunningRecord) -> None:
    house.script(NOTE)

    house.tell()
    house.work_until_done()

    assert house.last().result == 3
    assert effects(record) == ["notes.create"]
    assert RecordWrite.objects.count() == 1


def test_a_replay_of_the_same_facts_sends_nothing_again(house: House, record: RunningRecord) -> None:
    house.script(PATCH)
    house.tell()
    house.work()

    services.replay(ScriptRun.objects.all(), by="ada", now=house.time.now())
    house.work()

    assert house.last().state == RunState.DONE
    assert effects(record) == ["order.update"]


def test_changed_facts_are_sent(house: House, record: RunningRecord) -> None:
    house.script(PATCH)
    house.tell()
    house.work()
    house.visits.rows["v1"]["minutes"] = 20

    house.tell()
    house.work()

    assert record.control.order(NUMBER)["u_minutes"] == 20
    assert effects(record) == ["order.update", "order.update"]


def test_a_script_that_asks_for_something_else_on_a_retry_is_not_deterministic(house: House) -> None:
    house.script(
        f"async function run(ctx) {{ {FIND}"
        " await ctx.http.patch(`/api/orders/${order.id}`, {json: {u_minutes: ctx.attempt}});"
        " throw new Error('again'); }"
    )

    house.tell()
    house.work_until_done()

    assert house.last().state == RunState.FAILED
    assert "not deterministic" in house.last().note


def test_a_busy_system_is_tried_again_and_written_once(house: House, record: RunningRecord) -> None:
    record.control.fault("status", method="PATCH", times=2, status=503)
    house.script(PATCH)

    house.tell()
    house.work_until_done()

    assert (house.last().state, house.last().attempts) == (RunState.DONE, 3), house.last().note
    assert effects(record) == ["order.update"]


def test_a_script_sees_a_refusal_and_may_go_on(house: House, record: RunningRecord) -> None:
    record.control.fault("status", method="PATCH", times=1, status=422)
    house.script(
        f"async function run(ctx) {{ {FIND}"
        " try { await ctx.http.patch(`/api/orders/${order.id}`, {json: {status: 'done'}}); }"
        " catch (e) { return [e.name, e.status, e.retryable]; } }"
    )

    house.tell()
    house.work()

    assert house.last().result == ["HttpError", 422, False], house.last().note


def test_an_unsure_post_with_a_key_is_sent_again_and_there_once(keyed: House, record: RunningRecord) -> None:
    record.control.fault("drop_after", method="POST", times=1)
    keyed.script(
        f"async function run(ctx) {{ {FIND}"
        " await ctx.http.post(`/api/orders/${order.id}/notes`, {json: {body: 'seen'}}); return 'sent'; }"
    )

    keyed.tell()
    keyed.work_until_done()

    assert keyed.last().result == "sent", keyed.last().note
    assert effects(record) == ["notes.create"]


def test_an_unsure_post_without_a_key_waits_for_a_person_and_goes_on_with_the_decision(
    house: House, record: RunningRecord
) -> None:
    record.control.fault("drop_after", method="POST", times=1)
    house.script(
        f"async function run(ctx) {{ {FIND}"
        " await ctx.http.post(`/api/orders/${order.id}/notes`, {json: {body: 'seen'}}); return 'sent'; }"
    )
    house.tell()
    house.work_until_done()
    write = RecordWrite.objects.get()
    assert write.state == WriteState.UNSURE, write.note
    assert house.last().state == RunState.FAILED

    sync.mark_as_done(write, by="ada", now=house.time.now())
    house.work_until_done()

    assert (house.last().state, house.last().result) == (RunState.DONE, "sent"), house.last().note
    assert effects(record) == ["notes.create"]


def test_a_paused_connection_lets_runs_wait_without_a_try(house: House, record: RunningRecord) -> None:
    house.script(PATCH)
    type(house.connection).objects.filter(pk=house.connection.pk).update(paused=True)
    house.tell()
    house.work()

    run = house.last()
    assert (run.state, run.attempts) == (RunState.WAITING, 0)
    assert "paused" in run.note


def test_capture_mode_records_and_sends_nothing(house: House, record: RunningRecord) -> None:
    type(house.connection).objects.filter(pk=house.connection.pk).update(capture=True)
    house.script(PATCH)

    house.tell()
    house.work()

    assert house.last().result == 202
    assert effects(record) == []
    assert RecordWrite.objects.get().verdict == "CAPTURED"


def test_a_secret_leaves_for_the_granted_connection_and_stays_out_of_every_row(
    house: House, record: RunningRecord
) -> None:
    house.script(
        f"async function run(ctx) {{ {FIND}"
        " await ctx.http.patch(`/api/orders/${order.id}`,"
        "   {json: {status: `key ${ctx.secrets.KEY}`}, headers: {'X-Key': ctx.secrets.KEY}}); }",
        secrets={"KEY": "s3cret-value"},
    )

    house.tell()
    house.work()

    assert record.control.order(NUMBER)["status"] == "key s3cret-value"
    rows = [*RecordWrite.objects.values(), *ScriptRun.objects.values(), *house.last().outgoing.values()]
    assert "s3cret" not in str(rows)


def test_a_secret_is_not_put_into_an_address(house: House) -> None:
    house.script(
        "async function run(ctx) { await ctx.http.get('/api/orders?number=' + ctx.secrets.KEY); }",
        secrets={"KEY": "s3cret-value"},
    )

    house.tell()
    house.work()

    assert house.last().state == RunState.FAILED
    assert "not in an address" in house.last().note


def operation(house: House, kind: str, **values: object) -> Operation:
    lookup, _ = Operation.objects.get_or_create(
        connection=house.connection,
        name="Find",
        kind=OperationKind.LOOKUP,
        path="/api/orders",
        query={"number": "{external_id}"},
        records="body.items",
    )
    form = FORMS[kind] | {"lookup": lookup, "source_type": "script", "name": f"{kind} by script"}
    return Operation.objects.create(connection=house.connection, kind=kind, **form | values)


def test_a_script_finds_updates_and_notes_by_configured_operations(house: House, record: RunningRecord) -> None:
    operation(house, OperationKind.UPDATE)
    operation(house, OperationKind.NOTE, body={"body": "{input.text} ({marker})"})
    house.script(
        "async function run(ctx) { const order = ctx.record('record'); const found = await order.find();"
        " const done = await order.update({u_minutes: ctx.session.minutes}); await order.note('All done.');"
        " return [found.number, done.verdict]; }"
    )

    house.tell()
    house.work_until_done()

    assert house.last().result == [NUMBER, "CONFIRMED"], house.last().note
    assert record.control.order(NUMBER)["u_minutes"] == 12
    assert sorted(effects(record)) == ["notes.create", "order.update"]


def test_a_run_waits_for_a_read_back_and_goes_on_when_it_is_settled(house: House, record: RunningRecord) -> None:
    operation(house, OperationKind.UPDATE)
    record.control.fault("late", method="PATCH", times=1, delay=0.5)
    house.script(
        "async function run(ctx) { const done = await ctx.record('record').update({u_minutes: 5});"
        " return [done.verdict, ctx.attempt]; }"
    )

    house.tell()
    house.work()
    assert house.last().state == RunState.WAITING
    wait_for_effect(record)
    house.work_until_done()

    assert house.last().result == ["CONFIRMED", 1], house.last().note
    assert effects(record) == ["order.update"]


def test_a_worker_that_dies_after_the_write_leaves_it_to_the_next_which_sends_nothing(
    house: House, record: RunningRecord
) -> None:
    house.script(PATCH)
    house.tell()
    house.work()
    lanes = ScriptLane.objects.all()
    lanes.update(state="RUNNING", due_at=house.time.now() + timedelta(seconds=60), claim_token="0" * 32)
    ScriptRun.objects.update(state=RunState.WAITING, result=None, ended_at=None)

    house.time.pass_by(120)
    house.work()

    assert (house.last().state, house.last().result) == (RunState.DONE, 200), house.last().note
    assert effects(record) == ["order.update"]
