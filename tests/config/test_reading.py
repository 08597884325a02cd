"""YAML that is read: plain values only, and no more than can be meant."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.core.config.documents import ConfigRefused
from integrations.core.config.plain import Plain
from integrations.core.config.reading import MOST_BYTES, read_text
from integrations.core.config.writing import yaml_of

SPECIAL = st.sampled_from(" \n\t:-#'\"|>&*!%@`?[]{},\r\x85\u2028\ufeff~0123456789eE+_.ayno<=\x1b")
TEXTS = st.text(st.one_of(SPECIAL, st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8)


def read(text: str) -> Plain:
    return read_text(text.encode(), name="x.yaml").value


@given(st.dictionaries(TEXTS, VALUES))
def test_what_is_written_is_read_the_same(value: Plain) -> None:
    assert read(yaml_of(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30:00", "12:30:00"),
        ("2026-01-01", "2026-01-01"),
        ("0x1f", "0x1f"),
        ("007", "007"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("1e5", "1e5"),
        ("~", None),
        ("", None),
        ("-12", -12),
        ("1.5", 1.5),
        ("true", True),
        ("'true'", "true"),
    ],
)
def test_only_what_yaml_12_takes_for_a_value_is_one(text: str, value: Plain) -> None:
    assert read(f"key: {text}") == {"key": value}


def test_an_alias_stands_for_what_it_names() -> None:
    assert read("a: &x [1, {b: 2}]\nc: *x\n") == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}


BOMBS = {
    "laughs": "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)),
    "texts": "a: &a " + "x" * 1_000_000 + "\nb: [" + ", ".join(["*a"] * 150) + "]",
    "aliases": "a: &a 1\nb: [" + ", ".join(["*a"] * 201) + "]",
    "depth": "a: " + "[" * 5_000,
    "depth by blocks": "\n".join(f"{' ' * n}a:" for n in range(60)),
    "flat": "a: [" + "1," * 600_000 + "]",
    "itself": "a: &a [*a]",
    "nobody": "a: *nobody",
    "size": "a: " + "x" * MOST_BYTES,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_no_time(bomb: str) -> None:
    began = time.process_time()

    with pytest.raises(ConfigRefused):
        read(BOMBS[bomb])

    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "x.yaml, line 3: the key “a” stands there twice."),
        ("a:\n  - {b: 1, b: 2}", "line 2: the key “b” stands there twice."),
        ("a: !!python/object/apply:os.system [id]", "tags such as tag:yaml.org,2002:python/object/apply:os.sy"),
        ("a: !!str 7", "are not taken: plain values only."),
        ("a: !custom 7", "tags such as !custom are not taken"),
        ("!!set {a, b}", "are not taken"),
        ("a: &x {b: 1}\nc: {<<: *x}", "line 2: merge keys (<<) are not taken; write the fields out."),
        ("? [a]\n: b", "line 1: a key must be a text."),
        ("a: 1\n---\nb: 2", "a file holds one document; “---” begins another."),
        ('a: "\\0"', "a text holds NUL"),
        ('a: "\\ud800"', "this is not YAML: found invalid Unicode"),
        ("a: 1.0e+999", "a number is out of range."),
        ("a: [1", "x.yaml, line 2, column 1: this is not YAML"),
        ("a: b: c", "this is not YAML: mapping values are not allowed"),
        ("a:\n\t- b", "x.yaml, line 2, column 1: this is not YAML"),
        ("a: \x07", "this is not YAML"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigRefused) as refused:
        read(text)

    assert said in str(refused.value)


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(ConfigRefused, match=r"it is not UTF-8 \(byte 3\)"):
        read_text(b"a: \xff", name="x.yaml")


def test_the_parsers_excerpt_of_the_file_is_not_shown() -> None:
    with pytest.raises(ConfigRefused) as refused:
        read("token: hunter2-secret: [")

    assert "hunter2" not in str(refused.value)
