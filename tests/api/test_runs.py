"""Scripts and their runs over the API: read, retried, replayed, run by hand."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from integrations.connections.models import Connection, Workspace
from integrations.core.work import WorkState
from integrations.scripts.models import RunState, Script, ScriptLane, ScriptRun, Trigger
from integrations.sync.models import RecordWrite
from integrations.workorders.models import Join, Photo, WorkOrder
from tests.api.calling import Call, caller
from tests.desk.rows import make_everything
from tests.scripts.rows import FIRST, make_write

pytestmark = pytest.mark.django_db


def run_url(run: ScriptRun, verb: str = "") -> str:
    return f"/api/v1/runs/{run.pk}/{verb}"


def by_hand(rows: dict[str, Any]) -> str:
    return f"/api/v1/scripts/{rows['script'].slug}/run/"


def test_a_run_tells_what_it_said_asked_wrote_and_returned(call: Call) -> None:
    done = make_everything(1)["runs"]["done"]

    shown = call("get", run_url(done)).json()

    assert (shown["script"], shown["version"], shown["state"]) == ("progress-1", 1, "DONE")
    assert (shown["result"], shown["error"]) == ({"target": "J-7"}, None)
    assert [line["message"] for line in shown["logs"]] == ["job found", "no end yet <b>"]
    assert [each["title"] for each in shown["calls"]] == ["GET /jobs/J-7", "PATCH /jobs/J-7"]
    assert [each["id"] for each in shown["writes"]] == [shown["calls"][1]["write"]]
    assert not {"request", "answer"} & (shown["calls"][0].keys() | shown["writes"][0].keys())


def test_a_run_shows_its_writes_before_and_after_its_replays_and_those_of_no_other(call: Call) -> None:
    rows, now = make_everything(1), datetime.fromisoformat("2026-03-01T12:00:00Z")
    done = rows["runs"]["done"]
    done.replays = 2
    done.save()
    again = make_write(done, connection=rows["system"], now=now)
    other = ScriptRun.objects.get(pk=rows["run"].pk)
    RecordWrite.objects.filter(pk=make_write(other, connection=rows["system"], now=now).pk).update(
        origin=f"scriptrun/{done.pk}1"
    )

    shown = call("get", run_url(done)).json()

    assert [each["origin"] for each in shown["writes"]] == [f"scriptrun/{done.pk}", f"scriptrun/{done.pk}.2"]
    assert (shown["origin"], shown["writes"][1]["id"]) == (f"scriptrun/{done.pk}.2", again.pk)


def test_the_input_of_a_run_needs_its_own_scope(client: Client) -> None:
    done = make_everything(1)["runs"]["done"]
    bodies = caller(client, "runs:read", "bodies:read")

    without = caller(client, "runs:read")("get", run_url(done)).json()
    shown = bodies("get", run_url(done)).json()
    ScriptRun.objects.update(input=None)
    deleted = bodies("get", run_url(done)).json()

    assert (without["input"], without["input_missing"]) == (None, "SCOPE_MISSING")
    assert (shown["input"], shown["input_missing"]) == ({"session": {"id": "J-7", "state": "COMPLETED"}}, "")
    assert (deleted["input"], deleted["input_missing"]) == (None, "NONE")


def test_a_failed_run_is_tried_again_once_with_its_version(call: Call) -> None:
    run = make_everything(1)["run"]
    Script.objects.update(active_version=None)

    first = call("post", run_url(run, "retry/"))
    again = call("post", run_url(run, "retry/"))

    assert (first.status_code, first.json()["state"], first.json()["version"]) == (202, "WAITING", 1)
    assert first.json()["asked_by"] == "test (API token)"
    assert (again.status_code, again.json()["code"]) == (409, "not_retryable")
    assert ScriptLane.objects.get(pk=run.lane_id).state == WorkState.DUE


def test_what_was_done_is_not_retried(call: Call) -> None:
    done = make_everything(1)["runs"]["done"]

    answer = call("post", run_url(done, "retry/"))

    assert (answer.status_code, answer.json()["code"]) == (409, "not_retryable")


def test_an_ended_run_is_replayed_with_the_published_version(call: Call) -> None:
    done = make_everything(1)["runs"]["done"]

    first = call("post", run_url(done, "replay/"))
    again = call("post", run_url(done, "replay/"))

    assert (first.status_code, first.json()["state"], first.json()["version"]) == (202, "WAITING", None)
    assert (first.json()["replays"], first.json()["reason"]) == (1, "replay")
    assert (again.status_code, again.json()["code"]) == (409, "not_ended")
    assert ScriptRun.objects.get(pk=done.pk).input is None


@pytest.mark.parametrize(
    ("values", "code"), [({"enabled": False}, "script_switched_off"), ({"active_version": None}, "not_published")]
)
def test_a_script_that_would_not_run_is_refused_at_once(call: Call, values: dict[str, Any], code: str) -> None:
    rows = make_everything(1)
    Script.objects.update(**values)
    before = list(ScriptRun.objects.order_by("pk").values())

    answers = [call("post", run_url(rows["run"], "replay/")), call("post", by_hand(rows), {})]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, code)] * 2
    assert list(ScriptRun.objects.order_by("pk").values()) == before


def test_a_script_is_run_by_hand_on_nothing(call: Call) -> None:
    rows = make_everything(1)

    answer = call("post", by_hand(rows), {})

    run = ScriptRun.objects.get(pk=answer.json()["id"])
    assert (answer.status_code, run.state, run.trigger) == (202, RunState.WAITING, Trigger.HAND)
    assert (run.source_type, run.subject, run.asked_by) == ("", "", "test (API token)")


def test_a_script_is_run_by_hand_on_a_source(call: Call) -> None:
    rows = make_everything(1)
    sources = {"workorder": rows["order"], "photo": rows["photo"], "worklink.session": rows["session"]}

    answers = [
        call("post", by_hand(rows), {"source_type": kind, "source_id": str(row.pk)}) for kind, row in sources.items()
    ]

    assert [answer.status_code for answer in answers] == [202] * 3
    assert {answer.json()["work_order"] for answer in answers} == {rows["order"].pk}
    assert ScriptLane.objects.get(key=rows["order"].subject).state == WorkState.DUE


def test_a_script_does_not_run_on_a_source_of_another_workspace(client: Client) -> None:
    rows, other = make_everything(1), Workspace.objects.create(slug="other", name="Other")
    Script.objects.update(workspace=other)
    Connection.objects.filter(pk=rows["system"].pk).update(workspace=other)
    stranger = caller(client, workspace=other)
    sources = {"workorder": rows["order"], "photo": rows["photo"], "worklink.session": rows["session"]}
    bodies = [{"source_type": kind, "source_id": str(row.pk)} for kind, row in sources.items()]

    refused = [stranger("post", by_hand(rows), body) for body in bodies]
    for model in (WorkOrder, Photo, Join):
        model._default_manager.update(workspace=other)
    taken = [stranger("post", by_hand(rows), body) for body in bodies]

    assert [(answer.status_code, list(answer.json()["errors"])) for answer in refused] == [(400, ["source_id"])] * 3
    assert [answer.status_code for answer in taken] == [202] * 3


def test_a_source_whose_row_is_gone_is_refused(call: Call) -> None:
    rows = make_everything(1)
    rows["session"].delete()

    answer = call("post", by_hand(rows), {"source_type": "worklink.session", "source_id": rows["join"].source_id})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["source_id"])


def test_a_script_shows_the_text_of_its_published_version_and_no_secret(call: Call) -> None:
    script = make_everything(1)["script"]

    shown = call("get", f"/api/v1/scripts/{script.slug}/")
    (listed,) = call("get", "/api/v1/scripts/?enabled=true").json()["results"]
    Script.objects.update(active_version=None)
    unpublished = call("get", f"/api/v1/scripts/{script.slug}/").json()

    assert (shown.json()["source"], shown.json()["version"]) == (FIRST, 1)
    assert listed == {name: value for name, value in shown.json().items() if name != "source"}
    assert (unpublished["source"], unpublished["version"]) == (None, None)
    assert b"script-secret" not in shown.content
