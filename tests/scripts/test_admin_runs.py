"""Runs in the admin: what is shown of them, and what can be asked."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.scripts.models import RunState, ScriptRun, ScriptValue, Trigger
from tests.desk.people import signed_in
from tests.scripts.conftest import House
from tests.scripts.rows import make_runs, make_script
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER

pytestmark = pytest.mark.django_db

WRITES = f"""async function run(ctx) {{
  const order = (await ctx.http.get('/api/orders?number={NUMBER}')).json.items[0];
  ctx.log.info('found', {{ number: order.number, token: ctx.secrets.TOKEN }});
  await ctx.http.patch(`/api/orders/${{order.id}}`, {{ json: {{ status: ctx.session.state }} }});
  return order.number;
}}
"""
GIVES_UP = "function run(ctx) { ctx.fail('bad mapping'); }"


def page_of(client: Client, run: ScriptRun) -> str:
    return client.get(reverse("admin:scripts_scriptrun_change", args=[run.pk])).content.decode()


def press(client: Client, run: ScriptRun, button: str) -> int:
    return client.post(reverse("admin:scripts_scriptrun_do", args=[run.pk, button])).status_code


def test_a_run_shows_its_log_calls_writes_and_result_and_no_secret(
    house: House, record: RunningRecord, admin_client: Client
) -> None:
    house.script(WRITES, secrets={"TOKEN": "t0p-secret"})
    house.tell()
    house.work_until_done()
    run = house.last()
    assert run.state == RunState.DONE, run.note

    page = page_of(admin_client, run)

    write = run.outgoing.exclude(write_id=None).get().write_id
    assert reverse("admin:sync_recordwrite_change", args=[write]) in page
    for shown in ("found", "GET /api/orders", "PATCH /api/orders", NUMBER, "version 1", "visit.updated"):
        assert shown in page
    assert "t0p-secret" not in page


def test_a_run_that_gave_up_is_retried_replayed_or_run_on_its_event(house: House, hints: list[str]) -> None:
    script = house.script(GIVES_UP)
    house.tell()
    house.work()
    run, client = house.last(), signed_in("Operator")
    house.publish(script, "function run(ctx) { return 'mended'; }")

    press(client, run, "retry_one")
    house.work()
    retried = house.last()
    press(client, run, "replay_one")
    house.work()
    replayed = house.last()
    press(client, run, "run_now")
    house.work()

    assert (retried.state, replayed.state, replayed.result) == (RunState.FAILED, RunState.DONE, "mended")
    by_hand = house.last()
    assert (by_hand.pk != run.pk, by_hand.trigger, by_hand.asked_by) == (True, Trigger.HAND, "someone-operator")
    assert by_hand.result == "mended"


def test_several_runs_are_replayed_at_once(house: House, admin_client: Client) -> None:
    house.script(GIVES_UP)
    for _ in range(2):
        house.tell()
    house.work()

    admin_client.post(
        reverse("admin:scripts_scriptrun_changelist"),
        {"action": "replay", "_selected_action": [run.pk for run in house.runs()]},
    )

    assert [run.state for run in house.runs()] == [RunState.WAITING, RunState.WAITING]


def test_a_viewer_sees_runs_and_asks_for_nothing(house: House) -> None:
    house.script(GIVES_UP)
    house.tell()
    house.work()
    run, client = house.last(), signed_in("Viewer")

    page = page_of(client, run)
    answers = [press(client, run, button) for button in ("retry_one", "replay_one", "run_now")]

    assert "bad mapping" in page
    assert "Replay" not in page
    assert answers == [403, 403, 403]
    assert house.last().state == RunState.FAILED


def test_the_page_follows_a_run_until_it_has_ended(house: House, admin_client: Client) -> None:
    script = make_script("followed", connection=house.connection, now=house.time.now())
    runs = make_runs(script, connection=house.connection, subject="workorder/1", now=house.time.now())
    parts = [
        admin_client.get(reverse("admin:scripts_scriptrun_live", args=[runs[name].pk])).content.decode()
        for name in ("waiting", "done")
    ]

    assert 'data-run-state="open"' in parts[0]
    assert 'data-run-state="ended"' in parts[1]
    assert "job found" in parts[0]
    assert "data-run-live" in page_of(admin_client, runs["waiting"])
    assert "data-run-live" not in page_of(admin_client, runs["done"])


def test_following_a_run_needs_the_right_to_see_it(house: House, client: Client, django_user_model: type) -> None:
    script = make_script("followed", connection=house.connection, now=house.time.now())
    runs = make_runs(script, connection=house.connection, subject="workorder/1", now=house.time.now())
    url = reverse("admin:scripts_scriptrun_live", args=[runs["done"].pk])
    nobody = django_user_model.objects.create_user("nobody", is_staff=True)  # type: ignore[attr-defined]

    signed_out = client.get(url)
    client.force_login(nobody)

    assert signed_out.status_code == 302
    assert client.get(url).status_code == 403


def test_a_failed_run_can_be_tried_in_the_editor_with_its_event(house: House, admin_client: Client) -> None:
    house.script(GIVES_UP)
    event = house.tell()
    house.work()

    assert f"?event={event.pk}&amp;reads=recorded" in page_of(admin_client, house.last())


def test_a_script_is_run_by_hand_from_its_page(house: House) -> None:
    script = house.script("function run(ctx) { return ctx.event.type; }")

    answer = signed_in("Operator").post(reverse("admin:scripts_script_do", args=[script.pk, "run_now"]))
    house.work()

    run = house.last()
    assert answer.status_code == 302
    assert (run.trigger, run.result, run.asked_by) == (Trigger.HAND, "script.hand", "someone-operator")


def test_the_list_of_scripts_counts_the_failures_of_a_day(house: House, admin_client: Client) -> None:
    script = house.script(GIVES_UP)
    for _ in range(3):
        house.tell()
    house.work()
    old = house.runs()[0]
    ScriptRun.objects.filter(pk=old.pk).update(created_at=house.time.now().replace(year=2020))

    (row,) = admin_client.get(reverse("admin:scripts_script_changelist")).context["cl"].result_list

    assert (row.failures, row.last_run_pk, row.last_run_state) == (2, house.last().pk, RunState.FAILED)
    assert row.pk == script.pk


def test_a_value_is_deleted_by_who_may_change_scripts(house: House) -> None:
    script = house.script(GIVES_UP)
    value = ScriptValue.objects.create(script=script, key="seen", value={"at": 1})
    url = reverse("admin:scripts_scriptvalue_delete", args=[value.pk])

    refused = signed_in("Operator").post(url, {"post": "yes"})
    done = signed_in("Integrator").post(url, {"post": "yes"})

    assert (refused.status_code, done.status_code) == (403, 302)
    assert not ScriptValue.objects.exists()
