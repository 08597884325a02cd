"""What the house relies on, of every platform that is registered."""

import inspect
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.connections import setting_schema
from integrations.core import platforms
from integrations.core.platforms import (
    Incoming,
    InvalidSignature,
    Notice,
    PlatformAdapter,
    Received,
    Unreadable,
    Unwanted,
    adapter_of,
    context_kinds,
)

SLUGS = [slug for slug, _ in platforms.choices()]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = (
    b"",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b'"x"',
    b'{"data":null}',
    b'{"data":{"id":"a\\u0000b"}}',
    b"[" * 5000,
    b'{"a":' * 2000,
    b'{"n":1e999,"m":NaN}',
)

pytestmark = pytest.mark.parametrize("slug", SLUGS)


def received(body: bytes) -> Received:
    return Received(id=1, source_id=1, connection_id=1, incoming=Incoming(headers={}, body=body), received_at=NOW)


def outcome(slug: str, body: bytes) -> list[Notice] | str:
    """The notices, or the sentence of the refusal; any other exception is the test's failure."""
    try:
        return list(adapter_of(slug).notices(received(body)))
    except (Unreadable, Unwanted) as error:
        return str(error)


def test_it_names_itself_and_has_a_rising_schedule(slug: str) -> None:
    adapter = adapter_of(slug)

    assert (adapter.slug, bool(adapter.label)) == (slug, True)
    assert list(adapter.not_found_schedule) == sorted(adapter.not_found_schedule)
    assert all(seconds > 0 for seconds in adapter.not_found_schedule)


def test_it_has_every_method_with_the_same_parameters(slug: str) -> None:
    for name, method in inspect.getmembers(PlatformAdapter, inspect.isfunction):
        if not name.startswith("_"):
            offered = inspect.signature(getattr(type(adapter_of(slug)), name))
            assert list(offered.parameters) == list(inspect.signature(method).parameters), name


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_body_is_refused_with_a_sentence_or_names_nothing(slug: str, body: bytes) -> None:
    found = outcome(slug, body)

    assert isinstance(found, str) is bool(found)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_any_bytes_are_understood_or_refused(slug: str, body: bytes) -> None:
    found = outcome(slug, body)

    assert isinstance(found, str | list)


@pytest.mark.parametrize("headers", [{}, {"x-scope-hmac-sha256": "wrong"}, {"x-signature": "ü" * 300}])
def test_nothing_unsigned_or_wrongly_signed_passes_its_own_check(slug: str, headers: dict[str, str]) -> None:
    request = Incoming(headers=headers, body=b"{}")

    with pytest.raises(InvalidSignature) as caught:
        adapter_of(slug).verify(request, secrets=["secret"])

    assert str(caught.value)
    assert "secret'" not in str(caught.value)


def test_without_a_secret_nothing_passes_its_own_check(slug: str) -> None:
    with pytest.raises(InvalidSignature):
        adapter_of(slug).verify(Incoming(headers={"x-scope-hmac-sha256": ""}, body=b""), secrets=[])


def test_a_delivery_key_is_a_short_text_or_none(slug: str) -> None:
    long = dict.fromkeys(("webhook-id", "x-scope-webhook-id", "webhook-signature"), "x" * 1000)

    for headers in ({}, long):
        key = adapter_of(slug).delivery_key(Incoming(headers=headers, body=b"{}"))
        assert key is None or 0 < len(key) <= 255


def test_its_settings_can_be_shown_and_have_good_defaults(slug: str) -> None:
    for field in setting_schema.fields_of(slug):
        assert field.label
        assert not field.problem(field.default), field.name


def test_its_set_up_is_described(slug: str) -> None:
    folder = Path(inspect.getfile(type(adapter_of(slug)))).parent
    text = (folder / "README.md").read_text()

    assert "## Set up" in text
    assert "## Good to know" in text


def test_the_fields_of_its_sources_are_named_once_and_described(slug: str) -> None:
    for kind in context_kinds():
        paths = [field.path for field in kind.fields]
        assert len(paths) == len(set(paths)), kind.source_type
        assert all(field.label for field in kind.fields), kind.source_type
        assert kind.event_types or kind.source_type == "script", kind.source_type
