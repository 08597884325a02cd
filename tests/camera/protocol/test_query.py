"""Query strings as browsers bring them."""

import base64
import json
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.protocol.errors import QueryTooLong
from integrations.camera.protocol.metadata import read_metadata
from integrations.camera.protocol.opaque import bytes_of, text_of
from integrations.camera.protocol.query import MOST_BYTES, Parameters, read_query
from integrations.core.safe_json import storable
from tests.camera.protocol.texts import ANY_TEXT


def test_the_contracts_example_is_read() -> None:
    found = read_query(
        "task_group_name=meter_front&work_order_name=JOB-1042&wo_metadata=eyJyZWdpb24iOiJOb3J0aCJ9"
        "&callback_URI=https%3A%2F%2Ffsm.example.com%2Fjobs%2F1042%3Ftab%3Dphotos&state=eyJzdGVwIjoiQSJ9"
    )

    assert found == Parameters(
        task_group_name="meter_front",
        work_order_name="JOB-1042",
        wo_metadata="eyJyZWdpb24iOiJOb3J0aCJ9",
        callback="https://fsm.example.com/jobs/1042?tab=photos",
        state="eyJzdGVwIjoiQSJ9",
    )


def test_a08_raw_base64_with_plus_and_slash_is_intact() -> None:
    raw = base64.b64encode(json.dumps({"k": "~~~>>>???ÿ"}, ensure_ascii=False).encode()).decode()
    assert "+" in raw
    assert "/" in raw

    found = read_query(f"task_group_name=G&wo_metadata={raw}&state={raw}")

    assert (found.wo_metadata, found.state) == (raw, raw)
    assert read_metadata(found.wo_metadata) == {"k": "~~~>>>???ÿ"}


def test_names_of_orders_and_groups_are_decoded_as_forms_do() -> None:
    found = read_query("task_group_name=Meter+front%2Fopen&work_order_name=Caf%C3%A9+%2B+bar")

    assert found.task_group_name == "Meter front/open"
    assert found.work_order_name == "Café + bar"


@pytest.mark.parametrize(
    ("query", "callback"),
    [
        ("callback_uri=https://b&callback_URI=https://a", "https://a"),
        ("callback_url=https://c&callback_uri=https://b", "https://b"),
        ("callback_url=https://c", "https://c"),
        ("callback_URI=&callback_uri=https://b", "https://b"),
        ("callback_URI=&callback_URI=https://a", ""),
        ("callback_Uri=https://a", ""),
        ("callback_URI=https://a/?q=1+2", "https://a/?q=1+2"),
    ],
)
def test_the_first_spelling_that_is_not_empty_names_the_callback(query: str, callback: str) -> None:
    assert read_query(query).callback == callback


def test_the_first_of_a_name_wins_and_the_others_are_told() -> None:
    found = read_query("state=a&task_group_name=G&state=b&t%61sk_group_name=H&x=&x=&state=c")

    assert (found.state, found.task_group_name) == ("a", "G")
    assert found.duplicates == ("state", "task_group_name", "x")


@pytest.mark.parametrize(("query", "state"), [("", None), ("state", ""), ("state=", ""), ("state=a=b==", "a=b==")])
def test_an_empty_state_is_a_state(query: str, state: str | None) -> None:
    assert read_query(query).state == state


@pytest.mark.parametrize(
    ("value", "read"), [("true", True), ("True", True), ("1", True), ("false", False), ("", False)]
)
def test_a29_use_fragment_is_read(value: str, read: bool) -> None:
    assert read_query(f"use_fragment={value}").use_fragment is read


def test_types_are_separated_by_commas() -> None:
    assert read_query("type_names=install,%20repair,,").type_names == ("install", "repair")


def test_a28_a_long_query_is_read_whole() -> None:
    state = "s" * (2047 - len("task_group_name=G&state="))

    assert read_query(f"task_group_name=G&state={state}").state == state


def test_more_than_8_kilobytes_are_refused_and_8_are_not() -> None:
    assert len(read_query("state=" + "s" * (MOST_BYTES - 6)).state or "") == MOST_BYTES - 6

    with pytest.raises(QueryTooLong, match="at most 8192 are read"):
        read_query("state=" + "s" * (MOST_BYTES - 5))


@given(ANY_TEXT)
def test_any_text_is_read_into_what_a_database_can_store(raw: str) -> None:
    found = read_query(raw)

    for value in (found.task_group_name, found.callback, found.wo_metadata, found.state, *found.duplicates):
        assert storable(value) == value


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_an_encoded_state_is_read_character_for_character(state: str) -> None:
    read = read_query("a=1&state=" + quote(state, safe="")).state

    assert bytes_of(read or "").decode() == state


@given(st.binary(max_size=300))
def test_bytes_come_back_from_their_text(data: bytes) -> None:
    text = text_of(data)

    assert storable(text) == text
    assert bytes_of(text) == data
    assert bytes_of(read_query("state=" + quote_from_bytes(data)).state or "") == data
    assert unquote_to_bytes(quote_from_bytes(data)) == data


@given(ANY_TEXT)
def test_every_text_becomes_bytes(text: str) -> None:
    assert bytes_of(text).decode("utf-8", "replace") is not None


def test_a_usual_text_is_itself() -> None:
    assert text_of("état + 好 😀".encode()) == "état + 好 😀"
