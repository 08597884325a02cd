"""The demonstration's set-up can be made again and again."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.camera.models import ApiKey, ConnectorToken, Engine, TaskGroup
from integrations.camera.services import keys
from integrations.camera.services.tokens import revoke
from integrations.connections.models import Connection, Workspace
from integrations.core.config.exporting import export
from integrations.desk.demo import CMS, DEEPOMATIC, ENDPOINT, OMNI, RECORD, camera_key, camera_token, fill_in
from integrations.events.models import Endpoint, EventFilter
from integrations.events.selectors.subscriptions import revision_of
from integrations.outbox.models import Destination
from integrations.platforms.omni.models import JoinRule
from integrations.sync.models import FieldMapping, Operation
from tests.config.making import applied

pytestmark = pytest.mark.django_db
NAMES = ("worklink_url", "record_url", "deepomatic_url", "omni_url")
FIRST = {name: f"http://127.0.0.1:{port}" for name, port in zip(NAMES, (8101, 8102, 8103, 8104), strict=True)}
LATER = {name: f"http://127.0.0.1:{port}" for name, port in zip(NAMES, (8201, 8202, 8203, 8204), strict=True)}


@pytest.fixture(autouse=True)
def _allowed(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{port}" for port in (*range(8101, 8105), *range(8201, 8205))]


def test_a_second_start_keeps_everything_but_the_addresses() -> None:
    address = fill_in(**FIRST)
    made = (Operation.objects.count(), FieldMapping.objects.count())
    Connection.objects.filter(slug=RECORD).update(name="Renamed")

    assert fill_in(**LATER) == address
    assert (Operation.objects.count(), FieldMapping.objects.count()) == made
    urls = dict(Connection.objects.exclude(base_url="").values_list("slug", "base_url"))
    assert urls == dict(zip((CMS, RECORD, DEEPOMATIC, OMNI), LATER.values(), strict=True))
    assert Connection.objects.get(slug=RECORD).name == "Renamed"


def test_what_was_applied_is_what_is_there() -> None:
    fill_in(**FIRST)

    assert applied(export(), prune=True).changes_nothing
    assert {each.history_change_reason for each in Operation.history.all()} == {"config apply"}


def test_the_camera_can_be_tried_with_the_token_that_is_said_at_each_start(
    settings: Settings, admin_user: User
) -> None:
    fill_in(**FIRST)
    first = camera_token()
    settings.PUBLIC_URL = "https://192.168.1.20:8443"
    fill_in(**LATER)

    token = ConnectorToken.objects.select_related("site").get()
    assert token.token_hash == ConnectorToken.hash_of(first)
    assert camera_token() == first
    assert token.user == admin_user
    assert token.default_callback == "https://192.168.1.20:8443/admin/camera/visit/"
    assert token.site.active_version is not None
    assert [group.name for group in token.site.active_version.groups.all()] == [
        "meter_front",
        "serial_label",
        "meter_back",
    ]
    assert first not in export()


def test_a_simulated_deepomatic_site_judges_what_the_field_app_sends(admin_user: User) -> None:
    fill_in(**FIRST)
    value = camera_key()
    Connection.objects.filter(slug=DEEPOMATIC).update(rate_per_second=3)
    fill_in(**LATER)

    assert camera_key() == value
    key = ApiKey.objects.get()
    assert (key.key_hash, key.user) == (ApiKey.hash_of(value), admin_user)
    group = TaskGroup.objects.select_related("engine_connection").get(engine=Engine.DEEPOMATIC)
    vendor = group.engine_connection
    assert vendor is not None
    assert (group.version.site, vendor.base_url, vendor.rate_per_second) == (key.site, LATER["deepomatic_url"], 3)
    assert vendor.settings == {"camera_url": LATER["deepomatic_url"], "file_hosts": ["localhost:8203"]}
    assert value not in export()

    keys.revoke(key, now=timezone.now())
    assert camera_key() == ""


def test_what_the_gate_sees_goes_to_the_sample_system_wherever_it_listens() -> None:
    fill_in(**FIRST)
    revision = revision_of(Workspace.default().pk)
    fill_in(**LATER)

    endpoint = Endpoint.objects.select_related("destination").get(pk=ENDPOINT)
    assert endpoint.destination is not None
    assert endpoint.destination.url == f"{LATER['record_url']}/events"
    assert revision_of(endpoint.workspace_id) != revision
    assert [each.name for each in endpoint.filters.all()] == ["Demonstration: north gate"]
    assert JoinRule.objects.get().cameras == EventFilter.objects.get().camera_ids

    endpoint.destination.url = "https://own.example.com/events"
    endpoint.destination.save()
    fill_in(**FIRST)
    assert Destination.objects.get().url == "https://own.example.com/events"


def test_a_token_that_a_newcomer_revoked_is_not_said(admin_user: User) -> None:
    fill_in(**FIRST)
    revoke(ConnectorToken.objects.get(), now=timezone.now())

    fill_in(**LATER)

    assert camera_token() == ""


def test_a_connection_that_a_newcomer_changed_is_not_set_back() -> None:
    fill_in(**FIRST)
    Connection.objects.filter(slug=RECORD).update(rate_per_second=1, credentials={"token": "own"})

    fill_in(**LATER)

    kept = Connection.objects.get(slug=RECORD)
    assert (kept.rate_per_second, kept.credentials, kept.base_url) == (1, {"token": "own"}, LATER["record_url"])


def test_an_operation_that_a_newcomer_deleted_does_not_come_back() -> None:
    fill_in(**FIRST)
    Operation.objects.filter(kind="NOTE").delete()

    fill_in(**FIRST)

    assert not Operation.objects.filter(kind="NOTE").exists()
