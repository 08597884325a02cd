"""Their words into ours, without any server."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.platforms.worklink import mapping
from integrations.platforms.worklink.calibration import unit_of
from integrations.platforms.worklink.calls.facts import call_facts
from integrations.platforms.worklink.sessions import facts
from integrations.platforms.worklink.sessions.facts import outcome_of, percent_of, session_facts

START, END = "2024-05-14T09:00:00Z", "2024-05-14T09:10:00Z"


@pytest.mark.parametrize(
    ("ended", "share", "threshold", "outcome"),
    [
        (False, 100, 100, "open"),
        (True, 100, 100, "completed"),
        (True, 99, 100, "incomplete"),
        (True, 80, 75, "completed"),
        (True, None, 100, "ended"),
    ],
)
def test_only_its_end_makes_a_session_final(ended: bool, share: int | None, threshold: float, outcome: str) -> None:
    assert outcome_of(ended=ended, share=share, threshold=threshold) == outcome


@pytest.mark.parametrize(("viewed", "possible", "percent"), [(3, 10, 30), (1, 3, 33), (0, 5, 0), (1, 0, None)])
def test_percent_is_computed_from_the_steps(viewed: int, possible: int, percent: int | None) -> None:
    assert percent_of(viewed, possible) == percent


def test_the_older_name_of_the_end_counts() -> None:
    assert session_facts({"finishedAt": END}, unit=None, threshold=100).ended_at == datetime(
        2024, 5, 14, 9, 10, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("duration", "unit", "seconds"),
    [(10, None, 600.0), (10, 60.0, 600.0), (540, 1.0, 540.0), ("540", 1.0, 540.0), (None, 1.0, 600.0)],
)
def test_seconds_follow_the_unit_once_it_is_known(duration: Any, unit: float | None, seconds: float) -> None:
    document = {"duration": duration, "startedAt": START, "endedAt": END}

    assert session_facts(document, unit=unit, threshold=100).seconds == seconds


@pytest.mark.parametrize(("divisor", "unit"), [(1, 1.0), (60, 60.0), (3600, 3600.0), (0.001, 0.001), (7, None)])
def test_the_unit_of_duration_is_found_by_ten_sessions(divisor: float, unit: float | None) -> None:
    samples = [(seconds / divisor, float(seconds)) for seconds in range(60, 1060, 100)]

    assert unit_of(samples) == unit
    assert unit_of(samples[:9]) is None


def test_idle_time_left_out_of_the_duration_does_not_hide_the_unit() -> None:
    samples = [(seconds * 0.8, float(seconds)) for seconds in range(60, 1060, 100)]

    assert unit_of(samples) == 1.0


def test_an_unanswered_call_took_no_time() -> None:
    document = {"startedAt": START, "connectedAt": None, "endedAt": END, "duration": None}

    assert call_facts(document, unit=None).seconds == 0.0


def test_links_are_no_content() -> None:
    first = {"id": "1", "photo": {"fileUrl": "https://a/1?sig=x"}, "files": [{"fileURLExpiresAt": "soon"}]}
    second = {"id": "1", "photo": {"fileUrl": "https://a/1?sig=y"}, "files": [{"fileURLExpiresAt": "later"}]}

    assert mapping.content_of(first) == mapping.content_of(second) == {"id": "1", "photo": {}, "files": [{}]}


def test_several_photos_of_one_event_keep_their_names_apart() -> None:
    event = {
        "id": "e1",
        "photo": {"fileUrl": "https://a/1"},
        "attachments": {
            "nodes": [
                {"id": "f1", "fileUrl": "https://a/1", "fileContentType": "image/jpeg"},
                {"id": "f2", "fileURL": "https://a/2", "type": "photo"},
                {"id": "f3", "fileUrl": "https://a/3", "fileContentType": "video/mp4"},
            ]
        },
    }

    found = facts.pictures_of({"events": {"nodes": [event]}})

    assert [(picture.id, picture.url) for picture in found] == [("e1", "https://a/1"), ("e1/f2", "https://a/2")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "startedAt",
        "endedAt",
        "duration",
        "state",
        "databaseId",
        "sessionType",
        "externalData",
        "events",
        "parts",
        "nodes",
        "eventData",
        "createdAt",
        "photo",
        "attachments",
        "fileUrl",
        "scenarioSessionStep",
        "scenarioStep",
        "name",
        "createdBy",
        "participants",
        "user",
        "value",
        "id",
    ]
)
DOCUMENTS = st.dictionaries(
    NAMES, st.recursive(JSON, lambda inner: st.dictionaries(NAMES, inner, max_size=4) | st.lists(inner, max_size=3))
)


@given(document=DOCUMENTS)
def test_no_document_of_a_strange_shape_is_an_exception(document: dict[str, Any]) -> None:
    session_facts(document, unit=None, threshold=100)
    call_facts(document, unit=60.0)
    facts.answers_of(document)
    facts.pictures_of(document)
    facts.latest_time(document)
    assert facts.photo_count(document) >= 0
