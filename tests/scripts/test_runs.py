"""Runs of scripts: from the event to the outcome."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from integrations.core.drain import drain
from integrations.scripts import guard, jobs, services
from integrations.scripts.models import RunState, Script, ScriptLane, ScriptRun, ScriptTimer, ScriptValue
from integrations.scripts.sandbox import SandboxUnavailable
from tests.scripts.conftest import House
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER

pytestmark = pytest.mark.django_db
ORDER = f"/api/orders?number={NUMBER}"


def test_an_event_runs_the_script_on_the_facts(house: House) -> None:
    house.script(
        "async function run(ctx) {"
        "  ctx.log.info('hello', {n: ctx.event.number});"
        "  return [ctx.event.type, ctx.event.resourceType, ctx.session.state, ctx.facts.visit.minutes, ctx.attempt]; }"
    )

    house.tell()
    house.work()

    run = house.last()
    assert (run.state, run.result) == (RunState.DONE, ["visit.updated", "Visit", "done", 12, 1]), run.note
    assert [(line["level"], line["message"], line["data"]) for line in run.logs] == [("info", "hello", {"n": 1})]


def test_a_script_reads_another_system(house: House, record: RunningRecord) -> None:
    house.script(
        f"async function run(ctx) {{ const found = await ctx.http.get('{ORDER}');"
        "  return [found.status, found.json.items.length, found.headers['content-type']]; }"
    )

    house.tell()
    house.work()

    run = house.last()
    assert run.result == [200, 1, "application/json"], run.note
    call = run.outgoing.get()
    assert (call.kind, call.title, call.status) == ("http", "GET /api/orders", 200)


def test_a_script_that_skips_says_why(house: House) -> None:
    house.script("function run(ctx) { ctx.skip('no link key'); }")

    house.tell()
    house.work()

    assert house.last().state == RunState.SKIPPED
    assert "no link key" in house.last().note


def test_match_decides_before_anything_runs(house: House) -> None:
    house.script(
        "function match(event) { return event.resourceType === 'CallSession'; }\n"
        "function run(ctx) { throw new Error('never'); }"
    )

    house.tell()
    house.work()

    assert house.last().state == RunState.SKIPPED


def test_a_condition_that_is_not_met_skips_the_run(house: House) -> None:
    house.script("function run(ctx) { return 1; }", condition="visit.state == 'open'")

    house.tell()
    house.work()

    assert house.last().state == RunState.SKIPPED
    assert "visit.state == 'open'" in house.last().note


def test_a_condition_that_cannot_be_applied_ends_that_run_alone(house: House) -> None:
    house.script("function run(ctx) { return 1; }", condition="contains(visit.minutes, 'x')")
    house.script("function run(ctx) { return 2; }")

    house.tell()
    house.work()

    first, second = house.runs()
    assert first.state == RunState.FAILED
    assert "contains(visit.minutes, 'x')" in first.note
    assert second.result == 2


def test_a35_a_plain_error_twice_is_tried_again_and_the_third_try_succeeds(house: House) -> None:
    house.script("function run(ctx) { if (ctx.attempt < 3) throw new Error('not yet'); return ctx.attempt; }")

    house.tell()
    house.work_until_done()

    run = house.last()
    assert (run.state, run.result, run.attempts) == (RunState.DONE, 3, 3)


def test_a36_a_script_that_gives_up_ends_at_once_and_can_be_replayed(house: House) -> None:
    house.script("function run(ctx) { ctx.fail('bad mapping'); }")
    house.tell()
    house.work()
    run = house.last()
    assert (run.state, run.attempts) == (RunState.FAILED, 1)
    assert "bad mapping" in run.note

    house.publish(run.script, "function run(ctx) { return 'better'; }")
    services.replay(ScriptRun.objects.filter(pk=run.pk), by="ada", now=house.time.now())
    house.work()

    assert (house.last().state, house.last().result) == (RunState.DONE, "better")


def test_a37_a_secret_is_masked_in_logs_results_and_errors(house: House) -> None:
    script = house.script(
        "function run(ctx) { ctx.log.info('key ' + ctx.secrets.KEY, {k: `${ctx.secrets.KEY}`});"
        " return {key: `${ctx.secrets.KEY}`}; }",
        secrets={"KEY": "s3cret-value"},
    )

    house.tell()
    house.work()

    run = house.last()
    assert run.state == RunState.DONE, run.note
    shown = str([run.logs, run.result])
    assert "s3cret" not in shown
    assert "⟦" not in shown
    assert shown.count("•••KEY•••") == 3
    assert script.secrets["KEY"] == "s3cret-value"


def test_a39_an_endless_loop_is_stopped_and_the_next_script_runs(house: House) -> None:
    house.script("function run(ctx) { for (;;) {} }", cpu_seconds=0.2)
    house.script("function run(ctx) { return 'fine'; }")

    house.tell()
    house.work()

    endless, fine = house.runs()
    assert (endless.state, endless.ending) == (RunState.FAILED, "LIMIT")
    assert "cpu limit" in endless.note
    assert fine.result == "fine"


def test_a41_the_metadata_address_is_refused_and_the_log_says_so(house: House) -> None:
    house.script(
        "async function run(ctx) {"
        " try { await ctx.http.get('http://169.254.169.254/latest/'); }"
        " catch (e) { ctx.log.error(e.message); throw e; } }",
        allow_hosts=["169.254.169.254"],
    )

    house.tell()
    house.work()

    run = house.last()
    assert run.state == RunState.FAILED
    assert "169.254.169.254" in run.logs[0]["message"]


def test_a_retry_sees_the_version_and_the_facts_of_the_first_try(house: House) -> None:
    script = house.script(
        "function run(ctx) { if (ctx.attempt < 2) throw new Error('again'); return ctx.session.minutes; }"
    )
    house.tell()
    house.work()
    house.publish(script, "function run(ctx) { return 'newer'; }")
    house.visits.rows["v1"]["minutes"] = 99

    house.work_until_done()

    run = house.last()
    assert run.version is not None
    assert (run.result, run.version.number) == (12, 1)


def test_runs_of_one_order_keep_their_order_and_a_failing_one_holds_them(house: House) -> None:
    house.script("function run(ctx) { if (ctx.attempt < 2) throw new Error('again'); return ctx.event.number; }")

    house.tell()
    house.tell()
    house.work()

    first, second = house.runs()
    assert (first.attempts, second.attempts) == (1, 0)
    house.work_until_done()
    assert [run.result for run in house.runs()] == [1, 2]


def test_another_order_is_not_held(house: House) -> None:
    house.script("function run(ctx) { if (ctx.event.number === 1) throw new Error('again'); return ctx.event.number; }")

    house.tell()
    house.tell(subject="workorder/2")
    house.work()

    assert [run.state for run in house.runs()] == [RunState.WAITING, RunState.DONE]


def test_the_store_changes_with_the_finish_alone(house: House) -> None:
    house.script(
        "async function run(ctx) { const n = await ctx.store.incr('n');"
        " if (ctx.attempt < 3) throw new Error('again'); return n; }"
    )

    house.tell()
    house.work()
    assert not ScriptValue.objects.exists()
    house.work_until_done()

    assert house.last().result == 1
    assert ScriptValue.objects.get().value == 1


def test_five_events_make_one_run_of_a_batch(house: House) -> None:
    house.visits.rows["v2"] = {"id": "v2", "state": "open", "minutes": 3}
    house.script(
        "function run(ctx) { return [ctx.events.length, ctx.sources.map(s => s.session.id)]; }",
        batch_size=5,
        batch_minutes=10,
    )

    for visit in ("v1", "v2", "v1", "v1"):
        house.tell(visit)
    house.work()
    assert house.last().state == RunState.WAITING
    house.tell("v2")
    house.work()

    assert (len(house.runs()), house.last().result) == (1, [5, ["v1", "v2"]])


def test_a_batch_that_is_not_full_runs_after_its_longest_wait(house: House) -> None:
    house.script("function run(ctx) { return ctx.events.length; }", batch_size=5, batch_minutes=10)
    house.tell()
    house.tell()

    house.work()
    house.time.pass_by(601)
    house.work()
    house.tell()

    first, second = house.runs()
    assert (first.result, second.state) == (2, RunState.WAITING)


def test_a_script_with_a_cron_expression_runs_when_it_is_due(house: House) -> None:
    script = house.script("function run(ctx) { return ctx.event.type; }", cron="0 6 * * *", event_types=[])
    timer = ScriptTimer.objects.get(script=script)
    assert timer.due_at > house.time.now()

    house.time.pass_by((timer.due_at - house.time.now()).total_seconds() + 1)
    drain(ScriptTimer, jobs.run_timer)
    house.work()

    timer.refresh_from_db()
    assert house.last().result == "script.schedule"
    assert timedelta(hours=23) < timer.due_at - house.time.now() < timedelta(hours=25)


def test_pace_holds_the_next_run_of_an_order_and_drops_none(house: House) -> None:
    house.script("function run(ctx) { return ctx.event.number; }", pace_seconds=60)
    house.tell()
    house.tell()

    house.work()
    assert [run.state for run in house.runs()] == [RunState.DONE, RunState.WAITING]
    house.work()
    assert house.last().state == RunState.WAITING
    house.work_until_done()

    assert [run.result for run in house.runs()] == [1, 2]


def test_a_script_that_is_switched_off_skips_what_waits(house: House) -> None:
    script = house.script("function run(ctx) { return 1; }")
    house.tell()
    Script.objects.filter(pk=script.pk).update(enabled=False)

    house.work()

    assert house.last().state == RunState.SKIPPED
    assert "switched off" in house.last().note


def test_nothing_runs_that_was_not_tested(house: House) -> None:
    script = house.script("function run(ctx) { return 1; }")
    version = services.save_version(script, "function run(ctx) { return 2; }", author="bob", now=house.time.now())

    with pytest.raises(services.NotTested):
        services.publish(version, by="bob", now=house.time.now())

    script.refresh_from_db()
    assert script.active_version is not None
    assert script.active_version.number == 1


def test_a_killed_worker_leaves_a_run_that_another_one_ends(house: House) -> None:
    house.script("async function run(ctx) { return ctx.store.incr('n'); }")
    house.tell()
    claim = ScriptLane.objects.all().claim_due(now=house.time.now())[0]
    ScriptRun.objects.update(attempts=1)

    house.time.pass_by(120)
    house.work()

    lane = ScriptLane.objects.get(pk=claim.pk)
    assert (house.last().state, house.last().attempts, lane.state) == (RunState.DONE, 2, "DONE")
    assert ScriptValue.objects.get().value == 1


def test_a_script_fills_half_of_the_workers_at_most(house: House, settings: Settings) -> None:
    settings.SCRIPT_WORKERS = 4
    house.script("function run(ctx) { return 1; }")
    house.script("function run(ctx) { return 2; }", event_types=["visit.joined"])
    for number in range(4):
        house.tell(subject=f"workorder/{number}")
    lanes = ScriptLane.objects.all()

    taken = [lanes.claim_due(now=house.time.now()) for _ in range(3)]
    house.tell(type="visit.joined", subject="workorder/9")
    other = lanes.claim_due(now=house.time.now())

    assert [len(each) for each in taken] == [1, 1, 0]
    assert other == []  # it writes to the same system, whose share is used up too


def test_a_missing_sandbox_is_waited_for_and_is_no_try_of_the_script(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.script("function run(ctx) { return ctx.attempt; }")
    house.tell()

    def none() -> None:
        raise SandboxUnavailable("No jailed process could be started.")

    with monkeypatch.context() as patch:
        patch.setattr(guard, "sandbox", none)
        house.work()
        house.time.pass_by(31)
        house.work()

    assert (house.last().state, house.last().attempts) == (RunState.WAITING, 0)
    assert "No jailed process" in house.last().note
    house.work_until_done()
    assert house.last().result == 1
