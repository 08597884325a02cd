"""What is taken in: both forms, strictly where it matters, whole where it does not."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.events import reading
from tests.events import payloads

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
NAMES = ["type", "event", "camera", "candidates", "activity_id", "id", "date", "source", "identification_data", "image"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-06-01 12:00:03+00:00", datetime(2024, 6, 1, 12, 0, 3, tzinfo=UTC)),
        ("2024-06-01T12:00:00.25Z", datetime(2024, 6, 1, 12, 0, 0, 250000, tzinfo=UTC)),
        ("2024-06-01 14:00:00.123456789+02:00", datetime(2024, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2024-06-01 12:00:00", datetime(2024, 6, 1, 12, tzinfo=UTC)),
        (None, None),
    ],
)
def test_o23_a_date_is_read_in_every_spelling(text: str | None, moment: datetime | None) -> None:
    assert reading.moment_of(text, "date") == moment


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01 00:00:00", "2024-06-01", 5, "0001-01-01 00:00:00+14:00"])
def test_what_is_no_time_is_refused_by_name(text: Any) -> None:
    with pytest.raises(reading.ItemRefused, match="date is not a time"):
        reading.moment_of(text, "date")


def test_o23_unknown_keys_are_kept_and_null_names_nothing() -> None:
    given = payloads.pushed(shift={"name": "night"})
    given["event"]["quality"] = 0.5

    item = reading.read(given)

    assert item.extra == {"shift": {"name": "night"}}
    assert item.event["quality"] == 0.5
    assert item.camera["real_name"] is None


def test_the_form_of_an_agent_says_the_same() -> None:
    item = reading.read(
        payloads.seen(parents=[{"type": "face", "id": "x"}, {"type": "human", "id": payloads.event_id(5)}], image=None)
    )

    assert (item.uuid, item.camera_id) == (UUID(payloads.event_id()), UUID(payloads.camera()))
    assert item.activity_id == UUID(payloads.event_id(5))
    assert item.candidates == [{"profile": {"id": payloads.PROFILE}, "confidence": 0.91}]
    assert item.event == {"image": None, "original_image": None}


def test_links_of_the_upstream_are_kept_apart() -> None:
    item = reading.read(payloads.pushed())

    assert set(item.links) == {payloads.image(1), payloads.image(2), payloads.image(9)}
    assert "sample_link" not in item.candidates[0]["profile"]  # type: ignore[index]
    assert "image_link" not in item.event


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "id is missing"),
        ({"id": "{01010101-1111-4222-8333-000000000001}"}, "id is not a UUID"),
        ({"type": ""}, "type is missing"),
        ({"type": "a b"}, "type is not a name"),
        ({"source": "front door"}, "source is not a UUID"),
        ({"image": 7}, "image is not a UUID"),
        ({"identification_data": [{"profile_id": None}]}, "profile_id is missing"),
        ({"identification_data": {}}, "identification_data is not a list"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(reading.ItemRefused, match=reason):
        reading.read(payloads.seen() | change)


@settings(max_examples=60, **UNHURRIED)
@given(st.dictionaries(st.sampled_from(NAMES), JSON) | JSON)
def test_whatever_comes_is_read_or_refused(given: Any) -> None:
    try:
        item = reading.read(given)
    except reading.ItemRefused:
        return
    assert json.loads(json.dumps(item.extra)) == item.extra
