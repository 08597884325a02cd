"""The vendor's answers are read in every spelling that the sheet leaves open."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.engines.contract import Message
from integrations.platforms.deepomatic import mapping
from integrations.platforms.deepomatic.mapping import NotReadable
from integrations.platforms.deepomatic.options import address_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "told",
    [
        [{"severity": "warning", "code": "BLUR", "message": "Blurry, very"}],
        [{"level": "WARNING", "error_code": "BLUR", "text": "Blurry, very"}],
        ["warning::BLUR::Blurry, very"],
        "warning::BLUR::Blurry, very",
    ],
)
def test_conformity_messages_are_objects_or_texts(told: Any) -> None:
    assert mapping.messages_of({"conformity_messages": told}) == (Message("warning", "BLUR", "Blurry, very"),)


def test_a_tasks_values_are_in_its_state_or_beside_its_name() -> None:
    within = mapping.task_state({"id": 7, "name": "a", "state": {"analyzed_value": False, "corrected_value": True}})
    beside = mapping.task_state({"id": "7", "name": "a", "analyzed_value": False, "corrected_value": True})

    assert within == beside
    assert (within.id, within.analyzed, within.corrected) == ("7", False, True)


def test_a_list_of_task_groups_may_be_paged_and_a_display_name_missing() -> None:
    row = {"name": "meter_front", "tasks": [{"name": "seal", "outcome_type": "boolean", "unknown": 1}]}

    assert mapping.task_groups([row]) == mapping.task_groups({"results": [row], "next": None})
    (group,) = mapping.task_groups([row])
    assert (group.display_name, group.tasks[0].outcome_type, group.tasks[0].rules) == ("meter_front", "Boolean", ())


def test_tasks_of_the_same_name_are_told_apart_by_their_group() -> None:
    order = mapping.order_of(
        {
            "id": "w",
            "tasks": [{"id": "1", "name": "ok", "analyzed_value": 1}, {"id": "2", "name": "ok", "analyzed_value": 2}],
            "task_groups": [{"name": "front", "tasks": ["1"]}, {"name": "back", "tasks": [{"id": "2"}]}],
        }
    )

    assert [task.analyzed for task in order.tasks_of("back")] == [2]
    assert [task.analyzed for task in order.tasks_of("unknown")] == [1, 2]


@pytest.mark.parametrize("body", [None, [], "x", {}, {"tasks": []}, {"result": "ok"}])
def test_an_answer_without_what_it_is_for_is_no_analysis(body: Any) -> None:
    with pytest.raises(NotReadable):
        mapping.analysed(body)
    with pytest.raises(NotReadable):
        mapping.order_of(body)


@given(JSON)
def test_no_answer_breaks_the_reading(body: Any) -> None:
    for read in (mapping.order_of, mapping.analysed, mapping.task_groups, mapping.task_state):
        try:
            read({"id": "1", "tasks": body, "inputs": body, "conformity_messages": body, "task_groups": body})
            read(body)
        except NotReadable as error:
            assert str(error)  # noqa: PT017  one refusal of several readers


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (
            {"site_id": "0B1C2D3E-0000-4000-8000-00000000000a"},
            "https://api.0b1c2d3e-0000-4000-8000.customers.deepomatic.com",
        ),
        ({"site_id": "0b1c2d3e-0000-4000-8000"}, "https://api.0b1c2d3e-0000-4000-8000.customers.deepomatic.com"),
        (
            {"site_id": "0b1c2d3e-0000-4000-8000", "region": "us"},
            "https://api.0b1c2d3e-0000-4000-8000.customers.us1.deepomatic.com",
        ),
        ({"site_id": "evil.example.com/"}, ""),
        ({}, ""),
    ],
)
def test_the_address_is_made_from_the_sites_id(settings: dict[str, str], address: str) -> None:
    assert address_of(settings) == address
