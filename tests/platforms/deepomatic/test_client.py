"""The client against a site over real HTTP; acceptance cases of the vendor sheet by number, from the client's side."""

import base64

import pytest

from integrations.connections import services
from integrations.connections.models import Connection, Health
from integrations.core.errors import AuthFailed, Forbidden, NotFound, PermanentError, TransientError, Unsure
from integrations.platforms.deepomatic.client import IMAGE, MOST_OF_AN_IMAGE, DeepomaticClient, TooLarge, strict_name
from tests.camera.making import picture
from tests.platforms.deepomatic.conftest import make_vendor_connection
from tests.simulators.running import RunningDeepomatic

PHOTO = IMAGE + base64.b64encode(picture()).decode()


def test_a45_a_wrong_key_is_a_refusal(api: DeepomaticClient, vendor: RunningDeepomatic) -> None:
    vendor.control.expire_key()

    with pytest.raises(Forbidden):
        api.create("JOB-1")

    assert vendor.control.orders() == []


def test_a46_a47_an_order_is_made_and_a_photo_analysed(api: DeepomaticClient, vendor: RunningDeepomatic) -> None:
    order = api.create("JOB 1042/Ö", metadata={"region": "North"}, tags=["north"])

    said = api.analyze(order.id, image=PHOTO, context="meter_front")

    assert {task.name: task.analyzed for task in said.tasks} == {
        "seal_present": True,
        "clean": True,
        "serial": "A-1042",
    }
    (there,) = vendor.control.orders()
    assert (there["name"], there["metadata"], len(there["inputs"])) == ("JOB_1042__", {"region": "North"}, 1)


def test_a48_a_data_uri_of_another_kind_is_refused(api: DeepomaticClient, vendor: RunningDeepomatic) -> None:
    order = api.create("JOB-1")

    with pytest.raises(PermanentError) as caught:
        api.analyze(order.id, image=PHOTO.replace("jpg", "jpeg"), context="meter_front")

    assert caught.value.status == 400
    assert vendor.control.effects("analyze") == []


def test_a49_what_is_too_large_is_not_sent(api: DeepomaticClient, vendor: RunningDeepomatic) -> None:
    order = api.create("JOB-1")
    asked = vendor.control.state.log.total

    with pytest.raises(TooLarge, match=r"5 MB at most. It was not sent"):
        api.analyze(order.id, image=IMAGE + "A" * MOST_OF_AN_IMAGE, context="meter_front")

    assert vendor.control.state.log.total == asked


def test_a50_inputs_are_left_out_on_demand(api: DeepomaticClient) -> None:
    order = api.create("JOB-1")
    api.analyze(order.id, image=PHOTO, context="meter_front")

    assert len(api.retrieve(order.id).inputs) == 1
    light = api.retrieve(order.id, inputs=False)
    assert (light.inputs, len(light.tasks)) == ((), 4)


def test_a51_a52_a_correction_stands_beside_the_outcome(api: DeepomaticClient, vendor: RunningDeepomatic) -> None:
    order = api.create("JOB-1")
    vendor.control.answer(seal_present=False)
    api.analyze(order.id, image=PHOTO, context="meter_front")
    tasks = {task.name: task for task in api.retrieve(order.id).tasks}

    corrected = api.correct(order.id, tasks["seal_present"].id, True)

    assert (corrected.analyzed, corrected.corrected) == (False, True)
    with pytest.raises(PermanentError):
        api.correct(order.id, tasks["closed"].id, True)
    assert len(vendor.control.effects("correct")) == 1


def test_a53_a_deleted_order_is_not_found(api: DeepomaticClient) -> None:
    order = api.create("JOB-1")

    api.delete(order.id)

    with pytest.raises(NotFound):
        api.retrieve(order.id)


def test_an_answer_that_is_lost_is_not_taken_for_a_refusal(api: DeepomaticClient, vendor: RunningDeepomatic) -> None:
    order = api.create("JOB-1")
    vendor.control.fault("drop_after", path="*analyze*", times=1)

    with pytest.raises(Unsure):
        api.analyze(order.id, image=PHOTO, context="meter_front")
    vendor.control.fault("no_change", path="*analyze*", times=1)
    with pytest.raises(Unsure):
        api.analyze(order.id, image=PHOTO, context="meter_front")

    assert len(api.retrieve(order.id).inputs) == 1


def test_an_id_cannot_lead_elsewhere(api: DeepomaticClient, vendor: RunningDeepomatic) -> None:
    with pytest.raises(NotFound):
        api.retrieve("../task-groups")

    assert "%2F" in vendor.control.state.log.requests[-1].path or ".." in vendor.control.state.log.requests[-1].path


def test_names_are_made_strict() -> None:
    assert strict_name("JOB-1042_a") == "JOB-1042_a"
    assert strict_name("é" * 200) == "_" * 128
    assert strict_name("") == "_"


def test_task_groups_come_paged_too(api: DeepomaticClient, vendor: RunningDeepomatic) -> None:
    plain = api.task_groups()
    vendor.control.state.spelling = {"paged": True}

    assert api.task_groups() == plain
    assert [group.name for group in plain] == ["meter_front", "meter_back"]
    assert api.task_group("meter_back").tasks[0].sentence == "Is the door closed?"
    with pytest.raises(NotFound):
        api.task_group("no such group")


def test_the_connections_test_names_the_task_groups(connection: Connection, vendor: RunningDeepomatic) -> None:
    assert services.check(connection) == "Deepomatic answered; the key sees 2 task groups: meter_front, meter_back."
    connection.refresh_from_db()
    assert connection.health == Health.OK

    vendor.control.fault("status", status=401, times=1)
    with pytest.raises(AuthFailed):
        services.check(connection)
    vendor.control.fault("status", status=404, times=1)
    with pytest.raises(PermanentError, match="check the site's id"):
        services.check(connection)
    vendor.control.fault("status", status=502, times=1)
    with pytest.raises(TransientError):
        services.check(connection)


@pytest.mark.django_db
def test_a_connection_without_address_needs_the_sites_id(vendor: RunningDeepomatic) -> None:
    connection = make_vendor_connection(vendor)
    connection.base_url = ""

    with pytest.raises(Exception, match="Enter the address"):
        connection.clean()
    connection.settings["site_id"] = "0b1c2d3e-0000-4000-8000-00000000000a"
    connection.clean()

    opened = services.open_client(connection)
    assert opened.base_url == "https://api.0b1c2d3e-0000-4000-8000.customers.deepomatic.com"
