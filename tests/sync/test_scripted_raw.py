"""Requests of scripts' own: sent once, whatever happens to the run, the worker and the system of record."""

import json
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.errors import Forbidden, OutboundOff, Paused, PermanentError, TransientError, Unsure
from integrations.core.work import WorkState
from integrations.sync import services
from integrations.sync.models import OperationKind, RecordLane, RecordWrite, WriteState
from integrations.sync.scripted import NotDeterministic, Undecided, Waiting, preview_raw
from integrations.sync.scripted.asked import RawRequest
from tests.core.local_servers import Reply as ServerReply
from tests.core.local_servers import Seen, serving
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House
from tests.sync.scripting import HANDLE, NOTES, SECRET, ScriptRun
from tests.sync.test_faults import effects

ORDER = f"/api/orders/{NUMBER}"
THERE = (NOTES, "length(body.items[?body == 'by a script']) > `0`")


def crash(house: House) -> RecordWrite:
    """Leave the newest write as a worker does that is killed between intent and answer, and let its lease run out."""
    RecordWrite.objects.filter(pk=house.last().pk).update(
        state="SENT", verdict="", note="", answer_status=None, answer="", reply=None, ended_at=None
    )
    RecordLane.objects.update(state=WorkState.RUNNING, due_at=house.time.now())
    return house.last()


def by_key(house: House) -> None:
    """Let the connection send scripts' keys."""
    house.connection.settings = {"script_key_header": "Idempotency-Key"}
    house.connection.save()


def test_a_request_is_sent_and_its_answer_kept_whole(house: House, record: RunningRecord) -> None:
    reply = ScriptRun(house).send()

    write = house.last()
    assert (reply.status, reply.replayed, reply.captured, reply.write_id) == (201, False, False, write.pk)
    assert json.loads(reply.text)["body"] == "by a script"
    assert reply.headers["content-type"] == "application/json"
    assert (write.kind, write.state, write.verdict, write.sends) == ("RAW", "DONE", "UNVERIFIED", 1)
    assert (write.origin, write.ordinal, write.subject) == ("scriptrun/12", 1, house.subject)
    assert write.request is not None
    assert (write.request["method"], write.request["path"]) == ("POST", NOTES)
    assert RecordLane.objects.get().state == "DONE"
    assert effects(record) == ["notes.create"]


def test_asked_again_the_same_write_is_answered_from_the_ledger(house: House, record: RunningRecord) -> None:
    first = ScriptRun(house).send()

    again = ScriptRun(house).send()

    assert again.replayed
    assert (again.status, again.text, again.write_id) == (first.status, first.text, first.write_id)
    assert effects(record) == ["notes.create"]
    assert len(house.writes()) == 1


def test_a_run_that_asks_for_something_else_is_not_deterministic(house: House, record: RunningRecord) -> None:
    ScriptRun(house).send()

    with pytest.raises(NotDeterministic, match=r"write 1 was “push#1” \(POST /api"):
        ScriptRun(house).send(json={"body": "something else"})

    assert effects(record) == ["notes.create"]


def test_a_key_finds_its_write_wherever_the_order_has_put_it(house: House, record: RunningRecord) -> None:
    ScriptRun(house).send(key="greeting")
    later = ScriptRun(house, asked=4)

    assert later.send(key="greeting").replayed
    assert effects(record) == ["notes.create"]


def test_another_run_with_the_same_content_sends_nothing(house: House, record: RunningRecord) -> None:
    first = ScriptRun(house, 12).send()

    second = ScriptRun(house, 13).send(headers={"X-Asked-At": "now"})

    assert (second.replayed, second.text) == (True, first.text)
    assert (house.last().state, house.last().origin) == ("SKIPPED", "scriptrun/13")
    assert ScriptRun(house, 13).send(headers={"X-Asked-At": "now"}).write_id == second.write_id
    assert effects(record) == ["notes.create"]


def test_one_two_one_by_three_runs_is_sent_three_times(house: House, record: RunningRecord) -> None:
    for number, minutes in enumerate((1, 2, 1), start=1):
        ScriptRun(house, number).send("PATCH", ORDER, json={"u_minutes": minutes})

    assert record.control.order(NUMBER)["u_minutes"] == 1
    assert effects(record) == ["order.update"] * 3
    assert len({write.key for write in house.writes()}) == 3


def test_secrets_leave_in_headers_and_bodies_and_are_kept_nowhere(house: House, settings: Settings) -> None:
    def echo(seen: Seen) -> ServerReply:
        return ServerReply(200, json.dumps([dict(seen.headers), seen.body.decode()]).encode(), {"X-Back": SECRET})

    with serving(echo) as server:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
        Connection.objects.update(base_url=server.url)
        house.connection.refresh_from_db()
        reply = ScriptRun(house).send(path="/x", json={"password": HANDLE}, headers={"X-Sign": f"v1 {HANDLE}"})

    sent = server.seen[0]
    assert (sent.headers["X-Sign"], json.loads(sent.body)) == (f"v1 {SECRET}", {"password": SECRET})
    credential = house.connection.credentials["token"]
    row = json.dumps(list(RecordWrite.objects.values()), default=str, ensure_ascii=False)
    for seen in (reply.text, json.dumps(reply.headers), row):
        assert SECRET not in seen
        assert credential not in seen
    assert house.last().request["headers"]["X-Sign"] == "v1 ⟦secret:TOKEN⟧"  # type: ignore[index]


def test_the_mark_of_a_secret_may_differ_from_try_to_try(house: House, record: RunningRecord) -> None:
    ScriptRun(house).send(json={"body": "⟦secret:TOKEN:0a1b⟧"})

    assert ScriptRun(house).send(json={"body": "⟦secret:TOKEN:ffff⟧"}).replayed


@pytest.mark.parametrize(
    ("values", "content_type", "body"),
    [
        ({"form": {"a": "1 2"}}, "application/x-www-form-urlencoded", b"a=1+2"),
        ({"text": "plain ü"}, "text/plain; charset=utf-8", "plain ü".encode()),
        ({"text": "<a/>", "headers": {"Content-Type": "text/xml"}}, "text/xml", b"<a/>"),
        ({"json": {"a": 1}}, "application/json", b'{"a": 1}'),
    ],
)
def test_each_kind_of_body_leaves_as_it_is_meant(
    house: House, settings: Settings, values: dict[str, Any], content_type: str, body: bytes
) -> None:
    with serving() as server:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
        Connection.objects.update(base_url=server.url)
        house.connection.refresh_from_db()
        ScriptRun(house).send("PUT", "/x", query={"q": "1"}, **values)

    seen = server.seen[0]
    assert (seen.method, seen.path, seen.headers["Content-Type"], seen.body) == ("PUT", "/x?q=1", content_type, body)


def test_a_refusal_is_told_with_its_answer_and_asked_again_by_a_retry(house: House, record: RunningRecord) -> None:
    record.control.fault("status", method="POST", status=403, times=1)

    with pytest.raises(Forbidden) as refused:
        ScriptRun(house).send()
    assert refused.value.status == 403
    assert b"Simulated fault" in refused.value.content
    assert refused.value.headers["content-type"] == "application/json"
    assert vars(refused.value)["write_id"] == house.last().pk
    assert house.last().state == "FAILED"
    reply = ScriptRun(house).send()

    assert (reply.status, reply.replayed, house.last().sends) == (201, False, 2)
    assert effects(record) == ["notes.create"]


def test_a_refusal_that_the_script_went_on_after_is_told_again(house: House, record: RunningRecord) -> None:
    record.control.fault("status", method="POST", status=409, times=1)
    first = ScriptRun(house)
    with pytest.raises(PermanentError):
        first.send()
    first.send("PATCH", ORDER, json={"status": "done"})

    second = ScriptRun(house)
    with pytest.raises(PermanentError) as told:
        second.send()

    assert (told.value.status, b"Simulated fault" in told.value.content) == (409, True)
    assert second.send("PATCH", ORDER, json={"status": "done"}).replayed
    assert effects(record) == ["order.update"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_system_is_asked_again_with_the_same_key(house: House, record: RunningRecord, status: int) -> None:
    by_key(house)
    record.control.fault("status", method="POST", status=status, retry_after="1", times=1)

    with pytest.raises(TransientError) as busy:
        ScriptRun(house).send()
    assert (busy.value.status, busy.value.retry_after) == (status, 1)
    assert "Not carried out" in house.last().note
    key = house.last().key
    house.time.pass_by(2)
    ScriptRun(house).send()

    assert (house.last().state, house.last().key, house.last().sends) == ("DONE", key, 2)
    assert [effect["key"] for effect in record.control.effects(NUMBER)] == [key]


def test_without_an_answer_and_without_a_key_an_operator_decides(house: House, record: RunningRecord) -> None:
    record.control.fault("drop_after", method="POST", times=1)

    with pytest.raises(Undecided) as undecided:
        ScriptRun(house).send()

    assert undecided.value.write_id == house.last().pk
    assert (house.last().state, house.last().verdict) == ("UNSURE", "UNSURE")
    with pytest.raises(Undecided):
        ScriptRun(house).send()
    with pytest.raises(Undecided, match="waits for a decision"):
        ScriptRun(house, 13).send()
    assert effects(record) == ["notes.create"]


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_with_a_key_an_unclear_send_is_repeated_after_the_settle_time(
    house: House, record: RunningRecord, fault: str
) -> None:
    by_key(house)
    record.control.fault(fault, method="POST", times=1)

    with pytest.raises(Unsure) as unsure:
        ScriptRun(house).send()
    assert unsure.value.retry_after == pytest.approx(60, abs=2)
    with pytest.raises(Waiting) as waiting:
        ScriptRun(house).send()
    assert waiting.value.due_at == house.last().due_at
    house.time.pass_by(61)
    reply = ScriptRun(house).send()

    assert reply.status == 201
    assert effects(record) == ["notes.create"]


def test_a_put_is_repeated_without_a_key(house: House, record: RunningRecord) -> None:
    record.control.fault("drop_after", method="PUT", times=1)
    path = f"{ORDER}/sessions/v1"

    with pytest.raises(Unsure):
        ScriptRun(house).send("PUT", path, json={"state": "done"})
    house.time.pass_by(61)
    ScriptRun(house).send("PUT", path, json={"state": "done"})

    assert [child["state"] for child in record.control.children(NUMBER, "sessions")] == ["done"]
    assert house.last().sends == 2


@pytest.mark.parametrize(("fault", "sends"), [("drop_after", 1), ("drop_before", 2)])
def test_a_read_back_tells_whether_it_arrived(house: House, record: RunningRecord, fault: str, sends: int) -> None:
    record.control.fault(fault, method="POST", times=1)

    with pytest.raises(Waiting) as waiting:
        ScriptRun(house).send(read_back=THERE)
    house.time.pass_by((waiting.value.due_at - house.time.now()).total_seconds() + 0.01)
    reply = ScriptRun(house).send(read_back=THERE)

    assert (house.last().sends, house.last().state) == (sends, "DONE")
    assert (reply.status, "by a script" in reply.text) == (200 if sends == 1 else 201, True)
    assert effects(record) == ["notes.create"]


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("way", ["read back", "key", "none"])
def test_a_worker_killed_between_intent_and_answer_leaves_one_effect(
    house: House, record: RunningRecord, way: str, arrived: bool
) -> None:
    values: dict[str, Any] = {"read_back": THERE} if way == "read back" else {}
    if way == "key":
        by_key(house)
    record.control.state.idempotency_keys = arrived or way != "key"
    ScriptRun(house).send(**values)
    if not arrived:
        record.control.reset()
        record.control.add_order(NUMBER)
    crash(house)

    with pytest.raises(Waiting):
        ScriptRun(house).send(**values)
    house.time.pass_by(61)
    if way == "none":
        with pytest.raises(Undecided):
            ScriptRun(house).send(**values)
    else:
        assert ScriptRun(house).send(**values).status in (200, 201)

    assert len(effects(record)) == (0 if way == "none" and not arrived else 1)


def test_killed_after_the_answer_was_kept_nothing_is_sent_again(house: House, record: RunningRecord) -> None:
    first = ScriptRun(house).send()
    RecordLane.objects.update(state=WorkState.RUNNING, due_at=house.time.now())

    assert ScriptRun(house).send().text == first.text
    assert effects(record) == ["notes.create"]


def test_a_run_that_never_comes_back_leaves_a_settled_ledger(house: House, record: RunningRecord) -> None:
    """The lane's worker finds out; what it cannot send, as it has no secrets, holds nothing up."""
    by_key(house)
    ScriptRun(house).send()
    crash(house)
    house.update()
    house.tell()

    house.work()
    assert [write.state for write in house.writes()] == ["SENT", "WAITING"], "what is unsettled comes first"
    house.work_until_done()

    first, second = house.writes()
    assert (first.state, second.verdict) == ("FAILED", "CONFIRMED")
    assert "sent again when its run is tried again" in first.note
    assert ScriptRun(house).send().status == 201
    assert effects(record) == ["notes.create", "order.update"]


def test_in_capture_mode_it_is_recorded_and_not_sent(house: House, record: RunningRecord, settings: Settings) -> None:
    settings.OUTBOUND = "capture"

    reply = ScriptRun(house).send()

    assert (reply.status, reply.captured) == (202, True)
    assert (house.last().state, house.last().verdict) == ("DONE", "CAPTURED")
    assert ScriptRun(house).send().captured
    assert effects(record) == []
    settings.OUTBOUND = "live"
    assert ScriptRun(house, 13).send().status == 201


def test_a_paused_connection_sends_nothing_and_leaves_no_row(house: House, record: RunningRecord) -> None:
    Connection.objects.update(paused=True)

    with pytest.raises(Paused):
        ScriptRun(house).send()

    assert house.writes() == []
    Connection.objects.update(paused=False)
    house.time.pass_by(2)


def test_with_outbound_off_it_waits_for_better_times(house: House, record: RunningRecord, settings: Settings) -> None:
    settings.OUTBOUND = "off"
    with pytest.raises(OutboundOff):
        ScriptRun(house).send()
    assert (house.last().state, house.last().sends) == ("FAILED", 0)

    settings.OUTBOUND = "live"

    assert ScriptRun(house).send().status == 201
    assert house.last().sends == 1


def test_the_record_that_another_writes_to_is_waited_for(house: House, record: RunningRecord) -> None:
    ScriptRun(house).send()
    lane = RecordLane.objects.get()
    lane_rows = RecordLane.objects.filter(pk=lane.pk)
    lane_rows.want(now=house.time.now())
    claim = RecordLane.objects.claim(lane.pk, now=clock.now())
    assert claim is not None

    with pytest.raises(Waiting, match="at work") as waiting:
        ScriptRun(house, asked=1).send(json={"body": "two"})

    assert waiting.value.due_at > house.time.now()
    RecordLane.objects.all().finish(claim, state=WorkState.DONE)
    assert ScriptRun(house, asked=1).send(json={"body": "two"}).status == 201


def test_a_failure_that_holds_the_record_is_waited_for(house: House, record: RunningRecord) -> None:
    house.update()
    record.control.fault("status", method="PATCH", status=503, times=1)
    house.tell()
    house.work()

    with pytest.raises(Waiting, match="503") as waiting:
        ScriptRun(house).send()

    assert waiting.value.due_at == RecordLane.objects.get().due_at
    assert effects(record) == []


def test_what_waits_in_the_lane_goes_on_after_a_script_has_written(house: House, record: RunningRecord) -> None:
    house.update()
    house.tell()

    ScriptRun(house).send()
    assert effects(record) == ["notes.create"]
    house.work()

    assert effects(record) == ["notes.create", "order.update"]
    assert RecordLane.objects.get().state == "DONE"


def test_an_unsettled_write_of_a_mapping_comes_first(house: House, record: RunningRecord) -> None:
    house.update()
    record.control.fault("drop_before", method="PATCH", times=1)
    house.tell()
    house.work()

    with pytest.raises(Waiting):
        ScriptRun(house).send("PATCH", ORDER, json={"status": "done"})
    house.time.pass_by(61)
    ScriptRun(house).send("PATCH", ORDER, json={"status": "done"})

    assert record.control.order(NUMBER)["status"] == "done"


MUTATION = "mutation ($n: ID!, $b: String!) { addNote(number: $n, body: $b) { note { id } errors { message } } }"


@pytest.mark.parametrize("number", [None, "nowhere"])
def test_a_mutation_that_is_refused_is_no_write_and_can_be_asked_for_again(
    house: House, record: RunningRecord, number: str | None
) -> None:
    asked: dict[str, Any] = {"path": "", "document": MUTATION, "variables": {"n": number, "b": "hello"}}

    reply = ScriptRun(house).send(**asked)

    assert "errors" in reply.text
    assert (house.last().state, house.last().answer_status) == ("FAILED", 200)
    assert not ScriptRun(house, 13).send(**asked).replayed
    assert effects(record) == []


def test_a_mutation_is_written_once(house: House, record: RunningRecord) -> None:
    asked: dict[str, Any] = {"path": "", "document": MUTATION, "variables": {"n": NUMBER, "b": "hello"}}

    reply = ScriptRun(house).send(**asked)

    assert json.loads(reply.text)["data"]["addNote"]["note"]["id"], reply.text
    assert (house.last().state, house.last().verdict) == ("DONE", "UNVERIFIED")
    assert ScriptRun(house, 13).send(**asked).replayed
    assert effects(record) == ["notes.create"]


def test_what_would_be_sent_is_shown_and_nothing_happens(house: House, record: RunningRecord) -> None:
    request = RawRequest(method="put", path="/x", json={"a": HANDLE}, headers={"Authorization": "Bearer abc"})

    shown = preview_raw(ScriptRun(house).effect(), request)

    assert (shown["method"], shown["path"], shown["body"]) == ("PUT", "/x", {"a": "⟦secret:TOKEN⟧"})
    assert shown["headers"] == {"Authorization": "•••"}
    assert house.writes() == []
    assert record.control.state.log.total == 0


@pytest.fixture
def unsure(house: House, record: RunningRecord) -> RecordWrite:
    record.control.fault("drop_after", method="POST", times=1)
    with pytest.raises(Undecided):
        ScriptRun(house).send()
    return house.last()


def test_an_operator_may_say_that_it_is_there(house: House, unsure: RecordWrite, resumed: list[str]) -> None:
    services.mark_as_done(unsure, by="olga", now=house.time.now())

    reply = ScriptRun(house).send()

    assert (resumed, reply.status, reply.text, reply.replayed) == (["scriptrun/12"], 204, "", True)


def test_an_operator_may_let_it_be_sent_again(
    house: House, record: RunningRecord, unsure: RecordWrite, resumed: list[str]
) -> None:
    services.send_again(unsure, by="olga", now=house.time.now())
    house.work()
    assert (house.last().state, resumed) == ("WAITING", ["scriptrun/12"]), "its run alone has its secrets"

    reply = ScriptRun(house).send()

    assert (reply.status, house.last().key, house.last().sends) == (201, unsure.key, 2)
    assert len(effects(record)) == 2


def test_an_operator_may_give_it_up(house: House, unsure: RecordWrite, resumed: list[str]) -> None:
    services.give_up(unsure, by="olga", now=house.time.now())

    with pytest.raises(PermanentError, match="olga decided not to write it"):
        ScriptRun(house).send()

    assert resumed == ["scriptrun/12"]


def test_a_refused_request_is_tried_again_by_its_run(house: House, record: RunningRecord, resumed: list[str]) -> None:
    record.control.fault("status", method="POST", status=403, times=1)
    with pytest.raises(Forbidden):
        ScriptRun(house).send()

    count = services.retry(RecordWrite.objects.all(), by="olga", now=house.time.now())

    assert (count, resumed) == (1, ["scriptrun/12"])
    assert ScriptRun(house).send().status == 201
    assert services.retry(RecordWrite.objects.all(), by="olga", now=house.time.now()) == 0, "it was answered"


def test_a_row_of_a_mapping_has_no_origin_and_a_request_no_operation(house: House, record: RunningRecord) -> None:
    house.operation(OperationKind.NOTE)
    house.tell()
    house.work()
    ScriptRun(house).send()

    mapped, raw = house.writes()
    assert (mapped.origin, mapped.ordinal, mapped.is_raw) == ("", None, False)
    assert (raw.operation, raw.is_raw, raw.called) == (None, True, "push#1")
    assert {mapped.state, raw.state} == {WriteState.DONE}
