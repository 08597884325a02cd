"""Field mappings: each type with its format, empty values, and sentences for what cannot be made."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sync.formats import FormatError, Wanted, convert, problem_of
from integrations.sync.mappings import House, Rule, at, mapped, nested
from integrations.sync.readback import same

TYPES = ["AS_IS", "TEXT", "INTEGER", "NUMBER", "BOOLEAN", "TIME", "DATE", "LIST"]


@pytest.mark.parametrize(
    ("value", "type_", "format_", "made"),
    [
        (12, "TEXT", "", "12"),
        (True, "TEXT", "", "true"),
        (["a", 1, None], "TEXT", "", "a, 1"),
        ("abcdef", "TEXT", "3", "abc"),
        (" 12 ", "INTEGER", "", 12),
        (12.0, "INTEGER", "", 12),
        ("12.5", "INTEGER", "round", 13),
        ("12.345", "NUMBER", "2", 12.34),
        ("1e3", "NUMBER", "", 1000),
        ("Yes", "BOOLEAN", "", True),
        (0, "BOOLEAN", "", False),
        (True, "BOOLEAN", "Y/N", "Y"),
        ("2026-03-01T12:00:00Z", "TIME", "", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:00:00", "TIME", "iso_offset", "2026-03-01T12:00:00+01:00"),
        ("2026-03-01T23:30:00Z", "DATE", "", "2026-03-02"),
        ("2026-03-01T12:00:00Z", "TIME", "epoch", 1772366400),
        (1772366400000, "TIME", "%d.%m.%Y %H:%M", "01.03.2026 13:00"),
        ("a", "LIST", "", ["a"]),
        (["a", "b"], "LIST", "; ", "a; b"),
        ({"a": 1}, "AS_IS", "", {"a": 1}),
    ],
)
def test_a_value_is_brought_into_the_wanted_form(value: Any, type_: str, format_: str, made: Any) -> None:
    assert convert(value, type_, Wanted(format_, "Europe/Paris")) == made


@pytest.mark.parametrize(
    ("value", "type_"),
    [("x", "INTEGER"), ("1.5", "INTEGER"), (True, "NUMBER"), ("maybe", "BOOLEAN"), ("soon", "TIME"), ([1], "NUMBER")],
)
def test_what_does_not_fit_is_refused_with_the_value(value: Any, type_: str) -> None:
    with pytest.raises(FormatError, match="is not"):
        convert(value, type_, Wanted())


@given(
    st.sampled_from(TYPES), st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
)
def test_any_value_is_converted_or_refused(type_: str, value: Any) -> None:
    rule = Rule("value", "target", type=type_)
    made = mapped([rule], {"value": value}, House())
    assert ("target" in made.values) != bool(made.problems)


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_an_empty_value_is_defaulted_skipped_or_sent_empty(empty: Any) -> None:
    rules = [
        Rule("value", "defaulted", type="INTEGER", default=7),
        Rule("value", "skipped", skip_if_empty=True),
        Rule("value", "sent", type="INTEGER"),
    ]
    assert mapped(rules, {"value": empty}, House()).values == {"defaulted": 7, "sent": empty}


def test_zero_and_no_are_not_empty() -> None:
    rules = [Rule("zero", "a", default=1, skip_if_empty=True), Rule("no", "b", default=True)]
    assert mapped(rules, {"zero": 0, "no": False}, House()).values == {"a": 0, "b": False}


def test_a_field_that_cannot_be_made_is_told_and_the_others_are_made() -> None:
    made = mapped([Rule("a", "x", type="INTEGER"), Rule("b", "y")], {"a": "many", "b": 1}, House())
    assert made.values == {"y": 1}
    assert made.problems == ("a → x: “many” is not a whole number: it is not written as a number",)


def test_the_connections_zone_and_format_hold_where_the_mapping_is_silent() -> None:
    house = House("America/New_York", "%Y-%m-%d %H:%M")
    assert mapped([Rule("at", "at", type="TIME")], {"at": "2026-03-01T12:00:00Z"}, house).values == {
        "at": "2026-03-01 07:00"
    }


@given(st.dictionaries(st.text(st.sampled_from("abc"), min_size=1, max_size=3), st.integers()))
def test_nested_values_are_found_again(values: dict[str, int]) -> None:
    dotted = {f"x.{name}": value for name, value in values.items()}
    tree = nested(dotted)
    assert all(at(tree, name) == value for name, value in dotted.items())


@pytest.mark.parametrize(
    ("wanted", "found", "is_same"),
    [
        (12, "12", True),
        (12.0, 12, True),
        ("12.50", 12.5, True),
        (None, "", True),
        ([], None, True),
        (True, "true", True),
        (True, 1, True),
        ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", True),
        ("a\r\nb", "a\nb ", True),
        ("done", "Done", False),
        ({"a": 1}, {"a": "1", "b": 2}, True),
        ([1, 2], [1], False),
        ("0", None, False),
        ("12", 13, False),
    ],
)
def test_values_are_compared_as_people_do(wanted: Any, found: Any, is_same: bool) -> None:
    assert same(wanted, found) is is_same


@given(st.datetimes())
def test_a_moment_is_the_same_in_every_spelling(moment: datetime) -> None:
    text = f"{moment.isoformat()}+00:00"
    assert same(text, text.replace("+00:00", "Z"))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_a_number_is_the_same_as_its_text(number: Decimal) -> None:
    assert same(str(number), float(number)) or str(float(number)) != str(number)


@pytest.mark.parametrize(
    ("type_", "format_"),
    [("AS_IS", "x"), ("TEXT", "x"), ("NUMBER", "two"), ("INTEGER", "2"), ("BOOLEAN", "yes"), ("TIME", "dmy")],
)
def test_formats_that_do_not_exist_are_refused(type_: str, format_: str) -> None:
    assert problem_of(type_, format_)
    assert not problem_of(type_, "")
