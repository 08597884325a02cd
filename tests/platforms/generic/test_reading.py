from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.platforms.generic.reading import (
    Expressions,
    Item,
    NotReadable,
    items_of,
    problems,
    read_all,
    read_item,
)

ORDERS = Expressions(
    items="result[]",
    external_id="number",
    fields={"asset": "cmdb_ci.name", "opened_at": "opened_at", "closed": "state == 'closed'"},
)
ONE = Expressions(items="", external_id="id")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=5), children, max_size=4),
    max_leaves=15,
)


def read(raw: Any, expressions: Expressions = ORDERS) -> Item:
    return read_item(raw, expressions, zone="Europe/Paris", date_format="iso")


def test_an_item_is_read_with_times_in_the_connections_zone() -> None:
    item = read({"number": "WO-1", "cmdb_ci": {"name": "Pump 7"}, "opened_at": "2026-07-01 08:00", "state": "closed"})

    opened_at = datetime(2026, 7, 1, 6, tzinfo=UTC)
    assert item == Item("WO-1", {"asset": "Pump 7", "opened_at": opened_at, "closed": True})


def test_a_number_is_an_external_id_too() -> None:
    assert read({"id": 17}, ONE).external_id == "17"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({}, "external_id: “number” gives nothing"),
        ({"number": True}, "external_id: “number” gives true or false"),
        ({"number": ""}, "external_id: The external id is empty"),
        ({"number": "x" * 201}, "at most 200"),
        ({"number": "1", "cmdb_ci": {"name": {"a": 1}}}, "asset: A text or a number was expected, not an object"),
        ({"number": "1", "cmdb_ci": {"name": "x" * 201}}, "asset: It has 201 characters"),
        ({"number": "1", "opened_at": "yesterday"}, "opened_at: 'yesterday' is not a time"),
        ({"number": "1", "opened_at": "0001-01-01T00:00:00+14:00"}, "is not a time"),
    ],
)
def test_what_cannot_be_taken_is_named(raw: Any, said: str) -> None:
    with pytest.raises(NotReadable) as error:
        read(raw)

    assert said in str(error.value)


def test_a_body_is_one_item_or_a_list() -> None:
    assert items_of({"id": 1}, ONE) == [{"id": 1}]
    assert items_of([{"id": 1}, {"id": 2}], ONE) == [{"id": 1}, {"id": 2}]
    with pytest.raises(NotReadable, match="a text is there"):
        items_of("hello", ONE)
    with pytest.raises(NotReadable, match="“result” points"):
        items_of({}, Expressions(items="result", external_id="id"))


@pytest.mark.parametrize(
    ("expressions", "name"),
    [
        (Expressions(items="a[", external_id="id"), "items"),
        (Expressions(items="", external_id=""), "external_id"),
        (Expressions(items="", external_id="nope(id)("), "external_id"),
        (Expressions(items="", external_id="id", fields={"colour": "red"}), "fields"),
        (Expressions(items="", external_id="id", fields={"asset": ""}), "fields"),
        (Expressions(items="", external_id="id", fields={"asset": "]["}), "fields"),
        (Expressions(items="", external_id="id", fields=["asset"]), "fields"),  # type: ignore[arg-type]  # as JSON may be
    ],
)
def test_wrong_expressions_are_refused_by_the_name_of_the_field(expressions: Expressions, name: str) -> None:
    assert list(problems(expressions)) == [name]


def test_right_expressions_have_no_problem() -> None:
    assert problems(ORDERS) == {}


def test_a_function_on_the_wrong_type_is_named() -> None:
    with pytest.raises(NotReadable, match="external_id: “length"):
        read({"id": 1}, Expressions(items="", external_id="length(id)"))


@given(body=json_values)
def test_no_body_raises_anything_but_not_readable(body: Any) -> None:
    try:
        found = list(read_all(body, ORDERS, zone="UTC", date_format="iso"))
        found += list(read_all(body, ONE, zone="UTC", date_format="iso"))
    except NotReadable:
        return
    assert all(isinstance(item, Item | NotReadable) for item in found)
