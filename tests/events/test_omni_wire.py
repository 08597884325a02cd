"""The push form and the GraphQL form of events."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from integrations.events import omni_wire, reading, snapshots
from integrations.events.models import Event
from tests.events import payloads

NOON = datetime(2024, 6, 1, 12, 0, 0, 250000, tzinfo=UTC)
WIRE = omni_wire.Wire(public_url="https://fieldport.example")


def event_of(given: dict[str, Any]) -> Event:
    item = reading.read(given)
    payload = snapshots.payload_of(item, snapshots.Directory())
    return Event(
        uuid=item.uuid, type=item.type, source_type="recognition", payload=payload, occurred_at=item.date or NOON
    )


def test_o20_an_identification_has_every_key_of_the_push_form() -> None:
    document = json.loads(WIRE.body(event_of(payloads.pushed())))

    assert set(document) == {"type", "activity_id", "camera", "candidates", "event"}
    assert set(document["camera"]) == {"id", "type", "title", "stream", "real_name", "agent_id"}
    assert set(document["candidates"][0]) == {"profile", "profile_groups", "confidence"}
    profile = {"id", "age", "gender", "avatar_id", "main_sample_id", "sample_link"}
    assert set(document["candidates"][0]["profile"]) == profile
    event = {"id", "detection_date", "image", "original_image", "image_link", "original_image_link"}
    assert set(document["event"]) == event


def test_o21_links_are_absolute_and_each_under_its_path() -> None:
    document = WIRE.document(event_of(payloads.pushed()))

    base = "https://fieldport.example"
    assert document["event"]["image_link"] == f"{base}/event-service/get-image/{payloads.image(1)}"
    assert document["event"]["original_image_link"] == f"{base}/event-service/get-image/{payloads.image(2)}"
    assert document["candidates"][0]["profile"]["sample_link"] == f"{base}/get-image/{payloads.image(9)}"


def test_a_link_carries_its_key_where_pictures_are_not_open() -> None:
    wire = omni_wire.Wire(public_url="https://fieldport.example", key=lambda image_id, event: "signed")

    link = wire.document(event_of(payloads.pushed()))["event"]["image_link"]

    assert link == f"https://fieldport.example/event-service/get-image/{payloads.image(1)}?key=signed"


def test_o22_a_date_has_a_space_and_six_digits() -> None:
    document = WIRE.document(event_of(payloads.handed(date="2024-06-01T14:00:00.25+02:00")))

    assert document["event"]["detection_date"] == "2024-06-01 12:00:00.250000+00:00"


def test_o24_without_pictures_ids_and_links_are_null() -> None:
    event = WIRE.document(event_of(payloads.handed()))["event"]

    assert [event[name] for name in ("image", "original_image", "image_link", "original_image_link")] == [None] * 4


def test_credentials_of_a_camera_are_masked_unless_switched_off() -> None:
    event = event_of(payloads.pushed())

    hidden = WIRE.document(event)["camera"]
    shown = omni_wire.Wire(public_url="", mask=False).document(event)["camera"]

    assert hidden["stream"] == hidden["title"] == "rtsp://***@10.0.0.5/main"
    assert shown["stream"] == "rtsp://root:secret@10.0.0.5/main"


def test_an_event_of_another_type_has_its_object_and_no_candidates() -> None:
    document = WIRE.document(event_of(payloads.handed(type="crossing")))

    assert set(document) == {"type", "activity_id", "camera", "crossing", "event"}
    assert document["crossing"] == {"line_name": "Door", "direction": "forward"}


def test_what_only_the_agent_says_is_not_pushed() -> None:
    event = event_of(payloads.handed(object={"class": "human"}, shift="night"))

    assert set(WIRE.document(event)) == {"type", "activity_id", "camera", "roi", "shift", "event"}


def test_a_fact_of_our_own_has_type_and_event_at_the_same_places() -> None:
    event = Event(
        uuid=UUID(payloads.event_id()),
        type="workorder.updated",
        source_type="workorder",
        source_id="7",
        subject="workorder/7",
        occurred_at=NOON,
        payload={"status": "done"},
        about={"site": "Lyon"},
    )

    assert WIRE.document(event) == {
        "type": "workorder.updated",
        "event": {"id": payloads.event_id(), "detection_date": "2024-06-01 12:00:00.250000+00:00"},
        "source": {"type": "workorder", "id": "7"},
        "subject": "workorder/7",
        "reason": "live",
        "work_order": {"site": "Lyon"},
        "data": {"status": "done"},
    }


def test_the_graphql_form_names_pictures_and_profiles_by_id() -> None:
    data = omni_wire.graphql_data(event_of(payloads.pushed()))

    assert data == {
        "$image": {"id": payloads.image(1)},
        "$original_image": {"id": payloads.image(2)},
        "identification_data": [{"profile_id": payloads.PROFILE, "confidence": 0.91}],
    }
