"""Templates and expressions: types kept, braces escaped, values encoded, fields found."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sync.expressions import ExpressionError, compiled, evaluate, holds
from integrations.sync.templates import TemplateError, fill, fill_path, fill_tree, template

VISIT: dict[str, Any] = {"visit": {"id": "v1", "minutes": 12, "done": True, "users": ["Ann", "Bob"], "none": None}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{visit.minutes}", 12),
        ("{visit.done}", True),
        ("{visit.none}", None),
        ("{visit.users}", ["Ann", "Bob"]),
        ("{visit.minutes} min", "12 min"),
        ("done: {visit.done}, none: {visit.none}.", "done: true, none: ."),
        ("{join(', ', visit.users)} by {visit.id}", "Ann, Bob by v1"),
        ("{visit.{a: id, b: minutes}}", {"a": "v1", "b": 12}),
        ("{ {a: visit.id} }", {"a": "v1"}),
        ("{{literal}}", "{literal}"),
        ("{{{visit.id}}}", "{v1}"),
        ("{visit.users[?@ == 'A}n'] | [0]}", None),
        ('{`{"a": 1}`}', {"a": 1}),
        ("name = '{replace(visit.id, 'v', `\"\\\\'\"`)}'", r"name = '\'1'"),
        ("{split('https://x/api/os/_QkVE', '/')[-1]}", "_QkVE"),
        ("", ""),
    ],
)
def test_placeholders_keep_their_type_and_braces_can_be_written(text: str, filled: Any) -> None:
    assert fill(text, VISIT) == filled


@pytest.mark.parametrize("text", ["{", "}", "{visit.id", "a } b", "{}", "{ }", "{visit..id}", "{nope(visit)}}", "{'}"])
def test_what_cannot_be_read_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(TemplateError, match="“"):
        fill(text, VISIT)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        made = template(text)
    except TemplateError:
        return
    if not made.expressions:
        assert fill(text, {}) == text.replace("{{", "{").replace("}}", "}")


@given(JSON)
def test_a_whole_placeholder_gives_back_any_json_value(value: Any) -> None:
    assert fill("{value}", {"value": value}) == value
    assert fill_tree({"a": ["{value}"]}, {"value": value}) == {"a": [value]}


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
        lambda each: each.strip() not in ("", ".", "..")
    )
)
def test_a_value_in_a_path_stays_one_segment(value: str) -> None:
    path = fill_path("/orders/{value}/notes", {"value": value})

    assert path.count("/") == 3
    assert not set("?#\\ ") & set(path)
    assert unquote(path.split("/")[2]) == value


@pytest.mark.parametrize("value", [None, "", " ", ".", "..", [], {"a": 1}])
def test_a_path_is_not_made_of_nothing_or_of_dots(value: Any) -> None:
    with pytest.raises(TemplateError, match="needs “value”"):
        fill_path("/orders/{value}", {"value": value})


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("visit.id", ["visit", "visit.id"]),
        ("visit.steps[?state=='ok'].title", ["visit", "visit.steps", "visit.steps.state", "visit.steps.title"]),
        ("sort_by(visit.steps, &at)[-1].title", ["visit", "visit.steps", "visit.steps.at", "visit.steps.title"]),
        ("visit.{a: id, b: extra.po}", ["visit", "visit.id", "visit.extra", "visit.extra.po"]),
        ("visit | id", ["visit", "visit.id"]),
        ("length(visit.users) > `1` && order.id", ["visit", "visit.users", "order", "order.id"]),
        ("visit.*.a", ["visit"]),
        ("`1`", []),
    ],
)
def test_the_fields_that_an_expression_reads_are_found(text: str, paths: list[str]) -> None:
    assert list(compiled(text).paths) == paths


@pytest.mark.parametrize("text", ["", "a.", "[", "a" * 5000, "(" * 900, "!" * 3000 + "a"])
def test_hostile_expressions_are_refused_and_not_more(text: str) -> None:
    with pytest.raises(ExpressionError):
        compiled(text)


def test_an_expression_that_does_not_fit_the_value_is_refused() -> None:
    with pytest.raises(ExpressionError, match="join"):
        evaluate("join(',', visit)", VISIT)


@pytest.mark.parametrize(
    ("value", "held"), [(0, True), ("0", True), (False, False), (None, False), ([], False), ("", False)]
)
def test_a_condition_holds_by_the_rule_of_jmespath(value: Any, held: bool) -> None:
    assert holds("value", {"value": value}) is held


def test_lists_and_objects_inside_a_text_are_json() -> None:
    assert json.loads(fill("{visit.users} ", VISIT)) == ["Ann", "Bob"]
