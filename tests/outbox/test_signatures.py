"""What a receiver checks: with the library of Standard Webhooks, and by hand as the contract says."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from integrations.core import clock
from integrations.outbox.models import Destination
from integrations.outbox.services import destinations
from integrations.outbox.signatures import Letter, headers_of, new_secret
from tests.outbox.making import make_destination, pass_time, pump, queue
from tests.simulators.receiver import Receiver

LETTER = Letter(uid="e-1", type="roi", cursor="", body='{"n": "ü"}', endpoint="end", attempt=1)


def by_hand(headers: dict[str, str], secret: str, body: str) -> list[bool]:
    stamp, *signatures = headers["X-Signature"].split(",")
    expected = hmac.new(secret.encode(), f"{stamp.removeprefix('t=')}.{body}".encode(), hashlib.sha256).hexdigest()
    return [signature == f"v1={expected}" for signature in signatures]


def test_both_signatures_are_as_their_standards_say() -> None:
    secret = new_secret()
    headers = headers_of(LETTER, signed_by=[secret], at=datetime.now(UTC))

    assert Webhook(secret).verify(LETTER.body, headers) == {"n": "ü"}
    assert by_hand(headers, secret, LETTER.body) == [True]


def test_a_secret_that_is_plain_text_signs_as_it_is() -> None:
    headers = headers_of(LETTER, signed_by=["not base64!"], at=datetime.now(UTC))

    assert Webhook(b"not base64!").verify(LETTER.body, headers) == {"n": "ü"}
    assert by_hand(headers, "not base64!", LETTER.body) == [True]


def test_without_a_secret_nothing_is_signed() -> None:
    headers = headers_of(LETTER, signed_by=[], at=datetime.now(UTC))

    assert headers["webhook-id"] == "e-1"
    assert not {"X-Signature", "webhook-signature"} & set(headers)


@pytest.mark.django_db
def test_while_a_secret_is_rotated_both_sign_and_then_only_the_new_one(receiver: Receiver) -> None:
    to = make_destination(receiver, secret=(old := new_secret()))
    new = destinations.rotate_secret(to, now=clock.now(), keep=timedelta(hours=1))

    queue(to)
    pump()
    pass_time(3601)
    queue(to)
    pump()

    during, after = receiver.taken
    assert [Webhook(each).verify(during.body, during.headers) is not None for each in (old, new)] == [True, True]
    assert Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, after.headers)


@pytest.mark.django_db
def test_a_secret_is_stored_encrypted_and_kept_out_of_the_history() -> None:
    to = make_destination(secret="whsec_c2VjcmV0LW9mLW91cnM=", headers={"Authorization": "Bearer of-theirs"})

    stored = list(Destination.objects.filter(pk=to.pk).extra(select={"raw": "secrets || headers"}).values_list("raw"))
    history = {field.name for field in Destination.history.model._meta.get_fields()}

    assert "c2VjcmV0" not in str(stored)
    assert "of-theirs" not in str(stored)
    assert not {"secrets", "headers"} & history
