"""What a program can do by the API: assign, decide, retry, replay; and what it may read of a webhook."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from integrations.connections.models import Workspace
from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.events.models import Event, Reason
from integrations.inbox import replays
from integrations.inbox.models import ReceivedWebhook, Replay
from integrations.sync.models import Operation, OperationKind, RecordLane, RecordWrite, Verdict, WriteState
from integrations.workorders.models import ExternalId, Join
from tests.api.calling import Call, caller
from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db
WAITING, UNSURE = WriteState.WAITING, WriteState.UNSURE


def test_a_fact_is_assigned_to_an_order_by_number_once(call: Call) -> None:
    rows = make_everything(1)
    assign = f"/api/v1/unmatched/{rows['join'].pk}/assign/"
    before = Event.objects.count()

    first = call("post", assign, {"work_order": rows["order"].pk})
    again = call("post", assign, {"work_order": rows["order"].pk})

    assert (first.status_code, first.json()["work_order"]) == (200, rows["order"].pk)
    assert first.json()["decided_by"] == "test (API token)"
    assert again.json() == first.json()
    assert Event.objects.filter(reason=Reason.OPERATOR, source_type=rows["join"].source_type).exists()
    assert call("get", "/api/v1/unmatched/").json()["results"] == []
    assert Event.objects.count() > before


def test_a_fact_is_assigned_to_an_order_that_only_its_system_knows(call: Call) -> None:
    rows = make_everything(1)

    answer = call(
        "post",
        f"/api/v1/unmatched/{rows['join'].pk}/assign/",
        {"system": rows["system"].slug, "external_id": "WO-77"},
    )

    assert ExternalId.objects.get(external_id="WO-77").work_order_id == answer.json()["work_order"]


def test_a_fact_that_was_decided_about_meanwhile_is_left_alone(call: Call) -> None:
    rows, other = make_everything(1), make_everything(2)
    path = f"/api/v1/unmatched/{rows['join'].pk}/"
    Join.objects.filter(pk=rows["join"].pk).update(work_order=rows["order"])

    answers = [call("post", f"{path}assign/", {"work_order": other["order"].pk}), call("post", f"{path}dismiss/")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "already_decided")] * 2
    assert Join.objects.get(pk=rows["join"].pk).work_order == rows["order"]


def test_a_dismissed_fact_is_no_longer_listed(call: Call) -> None:
    rows = make_everything(1)
    path = f"/api/v1/unmatched/{rows['join'].pk}/"

    answer = call("post", f"{path}dismiss/")

    assert answer.json()["dismissed_at"] is not None
    assert call("get", "/api/v1/unmatched/").json()["results"] == []
    assert call("get", path).json() == answer.json()


def test_a_write_is_tried_again_once(call: Call) -> None:
    write = make_everything(1)["write"]

    first = call("post", f"/api/v1/writes/{write.pk}/retry/")
    again = call("post", f"/api/v1/writes/{write.pk}/retry/")

    assert (first.status_code, first.json()["state"]) == (202, "WAITING")
    assert (again.status_code, again.json()["code"]) == (409, "not_retryable")


@pytest.mark.parametrize(
    ("decision", "state", "verdict"),
    [("done", WriteState.DONE, Verdict.UNVERIFIED), ("send_again", WAITING, ""), ("give_up", WriteState.SKIPPED, "")],
)
def test_an_unsure_write_is_decided_about_once(call: Call, decision: str, state: str, verdict: str) -> None:
    write = make_everything(1)["write"]
    RecordWrite.objects.update(state=UNSURE, verdict=Verdict.UNSURE)
    path = f"/api/v1/writes/{write.pk}/decide/"

    first = call("post", path, {"decision": decision})
    again = call("post", path, {"decision": decision})

    assert (first.status_code, first.json()["state"], first.json()["verdict"]) == (200, state, verdict)
    assert (again.status_code, again.json()["code"]) == (409, "not_undecided")
    assert RecordWrite.objects.get(pk=write.pk).decided_by == "test (API token)"


def test_one_of_several_records_is_chosen(call: Call) -> None:
    rows = make_everything(1)
    lookup = Operation.objects.create(connection=rows["system"], name="find", kind=OperationKind.LOOKUP, path="/o")
    Operation.objects.filter(pk=rows["operation"].pk).update(lookup=lookup)
    RecordWrite.objects.update(state=UNSURE, verdict="", candidates=[{"id": "a"}, {"id": "b"}])
    path = f"/api/v1/writes/{rows['write'].pk}/decide/"

    sent = call("post", path, {"decision": "send_again"})
    wrong = call("post", path, {"decision": "choose", "record": "c"})
    right = call("post", path, {"decision": "choose", "record": "b"})

    assert (sent.status_code, wrong.status_code, list(wrong.json()["errors"])) == (409, 400, ["record"])
    assert (right.status_code, right.json()["state"]) == (200, "WAITING")
    assert RecordLane.objects.get(pk=rows["lane"].pk).choices == {str(lookup.pk): "b"}


def test_a_work_orders_facts_are_published_again(call: Call) -> None:
    rows = make_everything(1)
    Join.objects.update(work_order=rows["order"], joined_event="session.joined")

    answer = call("post", f"/api/v1/work-orders/{rows['order'].pk}/replay/")

    assert (answer.status_code, answer.json()) == (202, {"published": 2})
    assert Event.objects.filter(reason=Reason.REPLAY).count() == 2


def test_a_replay_of_webhooks_is_accepted_and_followed(call: Call, hints: list[str]) -> None:
    received = make_everything(1)["received"]
    Replay.objects.all().delete()
    hour = {"received_since": "2020-01-01T00:00:00Z", "received_before": "2030-01-01T00:00:00+02:00"}

    accepted = call("post", "/api/v1/webhook-replays/", hour)
    before = call("get", accepted.json()["url"]).json()
    drain(Replay, replays.run)
    after = call("get", accepted.json()["url"]).json()

    assert (accepted.status_code, accepted.json()["state"]) == (202, "DUE")
    assert accepted.json()["asked_by"] == "test (API token)"
    assert (before["looked_at"], after["state"], after["total"], after["replayed"]) == (0, "DONE", 1, 1)
    assert ReceivedWebhook.objects.get(pk=received.pk).state == WorkState.DUE


def test_named_webhooks_are_replayed_whatever_their_state_and_no_others(call: Call) -> None:
    named, other = make_everything(1)["received"], make_everything(2)["received"]
    ReceivedWebhook.objects.filter(pk=named.pk).update(state=WorkState.DONE)
    Replay.objects.all().delete()

    accepted = call("post", "/api/v1/webhook-replays/", {"webhooks": [named.pk]})
    drain(Replay, replays.run)

    assert (accepted.status_code, accepted.json()["total"]) == (202, 1)
    assert ReceivedWebhook.objects.get(pk=named.pk).state == WorkState.DUE
    assert ReceivedWebhook.objects.get(pk=other.pk).state == WorkState.FAILED


def test_a_replay_leaves_other_workspaces_alone(client: Client) -> None:
    make_everything(1)
    Replay.objects.all().delete()
    stranger = caller(client, workspace=Workspace.objects.create(slug="other", name="Other"))
    ages = {"received_since": "2020-01-01T00:00:00Z", "received_before": "2030-01-01T00:00:00Z"}

    accepted = stranger("post", "/api/v1/webhook-replays/", ages)
    drain(Replay, replays.run)

    assert (accepted.status_code, accepted.json()["total"]) == (202, 0)
    assert ReceivedWebhook.objects.get().state == WorkState.FAILED


def test_a_replay_can_be_stopped_while_it_runs(call: Call) -> None:
    replay = make_everything(1)["replay"]
    path = f"/api/v1/webhook-replays/{replay.pk}/stop/"

    stopped = call("post", path)
    drain(Replay, replays.run)
    again = call("post", path)

    assert (stopped.status_code, stopped.json()["stopped_by"]) == (202, "test (API token)")
    assert Replay.objects.get().note == "Stopped by test (API token)."
    assert (again.status_code, again.json()["code"]) == (409, "already_ended")


def test_the_body_of_a_webhook_needs_its_own_scope_and_shows_no_secret(client: Client) -> None:
    received = make_everything(1)["received"]
    sent = '[["Authorization", "Bearer s3cret"], ["X-Kind", "a"]]'
    ReceivedWebhook.objects.filter(pk=received.pk).update(headers=sent, query="a=1", body=b"\xff\x00")
    path = f"/api/v1/webhooks/{received.pk}/"

    without = caller(client, "webhooks:read")("get", path).json()
    shown = caller(client, "webhooks:read", "bodies:read")("get", path)
    ReceivedWebhook.objects.filter(pk=received.pk).update(body_deleted=True, body=b"", headers="[]")
    deleted = caller(client, "webhooks:read", "bodies:read")("get", path).json()

    assert (without["request"], without["request_missing"]) == (None, "SCOPE_MISSING")
    assert (deleted["request"], deleted["request_missing"]) == (None, "DELETED")
    assert shown.json()["request"] == {
        "headers": [{"name": "Authorization", "value": "•••"}, {"name": "X-Kind", "value": "a"}],
        "query": "a=1",
        "body": "/wA=",
        "encoding": "base64",
    }
    assert b"s3cret" not in shown.content


def test_a_photos_link_leads_to_it_without_a_token(call: Call, client: Client) -> None:
    photo = make_everything(1)["photo"]

    listed = call("get", "/api/v1/photos/").json()["results"][0]
    shown = call("get", f"/api/v1/photos/{photo.pk}/").json()

    assert (listed["link"], listed["small_link"]) == (shown["link"], shown["small_link"])
    assert "metadata" not in listed
    assert shown["metadata"] == {}
    assert client.get(listed["link"]).status_code == 404  # the link is good; this photo has no file


def test_a_timeline_tells_what_happened_in_its_order(call: Call) -> None:
    rows = make_everything(1)
    Join.objects.update(work_order=rows["order"], joined_at=datetime(2026, 3, 1, tzinfo=UTC), decided_by="ann")

    entries = call("get", f"/api/v1/work-orders/{rows['order'].pk}/timeline/").json()["results"]

    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    assert {"join", "photo", "work order"} <= {entry["kind"] for entry in entries}
