"""Rules that judge a value, however they were written."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.protocol.rules import Rule, RuleRefused, matching, read_rules
from tests.camera.protocol.tasks import YES_OR_NO
from tests.camera.protocol.texts import ANY_TEXT

NAMES = ["schema", "type", "const", "enum", "pattern", "not", "allOf", "anyOf", "sentence", "color", "minimum"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(NAMES), inner),
    max_leaves=10,
)


def deep(depth: int) -> dict[str, object]:
    return {"not": deep(depth - 1)} if depth else {"const": 1}


def sentence(value: object, *schemas: object) -> str:
    rules = read_rules([{"schema": schema, "sentence": str(number)} for number, schema in enumerate(schemas)])
    rule = matching(value, rules)  # type: ignore[arg-type]
    return rule.sentence() if rule else ""


def test_the_contracts_rules_are_read() -> None:
    assert YES_OR_NO[0] == Rule('{"type": "boolean", "const": true}', {"": "Seal present"}, "#00aa66", validated=True)
    assert matching(True, YES_OR_NO) is YES_OR_NO[0]
    assert matching(False, YES_OR_NO) is YES_OR_NO[1]
    assert matching(None, YES_OR_NO) is YES_OR_NO[2]
    assert matching("true", YES_OR_NO) is None


def test_a_sentence_may_have_languages() -> None:
    assert YES_OR_NO[2].sentence("fr") == "Non vu"
    assert YES_OR_NO[2].sentence("de") == "Not seen"
    assert YES_OR_NO[0].sentence("fr") == "Seal present"
    assert Rule("{}", {}).sentence() == ""


@pytest.mark.parametrize(
    ("value", "schemas", "wanted"),
    [
        (5, [{"maximum": 4}, {"maximum": 6}, {}], "1"),
        (7, [{"maximum": 4}, {"maximum": 6}, {}], "2"),
        (5, [{"minimum": 6}], ""),
        (1, [{"const": True}, {"const": 1}], "1"),
        (True, [{"const": 1}, {"type": "number"}, {"enum": [True]}], "2"),
        (3.0, [{"type": "integer"}], "0"),
        ("AB12", [{"pattern": "^[0-9]+$"}, {"pattern": "^[A-Z]{2}[0-9]{2}$"}], "1"),
        ("12\n", [{"pattern": "^[0-9]+$"}], ""),
        ("\u0663", [{"pattern": r"\d"}], ""),
        ("x", [{"type": "string", "minLength": 2}, {"not": {"const": "y"}}], "1"),
        ("x", [{"anyOf": [{"const": "y"}, {"enum": ["x", "z"]}]}], "0"),
        (5, [{"pattern": "x"}], "0"),
    ],
)
def test_the_first_rule_that_matches_decides(value: object, schemas: list[object], wanted: str) -> None:
    assert sentence(value, *schemas) == wanted


@pytest.mark.parametrize("raw", [None, [], ()])
def test_a_task_may_have_no_rules(raw: object) -> None:
    assert read_rules(raw) == ()
    assert matching(True, ()) is None


@pytest.mark.parametrize(
    "schema",
    [
        True,
        "boolean",
        [],
        {"$ref": "#/"},
        {"$ref": "https://evil.example.org/schema.json"},
        {"$dynamicRef": "#x"},
        {"format": "email"},
        {"properties": {"a": {}}},
        {"multipleOf": 0.1},
        {"type": "date"},
        {"type": []},
        {"minimum": "1"},
        {"maximum": float("nan")},
        {"exclusiveMinimum": True},
        {"enum": "x"},
        {"anyOf": []},
        {"anyOf": {"const": 1}},
        {"not": []},
        {"not": {"$ref": "#"}},
        {"allOf": [{"allOf": [{"pattern": "("}]}]},
        {"pattern": 1},
        {"pattern": "("},
        {"pattern": "(?=a)"},
        {"pattern": r"(a)\1"},
        {"pattern": "a{1000}{1000}"},
        {"pattern": "a" * 501},
        {"pattern": "\ud800"},
        {"const": "x" * 4096},
        deep(6),
    ],
    ids=lambda schema: repr(schema)[:40],
)
def test_a_schema_that_is_wrong_or_could_take_long_is_refused_with_its_number(schema: object) -> None:
    with pytest.raises(RuleRefused, match=r"^Rule 2: \S"):
        read_rules([{"schema": {}}, {"schema": schema}])


@pytest.mark.parametrize("rule", [
    1, "x", {"color": "red"}, {"color": "url(x)"}, {"color": 1}, {"sentence": 1}, {"sentence": {"en": 1}},
    {"is_conformity_validated": "true"}, {"not_analyzed": 1},
])  # fmt: skip
def test_a_rule_of_another_shape_is_refused(rule: object) -> None:
    with pytest.raises(RuleRefused, match=r"^Rule 1"):
        read_rules([rule])


@pytest.mark.parametrize("raw", ["x", {}, 1, [{}] * 51])
def test_rules_are_a_short_list(raw: object) -> None:
    with pytest.raises(RuleRefused):
        read_rules(raw)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){12}b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    rules = read_rules([{"schema": {"pattern": pattern}}])
    started = time.process_time()

    matching("a" * 3999 + "!", rules)

    assert time.process_time() - started < 0.5


def test_a_rule_keeps_what_it_read() -> None:
    raw = {"schema": {"const": True}, "is_conformity_validated": True}
    rules = read_rules([raw])
    raw["schema"] = {"const": False}

    assert matching(True, rules) is rules[0]
    assert hash(rules[0].schema)


@given(JSON, st.booleans() | st.integers() | ANY_TEXT | st.floats(allow_nan=False, allow_infinity=False))
def test_any_json_is_read_or_refused_by_name(raw: object, value: bool | int | float | str) -> None:
    for each in (raw, [raw], [{"schema": raw}]):
        with suppress(RuleRefused):
            matching(value, read_rules(each))
