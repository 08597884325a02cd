"""Metadata as field apps encode it."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.protocol.errors import InvalidMetadata
from integrations.camera.protocol.metadata import (
    DeclarationRefused,
    Declared,
    MetadataType,
    check_metadata,
    read_declarations,
    read_metadata,
)
from tests.camera.protocol.texts import ANY_TEXT

TYPES = (
    Declared("region", MetadataType.TEXT, required=True),
    Declared("floors", MetadataType.NUMBER),
    Declared("urgent", MetadataType.BOOLEAN),
)
SCALARS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")) | st.integers() | st.booleans()


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value, ensure_ascii=False).encode()).decode()


def test_a07_base64_of_an_object_is_read() -> None:
    assert read_metadata("eyJyZWdpb24iOiJOb3J0aCJ9") == {"region": "North"}


@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: text,
        lambda text: text.rstrip("="),
        lambda text: text.replace("+", "-").replace("/", "_"),
        lambda text: text.replace("+", "-").replace("/", "_").rstrip("="),
        lambda text: text.replace("+", " "),
        lambda text: "\r\n".join(text[start : start + 8] for start in range(0, len(text), 8)) + "\n",
    ],
    ids=["standard", "unpadded", "url", "url unpadded", "form decoded", "with line breaks"],
)
def test_a08_every_variant_of_base64_is_read(spelling) -> None:  # type: ignore[no-untyped-def]
    value = {"k": "~~~>>>???ÿ", "n": 1}
    assert set("+/=") <= set(encoded(value))

    assert read_metadata(spelling(encoded(value))) == value


@pytest.mark.parametrize("text", ["*", "eyJ", "e", "not base64!", "é", "====", "e30=e30=", encoded([1]), encoded("x"),
                                  encoded(None), base64.b64encode(b"\xff\xfe").decode(), encoded({"a": [1]}),
                                  encoded({"a": {"b": 1}}), base64.b64encode(b'{"a": NaN}').decode(),
                                  base64.b64encode(b"[" * 6000).decode()])  # fmt: skip
def test_what_is_no_object_of_scalars_is_refused(text: str) -> None:
    with pytest.raises(InvalidMetadata) as refused:
        read_metadata(text)

    assert refused.value.code == "invalid_metadata"


@pytest.mark.parametrize(
    ("values", "key"),
    [({"region": 1}, "region"), ({"floors": "3"}, "floors"), ({"floors": True}, "floors"), ({"urgent": 1}, "urgent")],
)
def test_a_value_of_another_type_is_refused_by_its_name(values: dict[str, object], key: str) -> None:
    with pytest.raises(InvalidMetadata, match=f"'{key}' is declared as"):
        check_metadata(values, declared=TYPES)


def test_keys_that_nobody_declared_are_kept_and_nulls_are_not() -> None:
    values = {"region": "North", "floors": 3.5, "urgent": False, "other": 1, "none": None}

    assert check_metadata(values, declared=TYPES) == {"region": "North", "floors": 3.5, "urgent": False, "other": 1}


@pytest.mark.parametrize("values", [{}, {"region": None}, {"region": ""}])
def test_a_missing_key_is_refused_only_where_the_site_says_so(values: dict[str, object]) -> None:
    assert "region" not in check_metadata(values, declared=TYPES) or values == {"region": ""}

    with pytest.raises(InvalidMetadata, match=r"requires: region\."):
        check_metadata(values, declared=TYPES, require=True)


def test_no_metadata_at_all_may_lack_what_is_required_too() -> None:
    assert read_metadata("") == {}

    with pytest.raises(InvalidMetadata):
        read_metadata("", declared=TYPES, require=True)


def test_a_sites_declaration_is_read() -> None:
    schema = {"region": {"type": "text", "required": True}, "floors": {"type": "number"}, "urgent": {"type": "boolean"}}

    assert read_declarations(schema) == TYPES
    assert read_declarations({}) == ()


@pytest.mark.parametrize("schema", [[], None, {"a": "text"}, {"a": {}}, {"a": {"type": "date"}}, {"a": {"type": []}},
                                    {"a": {"type": "text", "required": "yes"}}])  # fmt: skip
def test_a_declaration_that_cannot_be_read_is_refused(schema: object) -> None:
    with pytest.raises(DeclarationRefused):
        read_declarations(schema)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), SCALARS))
def test_every_object_of_scalars_comes_through(values: dict[str, object]) -> None:
    assert read_metadata(encoded(values)) == values


@given(ANY_TEXT | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    with suppress(InvalidMetadata):
        assert isinstance(read_metadata(text), dict)
