import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from integrations.core.signing import LinkRefused, body_signatures, equal, matches_any, read_signed, sign_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# The vendor sheet of WorkLink, section 3.2.
WORKLINK_KEY = "demo-shared-secret-1"
WORKLINK_BODY = (
    b'{"data":{"id":"U2NlbmFyaW9TZXNzaW9uOjQxMDE",'
    b'"url":"https://cms.example.test/api/v3/graphql/object/U2NlbmFyaW9TZXNzaW9uOjQxMDE"}}'
)
WORKLINK_HEX = "d386d5102a4a5ea4ba8997ee15f2d33c40bf5e07d39bafcda61547e827147374"
WORKLINK_BASE64 = "04bVECpKXqS6iZfuFfLTPEC/XgfTm6/NphVH6CcUc3Q="


def test_the_worklink_vector_is_met_in_each_form() -> None:
    assert body_signatures(WORKLINK_BODY, [WORKLINK_KEY]) == [WORKLINK_HEX]
    assert body_signatures(WORKLINK_BODY, [WORKLINK_KEY], encoding="base64") == [WORKLINK_BASE64]
    assert body_signatures(WORKLINK_BODY, [WORKLINK_KEY], prefix="sha256=") == [f"sha256={WORKLINK_HEX}"]


def test_one_changed_byte_of_the_body_changes_the_signature() -> None:
    expected = body_signatures(WORKLINK_BODY.replace(b"data", b"dats", 1), [WORKLINK_KEY], encoding="base64")

    assert not matches_any(WORKLINK_BASE64, expected)


def test_any_current_secret_is_enough() -> None:
    expected = body_signatures(b"body", ["new", "old"])

    for secret in (b"new", b"old"):
        assert matches_any(hmac.new(secret, b"body", hashlib.sha256).hexdigest(), expected)
    assert not matches_any(hmac.new(b"older", b"body", hashlib.sha256).hexdigest(), expected)
    assert not matches_any("", expected)
    assert not matches_any("anything", [])


def test_other_algorithms_are_computed() -> None:
    digest = hmac.new(b"key", b"body", hashlib.sha512).digest()

    found = body_signatures(b"body", ["key"], algorithm="sha512", encoding="base64")

    assert found == [base64.b64encode(digest).decode()]


def test_texts_beyond_ascii_are_compared_and_raise_nothing() -> None:
    assert equal("schlüssel", "schlüssel")
    assert not equal("schlüssel", "schlussel")
    assert not equal("\ud800", "x")


def test_a_signed_link_holds_until_it_expires() -> None:
    token = sign_until("photo/7", purpose="photo", expires_at=NOON)

    assert read_signed(token, purpose="photo", now=NOON - timedelta(seconds=1)) == "photo/7"
    with pytest.raises(LinkRefused, match="expired"):
        read_signed(token, purpose="photo", now=NOON)


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1] + "~", lambda token: "x" + token, lambda token: "", lambda token: "a:b:c"]
)
def test_a_changed_link_is_refused(change: object) -> None:
    token = sign_until("photo/7", purpose="photo", expires_at=NOON)
    assert callable(change)

    with pytest.raises(LinkRefused, match="not one"):
        read_signed(change(token), purpose="photo", now=NOON - timedelta(days=1))


def test_a_link_for_another_purpose_is_refused() -> None:
    token = sign_until("photo/7", purpose="photo", expires_at=NOON)

    with pytest.raises(LinkRefused, match="not one"):
        read_signed(token, purpose="report", now=NOON - timedelta(days=1))
