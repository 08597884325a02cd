"""What a destination may not be, and what never gets into a request."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from integrations.outbox.models import Attempt, Destination
from tests.outbox.making import make_destination, pump, queue, states
from tests.simulators.receiver import Receiver, Reply

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example.test/",
        "hooks.example.test/x",
        "https://user:word@hooks.example.test/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "http://169.254.169.254/latest/meta-data",
        "https://0x7f.1/",
        "https://localhost/",
        "https://hooks.example.test/\r\nX-Injected: 1",
        "https://hooks.example.test/#part",
        "https://hooks.example.test/" + "x" * 2048,
    ],
)
def test_an_address_that_may_not_be_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_destination(url=url)

    assert "url" in refused.value.message_dict
    assert not Destination.objects.exists()


@pytest.mark.parametrize("method", ["TRACE", "GET", "DELETE", "post", "POST\r\nX: 1"])
def test_other_methods_are_refused_by_name(method: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_destination(method=method)

    assert "method" in refused.value.message_dict
    assert not Destination.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Key": "a\r\nX-Injected: 1"},
        {"X-Key": "a\nb"},
        {"X-Key": "a\x00b"},
        {"X-Key": "ü"},
        {"X-Key": " a"},
        {"X-Key": ""},
        {"X-Key": 7},
        {"X Key": "a"},
        {"X-Key\r\nX-Injected": "a"},
        {"X-Key:": "a"},
        {"": "a"},
        {"Host": "elsewhere.example"},
        {"content-length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"X-Event-Id": "mine"},
        {"Webhook-Signature": "v1,mine"},
        {f"X-{number}": "a" for number in range(21)},
        ["X-Key"],
    ],
)
def test_a_header_that_could_inject_or_pass_for_ours_is_refused(headers: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Destination(name="d", url="https://hooks.example.test/", headers=headers).full_clean()

    assert "headers" in refused.value.message_dict


@pytest.mark.parametrize("name", ["type", "cursor", "uid", "content_type"])
def test_nothing_of_an_event_gets_out_of_its_header(receiver: Receiver, name: str) -> None:
    values: dict[str, Any] = {name: "a\r\nX-Injected: 1"}
    (delivery,) = queue(make_destination(receiver), **values)

    pump()

    assert receiver.taken == []
    assert states([delivery]) == ["FAILED"]


def test_own_headers_are_sent_and_not_shown(receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(
        401, f"bad key {taken.headers['authorization']}, password=of-theirs".encode(), {"Set-Cookie": "sid=of-theirs"}
    )
    (delivery,) = queue(make_destination(receiver, headers={"Authorization": "Bearer key-of-theirs"}))

    pump()

    attempt = Attempt.objects.get(delivery=delivery)
    assert receiver.header("Authorization") == ["Bearer key-of-theirs"]
    assert attempt.request["headers"]["Authorization"] == "•••"
    assert "of-theirs" not in str(attempt.answer) + str(attempt.request) + attempt.note
