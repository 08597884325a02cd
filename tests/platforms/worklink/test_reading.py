"""Reading objects from the CMS: long lists, partial answers, what cannot be read, ids without a type."""

import pytest

from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.inbox import services as inbox
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh
from integrations.platforms.worklink.models import PhotoDownload, ScenarioSession
from integrations.workorders.models import Join, Photo
from tests.platforms.worklink.bodies import a1
from tests.platforms.worklink.house import House
from tests.simulators.worklink.access import ALL_GROUPS_TOKEN, SUPER_ADMIN_TOKEN

KEY = {"work_order_id": "WO-000981"}


def test_a_session_takes_one_query(house: House) -> None:
    house.run_session()

    house.work()

    assert house.cms.state.log.operations.keys() - {"PortalProbe"} == {"PortalScenarioSession"}
    assert house.reads() == 1


@pytest.mark.parametrize("by_cursor", [True, False])
def test_long_lists_are_read_to_their_end(house: House, by_cursor: bool) -> None:
    house.connection.settings |= {"nested_page_size": 7}
    house.connection.save()
    house.cms.set_settings(paging_by_cursor=by_cursor)
    session = house.cms.start_session(KEY)
    for number in range(30):
        house.cms.answer(session, prompt=f"P{number}", value=number)

    house.work()

    row = house.session()
    if by_cursor:
        assert len(row.document["events"]["nodes"]) == 31
        assert not row.incomplete
        assert house.cms.fetches("PortalScenarioSessionMore") == 4
    else:  # this server's nested lists cannot be paged at all: said, not hidden
        assert row.incomplete
        assert "only the first 7" in house.refreshed().note


def test_partial_data_is_kept_and_marked(house: House) -> None:
    house.cms.fault("partial", operation="PortalScenarioSession", field="scenarioRelease", times=1)
    session = house.run_session()

    house.work()
    row = house.session()
    assert (row.incomplete, row.outcome, row.scenario_name) == (True, "completed", "")
    assert "Incomplete" in house.refreshed().note

    house.cms.notify(session)
    house.pass_time(seconds=6)
    house.work()
    row = house.session()
    assert (row.incomplete, row.scenario_name, row.generation) == (False, "Pump inspection", 2)
    assert house.event_types() == ["session.joined", "session.updated"]


def test_a_session_not_readable_yet_is_tried_by_the_schedule_and_found(house: House) -> None:
    house.cms.set_settings(unreadable_ms=60_000)
    session = house.cms.start_session(KEY)
    house.work()
    row = house.refreshed()
    assert row.state == WorkState.DUE
    assert "Not readable yet" in row.note

    house.cms.set_fields(session, {"_readable_at": 0}, notify=None)
    house.pass_time(seconds=3)
    house.work()

    assert house.session().resource_id == session
    assert house.reads() == 2


def test_a_session_that_never_becomes_readable_fails_after_the_schedule(house: House) -> None:
    house.post(a1("U2NlbmFyaW9TZXNzaW9uOjk5OTk"))
    house.work()
    for seconds in (2, 10, 60, 600):
        house.pass_time(seconds=seconds + 1)
        house.work()

    row = house.refreshed()
    assert row.state == WorkState.FAILED
    assert house.reads() == 5
    assert not ScenarioSession.objects.exists()


def test_an_id_without_a_type_is_asked_for_it(house: House) -> None:
    house.cms.listen()
    session = house.run_session()
    house.post(f'{{"data":{{"id":"{session}"}}}}')

    house.work()

    assert house.cms.fetches("PortalTypename") == 1
    row = house.received()
    assert (row.resource_type, row.subject) == ("ScenarioSession", house.session().subject)
    assert house.session().outcome == "completed"
    assert set(ResourceRefresh.objects.values_list("resource_type", "state")) == {
        ("Node", "DONE"),
        ("ScenarioSession", "DONE"),
    }


def test_an_id_without_a_type_that_is_no_session_is_ignored(house: House) -> None:
    scenario = house.cms.state.nodes.all("Scenario")[0]["id"]
    house.post(f'{{"data":{{"id":"{scenario}"}}}}')

    house.work()

    row = house.refreshed()
    assert row.state == WorkState.SKIPPED
    assert "Scenario" in row.note
    assert house.reads() == 0


def test_a_wrong_path_is_not_taken_for_a_missing_object(house: House) -> None:
    house.connection.settings |= {"graphql_path": "/nowhere"}
    house.connection.save()
    house.run_session()

    house.work()

    row = house.refreshed()
    assert row.state == WorkState.FAILED
    assert "/nowhere" in row.note


def test_an_internal_fault_is_tried_again(house: House) -> None:
    house.cms.fault("status", path="/api/v3/graphql", status=500, times=1)
    house.cms.fault("error_list", operation="PortalScenarioSession", message="Something broke (ref 1f2e)", times=1)
    house.run_session()

    house.work()
    house.pass_time(seconds=10)
    house.work()
    house.pass_time(seconds=10)
    house.work()

    assert house.session().outcome == "completed"


def test_a_replay_publishes_again_although_nothing_changed(house: House) -> None:
    house.run_session()
    house.work()

    inbox.replay(ReceivedWebhook.objects.all(), now=house.session().changed_at)
    house.pass_time(seconds=6)
    house.work()

    assert list(Event.objects.order_by("id").values_list("type", "reason")) == [
        ("session.joined", "live"),
        ("session.updated", "replay"),
    ]
    assert house.session().generation == 1


def test_a_reading_that_started_earlier_changes_nothing(house: House) -> None:
    session = house.run_session()
    house.work()
    later = house.session().read_at.replace(year=house.session().read_at.year + 1)
    ScenarioSession.objects.update(read_at=later)
    house.cms.set_fields(session, {"state": "OTHER"})
    house.pass_time(seconds=6)

    house.work()

    assert house.session().vendor_state == "COMPLETED"
    assert "later reading" in house.refreshed().note
    assert house.event_types() == ["session.joined"]


def test_what_an_operator_joined_gives_its_photos_to_the_order_too(house: House) -> None:
    session = house.cms.start_session({})
    house.cms.view_steps(session)
    house.cms.take_photo(session)
    house.work()

    assert Join.objects.unmatched().count() == 1
    assert Photo.objects.get().work_order is None
    assert PhotoDownload.objects.get().state == WorkState.DONE


def test_screenshots_of_calls_are_kept(house: House) -> None:
    call = house.cms.start_call({"service_request_id": "WO-000981"})
    house.cms.connect_call(call)
    house.cms.take_screenshot(call, name="valve")
    house.cms.end_call(call)

    house.work()

    photo = Photo.objects.get()
    assert (photo.source_type, photo.label) == ("worklink.call", "valve.jpg")
    assert photo.work_order == Join.objects.get().work_order


def test_an_expired_screenshot_gets_a_fresh_link(house: House) -> None:
    house.cms.set_settings(link_seconds=60)
    call = house.cms.start_call({"service_request_id": "WO-000981"})
    house.cms.connect_call(call)
    house.cms.take_screenshot(call)
    house.cms.end_call(call)
    assert house.cms.wait_for_webhooks()
    house.process()
    house.read()
    house.cms.advance_clock(120)

    house.work()

    assert Photo.objects.count() == 1


@pytest.mark.parametrize("form", ["token_named", "token", "bearer_named", "bearer"])
def test_every_form_of_a_token_is_understood(house: House, form: str) -> None:
    house.connection.credentials = {"token": ALL_GROUPS_TOKEN, "token_form": form, "private_access_code": "pac"}
    house.connection.save()
    house.cms.set_settings(private_access_code="pac")
    house.run_session()

    house.work()

    assert house.session().outcome == "completed"


@pytest.mark.parametrize("place", ["query", "both"])
def test_a_super_admin_names_the_organization(house: House, place: str) -> None:
    house.connection.credentials = {"token": SUPER_ADMIN_TOKEN}
    house.connection.settings |= {"permalink": "acme-field-services", "permalink_in": place}
    house.connection.save()
    house.run_session()

    house.work()

    assert house.session().outcome == "completed"


def test_opaque_ids_with_slashes_work(house: House) -> None:
    house.cms.set_settings(opaque_ids=True, event_data_as_string=True)
    session = house.cms.start_session(KEY)
    house.cms.answer(session, prompt="Leak?", value="none")
    house.cms.finish_session(session)

    house.work()

    assert house.session().resource_id == session


def test_link_data_with_nul_is_stored(house: House) -> None:
    house.run_session({"work_order_id": "WO-000981", "note": "a\x00b"})

    house.work()

    assert house.session().external_data["note"] == "a\ufffdb"
