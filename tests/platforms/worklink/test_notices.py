"""What notifications say, from recorded bodies of every variant (vendor sheet, section 3)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.core.platforms import Incoming, Notice, Unreadable, Unwanted
from integrations.platforms.worklink import names
from integrations.platforms.worklink.notices import notice_of, parse

PAYLOADS = Path(__file__).parent / "payloads"
SESSION_ID, CALL_ID = "U2NlbmFyaW9TZXNzaW9uOjQxMDE", "Q2FsbFNlc3Npb246NzAx"
SENT = datetime(2024, 5, 14, 9, 31, 7, tzinfo=UTC)
B_HEADERS = {
    "x-scope-topic": "scenario_session/created",
    "x-scope-topic-version": "1.1",
    "x-scope-webhook-type": "node",
    "x-scope-webhook-id": "7c1f3a4e-0000-4000-8000-000000000000",
}


def incoming(name: str, **headers: str) -> Incoming:
    return Incoming(headers=headers, body=(PAYLOADS / f"{name}.json").read_bytes())


def told(body: Any, headers: dict[str, str] | None = None) -> Incoming:
    return Incoming(headers=headers or {}, body=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("payload", "headers", "notice"),
    [
        ("a1_hyphens", {}, Notice("ScenarioSession", SESSION_ID, "updated", SENT)),
        ("a2_underscores", {}, Notice("CallSession", CALL_ID, "created", SENT)),
        ("a_mixed", {}, Notice("ScenarioSession", SESSION_ID, "finished", SENT)),
        ("a_top_level", {}, Notice("CallSession", CALL_ID, "updated")),
        ("b1_default", B_HEADERS, Notice("ScenarioSession", SESSION_ID, "created")),
        ("b1_default", B_HEADERS | {"x-scope-topic": "call/finished"}, Notice("CallSession", SESSION_ID, "finished")),
        ("b2_custom_query", B_HEADERS, Notice("ScenarioSession", SESSION_ID, "created")),
        ("b2_bare_node", B_HEADERS | {"x-scope-topic": "call/update"}, Notice("CallSession", CALL_ID, "updated")),
        ("no_type", {}, Notice(names.NODE, SESSION_ID, "updated")),
        ("b1_default", {}, Notice(names.NODE, SESSION_ID, "")),
    ],
)
def test_every_variant_names_its_resource(payload: str, headers: dict[str, str], notice: Notice) -> None:
    assert notice_of(incoming(payload, **headers)) == notice


def test_the_generation_and_the_version_of_the_topic_are_told() -> None:
    assert parse(incoming("a1_hyphens")).generation == "A"
    of_b = parse(incoming("b1_default", **B_HEADERS))
    assert (of_b.generation, of_b.topic_version) == ("B", "1.1")


def test_a_body_of_another_kind_is_unwanted() -> None:
    with pytest.raises(Unwanted, match="service"):
        notice_of(incoming("a3_service"))
    with pytest.raises(Unwanted, match="service"):
        notice_of(incoming("b1_default", **B_HEADERS | {"x-scope-webhook-type": "service"}))


def test_an_unknown_type_is_unwanted_and_named() -> None:
    with pytest.raises(Unwanted, match="TrainingPlan") as caught:
        notice_of(incoming("a_unknown_type"))
    assert caught.value.notice == Notice("TrainingPlan", "VHJhaW5pbmdQbGFuOjE", "archived", SENT)


@pytest.mark.parametrize("spelling", ["scenario", "Scenario", "SCENARIO"])
def test_a_scenario_is_no_session(spelling: str) -> None:
    with pytest.raises(Unwanted, match="Scenario"):
        notice_of(told({"data": {"resource-id": "x", "resource-type": spelling}}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b"null",
        b"{}",
        b'{"data":{"resource-id":""}}',
        b'{"data":{"resource-id":true}}',
        b'{"data":{"resource-id":{"a":1}}}',
        b'{"data":{"resource-id":"a\\u0000b"}}',
        b'{"data":{"resource-id":"a\\nb"}}',
        b'{"data":{"resource-id":"\\ud800"}}',
        b'{"data":{"resource-id":"%s"}}' % (b"x" * 256),
        b'{"data":{"resource-id":%s}}' % (b"9" * 40),
        b'{"data":{"resource-id":%s}}' % (b"9" * 5000),
        b'{"data":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"time":NaN}',
    ],
)
def test_hostile_bodies_are_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        notice_of(Incoming(headers={}, body=body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(
    ["data", "node", "id", "resource-id", "resourceId", "resource_type", "__typename", "event", "type", "time"]
)
SHAPED = st.recursive(JSON, lambda inner: st.dictionaries(KEYS, inner, max_size=5), max_leaves=30)
HEADERS = st.dictionaries(
    st.sampled_from(["x-scope-topic", "x-scope-webhook-type", "x-scope-webhook-id"]), st.text(max_size=60)
)


def outcome(request: Incoming) -> Notice | str:
    """The notice, or the sentence of the refusal."""
    try:
        return notice_of(request)
    except (Unreadable, Unwanted) as error:
        return str(error)


@given(body=SHAPED, headers=HEADERS)
@example(body={"data": {"resource-id": "x" * 255, "resource-type": "y" * 300}}, headers={})
def test_whatever_comes_is_a_notice_or_refused_with_a_sentence(body: Any, headers: dict[str, str]) -> None:
    found = outcome(told(body, headers))

    assert found
    if isinstance(found, Notice):
        assert found.resource_type in (*names.WANTED, names.NODE)
        assert 0 < len(found.resource_id) <= 255
        assert "\x00" not in found.resource_id
        assert len(found.verb) <= 40


@given(body=st.binary(max_size=300))
def test_any_bytes_are_a_notice_or_refused(body: bytes) -> None:
    assert outcome(Incoming(headers={}, body=body))
