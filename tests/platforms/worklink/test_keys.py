"""Which work order a session names (E5, E7, E23)."""

from typing import Any

import pytest

from integrations.platforms.worklink.keys import LinkKey, link_key_of
from integrations.platforms.worklink.options import options_from


def key_of(data: dict[str, Any], **settings: Any) -> LinkKey:
    options = options_from({"system": "erp"} | settings)
    return link_key_of(data, options.link_keys, options=options)


@pytest.mark.parametrize("value", ["WO-1", " wo 7/8 ", "000981", "ü"])
def test_a_key_is_taken_exactly_as_it_is(value: str) -> None:
    assert key_of({"work_order_id": value}) == LinkKey("work_order_id", value, "erp")


@pytest.mark.parametrize(("value", "read"), [(981, "981"), (["WO-1"], "WO-1")])
def test_a_number_and_a_list_of_one_are_keys_too(value: Any, read: str) -> None:
    assert key_of({"work_order_id": value}).value == read


@pytest.mark.parametrize("data", [{}, {"work_order_id": ""}, {"work_order_id": None}, {"work_order_id": []}])
def test_without_a_key_the_reason_names_the_keys_looked_for(data: dict[str, Any]) -> None:
    key = key_of(data, link_keys=["work_order_id", "job"])

    assert (key.value, key.system) == ("", "")
    assert "“work_order_id” or “job”" in key.reason


@pytest.mark.parametrize("value", [["a", "b"], {"a": 1}, True, "   "])
def test_what_is_no_single_value_is_no_key(value: Any) -> None:
    key = key_of({"work_order_id": value})

    assert not key.value
    assert "one key" in key.reason


def test_a_key_longer_than_can_be_stored_says_so() -> None:
    key = key_of({"work_order_id": "x" * 201})

    assert not key.system
    assert "longer than 200" in key.reason


def test_the_normaliser_says_what_it_changed() -> None:
    settings = {"key_trim": True, "key_upper": True, "key_zero_pad": 6}

    assert key_of({"work_order_id": " wo-1 "}, **settings).value == "WO-1"
    padded = key_of({"work_order_id": "981"}, **settings)
    assert (padded.value, padded.note) == (
        "000981",
        "The key “981” was read as “000981”, as the connection's settings say.",
    )
    assert key_of({"work_order_id": "WO-1"}, **settings).note == ""


def test_the_link_says_to_which_system_it_belongs() -> None:
    assert key_of({"work_order_id": "1", "sor": "crm"}).system == "crm"


def test_a_key_may_belong_to_a_system_of_its_own() -> None:
    keys = ["work_order_id", "case=crm"]

    assert key_of({"case": "C-1"}, link_keys=keys).system == "crm"
    assert key_of({"work_order_id": "1"}, link_keys=keys).system == "erp"


def test_keys_of_two_systems_are_ambiguous_unless_the_link_says_which() -> None:
    keys = ["work_order_id", "case=crm"]
    both = {"work_order_id": "1", "case": "C-1"}

    ambiguous = key_of(both, link_keys=keys)
    assert not ambiguous.system
    assert "several systems" in ambiguous.reason
    assert key_of(both | {"sor": "crm"}, link_keys=keys).value == "C-1"
    assert key_of(both | {"sor": "erp"}, link_keys=keys).value == "1"


def test_without_a_system_the_key_is_shown_and_the_setting_named() -> None:
    key = key_of({"work_order_id": "1"}, system="")

    assert (key.value, key.system) == ("1", "")
    assert "System of record" in key.reason
