"""Calls on the request: their minutes, people and files, twins, and a note that appears once whatever happens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from integrations.core.platforms import context_kind
from integrations.platforms.worklink.calls.facts import is_recording
from integrations.platforms.worklink.calls.twins import are_alike
from integrations.platforms.worklink.models import CallSession
from integrations.sync import delivering, plans, services
from integrations.sync.models import Operation, OperationKind, RecordWrite
from integrations.workorders.models import Photo, WorkOrder
from tests.platforms.worklink import erp
from tests.platforms.worklink.house import House
from tests.simulators.record.control import RecordControl
from tests.simulators.running import RunningRecord

NUMBER = "WO-000981"
KEY = {"service_request_id": NUMBER}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = {
    "call.minutes": "u_call_minutes",
    "call.people_text": "u_call_people",
    "call.outcome": "u_call_outcome",
    "call.recording_url": "u_recording",
}


class Killed(BaseException):
    """The process ends here, without any clean-up."""


@pytest.fixture
def record(record: RunningRecord, house: House) -> Iterator[RecordControl]:
    """An order; by mappings alone, each call that ended updates its fields and adds one note."""
    record.control.add_order(NUMBER)
    erp.connect(house.erp, record.url)
    update = erp.update(house.erp, "worklink.call", FIELDS, event_types=["call.joined", "call.updated"])
    note = Operation(
        connection=house.erp,
        name="a call's note",
        kind=OperationKind.NOTE,
        lookup=update.lookup,
        source_type="worklink.call",
        event_types=["call.joined", "call.updated"],
        condition="call.final",
        path="/api/orders/{record.id}/notes",
        body={"body": "Call of {call.minutes} min with {call.people_text} ({marker})"},
        marker="fieldport:{key}",
        readback_path="/api/orders/{record.id}/notes",
        readback_expect="body.items",
    )
    note.full_clean()
    note.save()
    yield record.control
    plans.forget()


def run_call(house: House, *, minutes: int = 12, answered: bool = True) -> str:
    call = house.cms.start_call(KEY)
    if answered:
        house.cms.connect_call(call)
    house.cms.advance_clock(minutes * 60)
    house.cms.end_call(call)
    return call


def notes(record: RecordControl) -> list[str]:
    return [note["body"].partition(" (")[0] for note in record.children(NUMBER, "notes")]


@pytest.mark.django_db
def test_a_call_is_on_the_request_with_minutes_people_recording_and_screenshots(
    house: House, record: RecordControl, client: Client
) -> None:
    call = house.cms.start_call(KEY)
    house.cms.connect_call(call)
    house.cms.take_screenshot(call)
    house.cms.record_call(call)
    house.cms.advance_clock(12 * 60)
    house.cms.end_call(call)

    house.work()

    order = record.order(NUMBER)
    row = house.call()
    assert (order["u_call_minutes"], order["u_call_people"]) == (12, "Ada Fischer, Dmitri Orlov")
    assert order["u_recording"].endswith(f"/admin/worklink/callsession/{row.pk}/recordings/1/")
    assert notes(record) == ["Call of 12 min with Ada Fischer, Dmitri Orlov"]
    assert Photo.objects.get().work_order == WorkOrder.objects.get()
    client.force_login(get_user_model().objects.create_superuser("root"))
    answer = client.get(reverse("admin:worklink_callsession_recording", args=[row.pk, 1]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(house.url)
    assert "recording.mp4" in client.get(reverse("admin:worklink_callsession_change", args=[row.pk])).content.decode()


@pytest.mark.django_db
def test_a_recording_is_opened_by_who_may_see_calls_and_only_while_it_is_there(
    house: House, record: RecordControl, client: Client
) -> None:
    call = house.cms.start_call(KEY)
    house.cms.record_call(call)
    house.cms.end_call(call)
    house.work()
    path = reverse("admin:worklink_callsession_recording", args=[house.call().pk, 1])

    assert client.get(path)["Location"].startswith("/admin/login/")
    client.force_login(get_user_model().objects.create_user("ole", is_staff=True))
    assert client.get(path).status_code == 403
    client.force_login(get_user_model().objects.create_superuser("root"))
    assert client.get(path.replace("/1/", "/2/")).status_code == 404
    house.cms.state.nodes.by_id[call]["_attachments"].clear()
    assert "no longer has this recording" in client.get(path, follow=True).content.decode()


@pytest.mark.django_db
def test_the_note_of_a_call_appears_once_after_duplicates_updates_and_a_replay(
    house: House, record: RecordControl
) -> None:
    call = run_call(house)
    house.work()
    for _again in range(3):
        house.cms.notify(call)
        house.pass_time(seconds=6)
        house.work()
    house.cms.set_fields(call, {"state": "ARCHIVED"})
    house.cms.notify(call)
    house.pass_time(seconds=6)
    house.work()
    services.replay(WorkOrder.objects.get())
    house.work()

    assert notes(record) == ["Call of 12 min with Ada Fischer, Dmitri Orlov"]


@pytest.mark.django_db
@pytest.mark.parametrize("dies_at", ["send_for", "_conclude"])
def test_the_note_of_a_call_appears_once_when_its_writer_dies_before_or_after_sending(
    house: House, record: RecordControl, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    house.erp.settle_seconds = 0.0
    house.erp.save()
    run_call(house)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(delivering, dies_at, die)
        with pytest.raises(Killed):
            house.work()

    for _again in range(4):
        house.pass_time(minutes=2)
        house.work()

    assert len(notes(record)) == 1
    assert not RecordWrite.objects.filter(state__in=("WAITING", "SENT", "UNSURE")).exists()


@pytest.mark.django_db
def test_a_call_that_nobody_answered_has_no_minutes(house: House, record: RecordControl) -> None:
    """E26."""
    run_call(house, answered=False)

    house.work()

    assert (house.call().seconds, house.call().connected_at) == (0.0, None)
    assert (record.order(NUMBER)["u_call_minutes"], record.order(NUMBER)["u_call_outcome"]) == (0, "unanswered")


@pytest.mark.django_db
def test_both_parties_calls_are_kept_and_marked_as_possible_twins(house: House, record: RecordControl) -> None:
    """E27."""
    first, second = house.cms.start_call(KEY), house.cms.start_call(KEY)
    for call in (first, second):
        house.cms.connect_call(call)
    house.cms.advance_clock(12 * 60)
    for call in (first, second):
        house.cms.end_call(call)
    house.work()

    one, other = CallSession.objects.order_by("pk")
    assert (one.possible_twin, other.possible_twin) == (other, one)
    assert context_kind("worklink.call").load(str(other.pk))["call"]["possible_twin"] is True

    run_call(house)
    house.work()

    assert CallSession.objects.latest("pk").possible_twin is None
    assert CallSession.objects.count() == 3


def call_at(start: int, end: int | None, *people: str) -> CallSession:
    minutes = [None if each is None else NOON + timedelta(minutes=each) for each in (start, end)]
    named = [{"name": name} for name in people]
    return CallSession(started_at=minutes[0], ended_at=minutes[1], participants=named)


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (call_at(5, 15, "Dmitri", "Ada"), True),
        (call_at(5, None, "Ada", "Dmitri"), True),
        (call_at(10, 20, "Ada", "Dmitri"), False),
        (call_at(5, 15, "Ada"), False),
        (call_at(5, 15, "Ada", "Farid"), False),
    ],
)
def test_twins_have_the_same_people_at_the_same_time(other: CallSession, alike: bool) -> None:
    assert are_alike(call_at(0, 10, "Ada", "Dmitri"), other) is alike


def test_calls_without_people_are_nobodys_twins() -> None:
    assert not are_alike(call_at(0, 10), call_at(0, 10))


@pytest.mark.parametrize(
    ("file", "is_one"),
    [
        ({"fileContentType": "video/mp4", "type": "photo"}, True),
        ({"fileContentType": "audio/ogg"}, True),
        ({"fileContentType": "image/jpeg", "type": "video"}, False),
        ({"type": "Recording"}, True),
        ({"type": None}, False),
        ({}, False),
    ],
)
def test_a_recording_is_told_by_its_content_type_or_else_its_kind(file: dict[str, object], is_one: bool) -> None:
    assert is_recording(file) is is_one
