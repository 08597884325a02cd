import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.core.safe_json import UnreadableJSON, depth, parse, storable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(JSON)
def test_what_json_writes_is_read_back_storable(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == storable(value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = parse(data)
    except UnreadableJSON:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


@given(st.text(alphabet='[]{}"\\ a1,:', max_size=60))
def test_depth_is_never_underrated(text: str) -> None:
    deepest, level, quoted, escaped = 0, 0, False, False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted, escaped = True, False
        else:
            level += (character in "[{") - (character in "]}")
            deepest = max(deepest, level)

    assert depth(text.encode()) == deepest


@pytest.mark.parametrize("number", [64, 65, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_ends_at_the_cap(number: int, opening: str, closing: str) -> None:
    inner = "1" if closing == "}" else ""
    data = (opening * number + inner + closing * number).encode()
    if number <= 64:
        parse(data)
        return
    for body in (data, (opening * number).encode()):
        with pytest.raises(UnreadableJSON, match="64 levels"):
            parse(body)


def test_many_brackets_side_by_side_or_in_texts_are_not_deep() -> None:
    value = [{"a": [1]}] * 500 + ["[" * 500, '\\"[{' * 100]

    assert parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"nope", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'"\x00"', "not JSON"),
        (b'"a\x01"', "not JSON"),
        (b"[1] [2]", "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"NaN", "NaN is not"),
        (b"[Infinity]", "Infinity is not"),
        (b"[-Infinity]", "-Infinity is not"),
        (b"1e999", "out of range"),
        (b"[-1e999]", "out of range"),
        (b"9" * 5000, "too many digits"),
        (b"x" * 101, "101 bytes"),
    ],
)
def test_what_is_not_readable_json_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableJSON, match=reason):
        parse(data, max_bytes=100 if data.startswith(b"x") else 10_000)


def test_what_databases_refuse_is_replaced() -> None:
    value = parse(b'{"a\\u0000": ["\\ud800x", {"b": "\\u0000"}], "ok": "\\ud83d\\ude00"}')

    assert value == {"a\ufffd": ["\ufffdx", {"b": "\ufffd"}], "ok": "\U0001f600"}


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_hostile_bytes_take_no_longer_than_their_size_explains() -> None:
    size = 256 * 1024
    started = time.process_time()
    for unit in (b'"\\', b'"', b"\\", b'"\\"', b"[", b"[]", b'{"":', b'"\\u0000', b'"[\\'):
        try:
            parse((unit * size)[:size])
        except UnreadableJSON:
            continue

    assert time.process_time() - started < 3
