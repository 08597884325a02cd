"""Deleting a script: the page says what goes and what stays, and what is not settled refuses it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from integrations.core import clock
from integrations.core.config.comparing import plan_text
from integrations.core.config.documents import ConfigRefused
from integrations.core.work import WorkState
from integrations.scripts import deleting
from integrations.scripts.models import (
    RunState,
    Script,
    ScriptCall,
    ScriptGrant,
    ScriptLane,
    ScriptRun,
    ScriptTimer,
    ScriptValue,
    ScriptVersion,
)
from integrations.sync.models import RecordWrite, WriteState
from tests.config.making import applied
from tests.desk.people import signed_in
from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db
HUNG_ON = (ScriptVersion, ScriptRun, ScriptCall, ScriptLane, ScriptTimer, ScriptValue, ScriptGrant)
NONE_IN_FILE = "fieldport: 1\nscripts: {}"


@pytest.fixture
def rows() -> dict[str, Any]:
    """Two scripts with all that may hang on them; the first is switched off and its writes are settled."""
    made = make_everything(1)
    make_everything(2)
    deleting.writes_of(made["script"]).update(state=WriteState.DONE)
    ScriptLane.objects.update(state=WorkState.DONE)
    Script.objects.filter(pk=made["script"].pk).update(enabled=False)
    return made


def url(script: Script) -> str:
    return reverse("admin:scripts_script_delete", args=[script.pk])


def everything() -> list[int]:
    return [model._default_manager.count() for model in (Script, *HUNG_ON, RecordWrite)]


def test_the_page_says_what_goes_and_what_stays_and_nothing_has_happened(
    admin_client: Client, rows: dict[str, Any]
) -> None:
    before = everything()

    page = admin_client.get(url(rows["script"])).content.decode()

    has = deleting.belongings(rows["script"])
    assert (has.versions, has.waiting, has.writes) == (2, 1, 1)
    assert f"runs with their logs, calls and inputs: {has.runs}" in page
    assert "runs that wait and will not run: 1" in page
    assert "without the pages of their runs: 1" in page
    assert "with the slug “progress-1” goes on with this ledger" in page
    assert everything() == before


def test_what_hangs_on_it_goes_and_the_ledger_and_the_history_stay(admin_client: Client, rows: dict[str, Any]) -> None:
    script, written = rows["script"], list(RecordWrite.objects.order_by("pk").values())

    answer = admin_client.post(url(script), {"post": "yes"}, follow=True)

    assert answer.status_code == 200
    assert list(Script.objects.values_list("slug", flat=True)) == ["progress-2"]
    for model in HUNG_ON:
        assert {str(row) for row in model._default_manager.all()}, model  # those of the other script
    assert not ScriptRun.objects.filter(script_id=script.pk).exists()
    assert not ScriptCall.objects.exclude(run__script__slug="progress-2").exists()
    assert list(RecordWrite.objects.order_by("pk").values()) == written
    last = Script.history.filter(id=script.pk).latest()
    assert (last.history_type, last.history_change_reason) == ("-", "deleted (admin)")
    assert LogEntry.objects.get().is_deletion()


def unsettled(rows: dict[str, Any]) -> None:
    deleting.writes_of(rows["script"]).update(state=WriteState.UNSURE)


def at_work(rows: dict[str, Any]) -> None:
    lanes = ScriptLane.objects.filter(script=rows["script"])
    lanes.update(state=WorkState.RUNNING, due_at=clock.now() + timedelta(minutes=1))


def switched_on(rows: dict[str, Any]) -> None:
    Script.objects.filter(pk=rows["script"].pk).update(enabled=True)


REFUSALS = [
    (unsettled, "It is not known yet what became of 1 of its writes."),
    (at_work, "A run of it is at work."),
    (switched_on, "Switch it off first."),
]


@pytest.mark.parametrize(("make_so", "said"), REFUSALS, ids=["writes", "a run", "switched on"])
def test_what_is_not_settled_refuses_it_with_a_sentence(
    admin_client: Client, rows: dict[str, Any], make_so: Any, said: str
) -> None:
    make_so(rows)
    before = everything()

    page = admin_client.get(url(rows["script"])).content.decode()
    pressed = admin_client.post(url(rows["script"]), {"post": "yes"}).content.decode()

    assert said in page
    assert said in pressed
    assert 'name="post"' not in page
    assert everything() == before


def test_what_came_between_the_page_and_the_press_refuses_it_too(
    admin_client: Client, rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()
    unsettled(rows)
    monkeypatch.setattr("integrations.scripts.admin_deleting.refusals", lambda _script: [])  # as the page saw it

    answer = admin_client.post(url(rows["script"]), {"post": "yes"}, follow=True)

    assert "It is not known yet what became of 1 of its writes." in answer.content.decode()
    assert everything() == before
    assert not LogEntry.objects.exists()


def test_a_dead_workers_lane_refuses_nothing(rows: dict[str, Any]) -> None:
    ScriptLane.objects.update(state=WorkState.RUNNING, due_at=clock.now() - timedelta(seconds=1))

    deleting.delete_script(rows["script"], by="olga", now=clock.now())

    assert not ScriptLane.objects.filter(script_id=rows["script"].pk).exists()


@pytest.mark.parametrize(("group", "status"), [("Viewer", 403), ("Operator", 403), ("Integrator", 200)])
def test_who_may_not_delete_scripts_does_not_see_the_page(rows: dict[str, Any], group: str, status: int) -> None:
    client, before = signed_in(group), everything()

    answers = [client.get(url(rows["script"])), client.post(url(rows["script"]), {})]

    assert [answer.status_code for answer in answers] == [status, status]
    assert everything() == before


def test_scripts_are_not_deleted_by_the_dozen(admin_client: Client, rows: dict[str, Any]) -> None:
    before = everything()
    chosen = {"action": "delete_selected", "_selected_action": [rows["script"].pk], "post": "yes"}

    admin_client.post(reverse("admin:scripts_script_changelist"), chosen)

    assert everything() == before


def test_pruning_deletes_a_script_with_its_runs_by_the_same_rules(rows: dict[str, Any]) -> None:
    deleting.writes_of(Script.objects.get(slug="progress-2")).update(state=WriteState.DONE)
    writes = RecordWrite.objects.count()

    plan = applied(NONE_IN_FILE, prune=True)

    assert "- progress-1  (delete)" in plan_text(plan)
    assert not Script.objects.exists()
    assert not ScriptRun.objects.exists()
    assert RecordWrite.objects.count() == writes


def test_pruning_is_refused_while_a_write_is_not_settled(rows: dict[str, Any]) -> None:
    unsettled(rows)
    before = everything()

    with pytest.raises(ConfigRefused, match="“progress-1” is not in the file and cannot be deleted: It is not known"):
        applied(NONE_IN_FILE, prune=True)

    assert everything() == before
    assert ScriptRun.objects.filter(state=RunState.WAITING).exists()
