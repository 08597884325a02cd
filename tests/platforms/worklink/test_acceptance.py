"""The acceptance cases of the vendor sheet, section 8, up to the event; those that write are in the next file."""

import time
from urllib.parse import urlsplit

import pytest
from django.test import Client

from integrations.connections.models import Health
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.inbox.models import QuarantinedWebhook, ReceivedWebhook, ResourceRefresh, Verification
from integrations.platforms.worklink.models import PhotoDownload, ScenarioSession
from integrations.workorders import photos
from integrations.workorders.models import Join, Photo
from tests.core.test_heic import made as heic
from tests.platforms.worklink.bodies import a1, a2
from tests.platforms.worklink.house import House
from tests.simulators.running import running_record
from tests.simulators.worklink.access import LIMITED_TOKEN, PASSWORD

KEY = {"work_order_id": "WO-000981"}
VECTOR_SECRET = "demo-shared-secret-1"
VECTOR_BODY = (
    '{"data":{"id":"U2NlbmFyaW9TZXNzaW9uOjQxMDE","url":"https://cms.example.test/api/v3/graphql/object/'
    'U2NlbmFyaW9TZXNzaW9uOjQxMDE"}}'
)
VECTOR_SIGNATURE = "04bVECpKXqS6iZfuFfLTPEC/XgfTm6/NphVH6CcUc3Q="


@pytest.fixture
def house(house_with_door: House) -> House:
    return house_with_door


def test_a10_a_notification_with_hyphens_is_stored_and_its_fetch_queued(house: House) -> None:
    started = time.monotonic()
    answer = house.post(a1("U2NlbmFyaW9TZXNzaW9uOjQxMDE"))

    assert (answer.status_code, answer.content) == (200, b"")
    assert time.monotonic() - started < 2
    assert house.received().state == WorkState.DUE
    house.process()
    assert house.received().state == WorkState.DONE
    queued = house.refreshed()
    assert (queued.resource_type, queued.resource_id) == ("ScenarioSession", "U2NlbmFyaW9TZXNzaW9uOjQxMDE")
    assert queued.state == WorkState.DUE
    assert house.reads() == 0


def test_a11_underscores_make_the_same_event_as_hyphens(house: House) -> None:
    for body in (a1("U2NlbmFyaW9TZXNzaW9uOjQxMDE"), a2("U2NlbmFyaW9TZXNzaW9uOjQxMDE")):
        assert house.post(body).status_code == 200

    house.process()

    rows = ReceivedWebhook.objects.values_list("resource_type", "resource_id", "verb", "state")
    assert set(rows) == {("ScenarioSession", "U2NlbmFyaW9TZXNzaW9uOjQxMDE", "updated", "DONE")}
    assert ResourceRefresh.objects.count() == 1


def test_a12_an_unwanted_type_is_stored_and_ignored_without_a_call(house: House) -> None:
    assert house.post(a1("U2NlbmFyaW86MTE", type="scenario")).status_code == 200

    house.work()

    row = house.received()
    assert (row.state, row.note) == (
        WorkState.SKIPPED,
        "Ignored: type Scenario. Only sessions and calls are read.",
    )
    assert house.cms.state.log.total == 0
    assert not ResourceRefresh.objects.exists()


def test_a13_a_notification_of_another_kind_is_stored_and_ignored(house: House) -> None:
    body = '{"time":"2024-05-14T09:31:07Z","event":"degraded","type":"service","data":{"service":"search"}}'
    assert house.post(body).status_code == 200

    house.work()

    assert house.received().state == WorkState.SKIPPED
    assert "service" in house.received().note
    assert house.cms.state.log.total == 0


def test_a14_the_signature_vector_is_accepted_and_a_changed_body_quarantined(house: House) -> None:
    house.source.verification, house.source.secrets = Verification.PLATFORM, ["another", VECTOR_SECRET]
    house.source.save()
    headers = {"X-Scope-Topic": "scenario_session/created", "X-Scope-Hmac-Sha256": VECTOR_SIGNATURE}

    assert house.post(VECTOR_BODY, **headers).status_code == 200
    house.process()
    row = house.received()
    assert (row.resource_type, row.verb, row.state) == ("ScenarioSession", "created", WorkState.DONE)

    changed = VECTOR_BODY.replace("OjQxMDE", "OjQxMDI", 1)
    assert house.post(changed, **headers).status_code == 401
    assert house.post(VECTOR_BODY).status_code == 401
    assert ReceivedWebhook.objects.count() == 1
    assert QuarantinedWebhook.objects.count() == 2


def test_a16_a_final_session_never_goes_back_to_running(house: House) -> None:
    house.cms.listen()
    session = house.run_session()
    house.post(a1(session, event="updated"))
    house.work()
    assert house.session().outcome == "completed"

    house.cms.set_fields(session, {"state": "IN_PROGRESS", "endedAt": None}, notify=None)
    house.post(a1(session, event="created"))
    house.pass_time(seconds=10)
    house.work()

    row = house.session()
    assert (row.outcome, row.vendor_state) == ("completed", "COMPLETED")
    assert row.ended_at is not None
    assert "stays finished" in house.refreshed().note
    assert house.event_types() == ["session.joined"]


def test_a17_forty_updates_make_at_most_two_fetches(house: House) -> None:
    session = house.run_session()
    house.work()
    for _ in range(40):
        house.cms.notify(session)
        house.process()
        house.read()
    assert house.cms.wait_for_webhooks()
    house.work()
    assert house.reads() == 1

    house.pass_time(seconds=6)
    house.work()

    assert house.reads() == 2
    assert ReceivedWebhook.objects.count() == 43
    assert set(ReceivedWebhook.objects.values_list("state", flat=True)) == {WorkState.DONE}
    assert house.event_types() == ["session.joined"]


def test_a21_a_passive_session_left_early_is_incomplete(house: House) -> None:
    session = house.cms.start_session(KEY)
    house.cms.view_steps(session, count=3)
    house.cms.set_fields(session, {"numberOfStepsPossible": 10}, notify=None)
    house.cms.exit_session(session)

    house.work()

    row = house.session()
    assert (row.outcome, row.steps_viewed, row.steps_possible) == ("incomplete", 3, 10)


def test_a22_a_demo_session_is_kept_and_nothing_is_made_of_it(house: House) -> None:
    house.run_session(session_type="DEMO")

    house.work()

    assert house.session().session_type == "DEMO"
    assert house.refreshed().state == WorkState.SKIPPED
    assert "demo" in house.refreshed().note.lower()
    assert not Event.objects.exists()
    assert not Join.objects.exists()


def test_a24_one_refused_session_token_is_renewed_and_a_second_refusal_is_an_alert(house: House) -> None:
    connection = house.connection
    connection.credentials = {"username": "farid.haddad", "password": PASSWORD}
    connection.save()
    house.run_session()
    house.work()
    assert house.cms.fetches("POST /api/v2/users/sign_in.json") == 1

    house.cms.revoke_sessions()
    second = house.run_session()
    house.work()
    assert house.cms.fetches("POST /api/v2/users/sign_in.json") == 2
    assert ScenarioSession.objects.get(resource_id=second).outcome == "completed"
    assert house.now().health == Health.OK

    house.cms.fault("status", path="/api/v3/graphql", status=401)
    third = house.run_session()
    house.work()
    row = ResourceRefresh.objects.get(resource_id=third)
    assert house.now().health == Health.AUTH_FAILED
    assert house.now().health_note
    assert row.state == WorkState.DUE
    assert not ScenarioSession.objects.filter(resource_id=third).exists()

    house.cms.clear_faults()
    house.pass_time(minutes=15)
    house.work()
    assert ScenarioSession.objects.filter(resource_id=third).exists()
    assert house.now().health == Health.OK


def test_a26_not_authorized_fails_for_good_with_its_reason(house: House) -> None:
    house.connection.credentials = {"token": LIMITED_TOKEN}
    house.connection.save()
    generators = house.cms.state.nodes.all("Scenario")[-1]
    house.run_session(scenario=generators["id"], steps=1)

    house.work()
    house.pass_time(hours=24)
    house.work()

    row = house.refreshed()
    assert row.state == WorkState.FAILED
    assert "Not authorized to read object" in row.note
    assert house.reads() == 1
    assert not ScenarioSession.objects.exists()


def test_a27_a_field_the_server_lacks_is_left_out(house: House) -> None:
    house.cms.set_settings(removed_fields=("ScenarioSession.idleDuration",))
    house.run_session()

    house.work()

    assert house.session().outcome == "completed"
    assert house.now().probe["missing"] == ["ScenarioSession.idleDuration"]
    assert "idleDuration" not in house.session().document


def test_a27_a_field_that_goes_after_the_probe_makes_it_look_again_once(house: House) -> None:
    house.run_session()
    house.work()
    house.cms.set_settings(removed_fields=("ScenarioSession.idleDuration",))
    second = house.run_session()

    house.work()

    assert ScenarioSession.objects.get(resource_id=second).outcome == "completed"
    assert house.now().probe["missing"] == ["ScenarioSession.idleDuration"]
    assert house.cms.fetches("PortalProbe") == 2


def test_a28_a_server_that_says_call_is_asked_for_calls(house: House) -> None:
    house.cms.set_settings(call_type="Call")
    call = house.cms.start_call({"service_request_id": "WO-000981"})
    house.cms.connect_call(call)
    house.cms.end_call(call)

    house.work()

    assert house.now().probe["call_type"] == "Call"
    assert house.cms.fetches("PortalCall") == 1
    row = house.call()
    assert (row.external_data, row.vendor_state) == ({"service_request_id": "WO-000981"}, "ENDED")
    assert house.event_types() == ["call.joined"]
    assert set(ReceivedWebhook.objects.values_list("resource_type", flat=True)) == {"CallSession"}


def test_a30_photos_are_kept_before_their_links_expire(house: House, client: Client) -> None:
    house.cms.set_settings(link_seconds=60)
    session = house.cms.start_session(KEY)
    house.cms.view_steps(session)
    house.cms.take_photo(session, name="leak")
    house.cms.advance_clock(30)

    house.work()
    house.cms.advance_clock(86_400)

    photo = Photo.objects.get()
    assert photo.label == "Isolate: leak"
    answer = client.get(urlsplit(photos.link(photo)).path + "?" + urlsplit(photos.link(photo)).query)
    assert answer.status_code == 200
    assert b"".join(answer)[:3] == b"\xff\xd8\xff"
    assert PhotoDownload.objects.get().state == WorkState.DONE


def test_a_photo_in_heic_is_kept_as_jpeg(house: House) -> None:
    session = house.cms.start_session(KEY)
    house.cms.view_steps(session)
    house.cms.take_photo(session, content=heic())

    house.work()

    photo = Photo.objects.get()
    assert (photo.content_type, photo.width, photo.height) == ("image/jpeg", 96, 64)
    assert photos.content_of(photo)[:3] == b"\xff\xd8\xff"
    assert PhotoDownload.objects.get().state == WorkState.DONE


def test_a30_an_expired_link_is_replaced_once(house: House) -> None:
    house.cms.set_settings(link_seconds=60)
    session = house.cms.start_session(KEY)
    house.cms.view_steps(session)
    house.cms.take_photo(session)
    assert house.cms.wait_for_webhooks()
    house.process()
    house.read()
    house.cms.advance_clock(61)

    house.work()

    assert Photo.objects.count() == 1
    assert house.cms.fetches("PortalPicture") == 1


def test_a30_a_photo_that_stays_refused_fails_with_a_reason(house: House) -> None:
    house.cms.fault("status", path="/files/*", status=410)
    session = house.cms.start_session(KEY)
    house.cms.view_steps(session)
    house.cms.take_photo(session)

    house.work()

    row = PhotoDownload.objects.get()
    assert (row.state, row.attempts) == (WorkState.FAILED, 1)
    assert "fresh link" in row.note
    assert house.cms.fetches("PortalPicture") == 1
    assert not Photo.objects.exists()


def test_a42_an_address_on_a_foreign_host_is_never_fetched(house: House) -> None:
    house.cms.listen()
    session = house.run_session()
    with running_record() as foreign:
        assert house.post(a1(session, url=f"{foreign.url}/api/orders")).status_code == 200

        house.work()

        assert foreign.control.state.log.total == 0
    assert house.session().outcome == "completed"
    assert house.cms.fetches(f"GET /api/v3/graphql/object/{session}") == 0
    assert house.reads() == 1
