"""What people see of it: the connection's test, its capabilities, counters, the timeline; and how long it is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.connections import services as connections
from integrations.connections.models import Connection, Health
from integrations.core.errors import AuthFailed, PermanentError
from integrations.core.registries import counters, retained_kinds, timeline
from integrations.inbox.models import ReceivedWebhook
from integrations.platforms.worklink import calibration, probing
from integrations.platforms.worklink.models import PhotoDownload, ScenarioSession
from tests.platforms.worklink.bodies import a1
from tests.platforms.worklink.conftest import make_worklink
from tests.platforms.worklink.house import House
from tests.simulators.running import RunningWorkLink
from tests.simulators.worklink.access import LIMITED_TOKEN

pytestmark = pytest.mark.django_db


def test_the_connection_is_tested_by_asking_what_the_server_can_do(cms: RunningWorkLink) -> None:
    cms.control.set_settings(removed_fields=("ScenarioSession.idleDuration",), call_type="Call")
    cms.control.start_session({})
    connection = make_worklink(cms.url)

    said = connections.check(connection)

    assert said == (
        "WorkLink 2.28.1 answered. The token sees 1 sessions; if there are more, it lacks groups. "
        "Not available there: ScenarioSession.idleDuration."
    )
    known = dict(probing.described(Connection.objects.get()))
    assert known["Version of the CMS"] == "2.28.1"
    assert known["Calls are called"] == "Call"
    assert known["Not available there"] == "ScenarioSession.idleDuration"
    assert Connection.objects.get().health == Health.OK


def test_a_pruned_list_shows_in_the_count(cms: RunningWorkLink) -> None:
    generators = cms.control.state.nodes.all("Scenario")[-1]["id"]
    cms.control.start_session({})
    cms.control.start_session({}, scenario=generators)
    connection = make_worklink(cms.url, credentials={"token": LIMITED_TOKEN})

    assert "sees 1 sessions" in connections.check(connection)


def test_a_wrong_token_is_said(cms: RunningWorkLink) -> None:
    with pytest.raises(AuthFailed):
        connections.check(make_worklink(cms.url, credentials={"token": "wrong"}))

    assert Connection.objects.get().health == Health.AUTH_FAILED


def test_a_wrong_password_is_said(cms: RunningWorkLink) -> None:
    account = {"username": "farid.haddad", "password": "wrong"}

    with pytest.raises(AuthFailed, match="Signing in to WorkLink failed"):
        connections.check(make_worklink(cms.url, credentials=account))


def test_an_address_that_is_not_worklink_is_said(cms: RunningWorkLink) -> None:
    connection = make_worklink(cms.url, settings={"graphql_path": "/files/x"})

    with pytest.raises(PermanentError, match="/files/x"):
        connections.check(connection)


def test_types_never_seen_are_counted_and_named(house: House) -> None:
    for kind in ("TrainingPlan", "TrainingPlan", "Scenario", "user"):
        house.post(a1("x", type=kind))
    house.work()

    found = {counter.label: counter for counter in counters()}["WorkLink: unknown types"]

    assert (found.value, found.detail) == (2, "TrainingPlan")
    assert ReceivedWebhook.objects.count() == 4


def test_the_timeline_of_an_order_names_its_sessions_and_calls(house: House) -> None:
    house.run_session({"work_order_id": "WO-1"})
    call = house.cms.start_call({"work_order_id": "WO-1"})
    house.cms.end_call(call)
    house.work()

    entries = timeline(house.session().subject)

    kinds = {(entry.kind, entry.title) for entry in entries if entry.kind in ("session", "call")}
    assert kinds == {("session", "Pump inspection 4101: completed"), ("call", "call 701: missed")}


def test_the_unit_of_durations_is_measured_on_ten_sessions(house: House) -> None:
    end = timezone.now()
    for number in range(10):
        row = {"started_at": end - timedelta(seconds=600), "ended_at": end, "document": {"duration": 10.0}}
        ScenarioSession.objects.create(
            connection=house.connection, resource_id=f"s{number}", session_type="PASSIVE", read_at=end, **row
        )

    calibration.calibrate(house.connection)

    assert house.now().probe["duration_unit"] == 60.0


def test_everything_is_kept_for_a_time_and_then_goes(house: House) -> None:
    session = house.cms.start_session({"work_order_id": "WO-1"})
    house.cms.take_photo(session)
    house.work()
    house.reconcile()
    kinds = {kind.kind: kind for kind in retained_kinds() if kind.kind.startswith("worklink.")}

    own = ("session", "call", "download", "reconciliation", "import", "link", "wish")
    listed = ("catalog", "scenario", "contact", "table")
    assert set(kinds) == {f"worklink.{name}" for name in (*own, *listed)}
    later = timezone.now() + timedelta(days=1)
    assert kinds["worklink.session"].expired(later).count() == 1
    assert kinds["worklink.download"].expired(later).count() == 1
    assert kinds["worklink.reconciliation"].expired(later).count() == 2
    assert all(not kind.expired(timezone.now() - timedelta(days=kind.days)).exists() for kind in kinds.values())
    kinds["worklink.session"].expired(later).delete()
    assert not PhotoDownload.objects.exists()
