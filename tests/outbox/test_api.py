"""Deliveries by the API: what a program may read and ask for."""

from typing import Any

import pytest
from django.test import Client

from integrations.core.drain import drain
from integrations.outbox.models import Delivery, Resend
from integrations.outbox.services import resending
from tests.api.calling import Call, caller
from tests.outbox.making import make_destination, pump, queue, states
from tests.simulators.receiver import Receiver, Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client: Client) -> Call:
    return caller(client)


@pytest.fixture
def sent(receiver: Receiver) -> list[Delivery]:
    """Two deliveries: the first was refused, the second taken."""
    receiver.script = [Reply(400, b"no such field", {"X-Reason": "field"})]
    made = queue(make_destination(receiver), count=2)
    pump()
    return made


def listed(answer: Any) -> list[int]:
    return [row["id"] for row in answer.json()["results"]]


def test_deliveries_are_found_by_state_event_and_work_order(call: Call, sent: list[Delivery]) -> None:
    first, second = sent

    assert listed(call("get", "/api/v1/deliveries/?state=FAILED&state=EXPIRED")) == [first.pk]
    assert listed(call("get", f"/api/v1/deliveries/?event_id={second.message.uid}")) == [second.pk]
    assert listed(call("get", "/api/v1/deliveries/?work_order=7")) == [second.pk, first.pk]
    assert listed(call("get", "/api/v1/deliveries/?work_order=8")) == []


def test_a_delivery_shows_its_attempts_and_its_body_only_with_the_scope(
    call: Call, client: Client, sent: list[Delivery]
) -> None:
    address = f"/api/v1/deliveries/{sent[0].pk}/"

    whole = call("get", address).json()
    without = caller(client, "deliveries:read")("get", address).json()

    (attempt,) = whole["attempt_log"]
    assert (attempt["status"], attempt["answer_headers"]["X-Reason"]) == (400, "field")
    assert (whole["body"], without["body"]) == (sent[0].message.body, None)


def test_one_is_sent_again_and_what_waits_is_left_alone(call: Call, sent: list[Delivery], receiver: Receiver) -> None:
    address = f"/api/v1/deliveries/{sent[0].pk}/resend/"

    first, again = call("post", address), call("post", address)
    pump()

    assert (first.status_code, first.json()["state"]) == (202, "WAITING")
    assert (again.status_code, again.json()["code"]) == (409, "not_resendable")
    assert states(sent) == ["DELIVERED", "DELIVERED"]
    assert len(receiver.taken) == 3


def test_a_range_is_a_job_whose_progress_can_be_asked_for(call: Call, sent: list[Delivery], receiver: Receiver) -> None:
    asked = {"created_since": "2020-01-01T00:00:00Z", "created_before": "2100-01-01T00:00:00Z", "everything": True}

    accepted = call("post", "/api/v1/delivery-resends/", asked)
    drain(Resend, resending.run)
    pump()

    assert (accepted.status_code, accepted.json()["total"]) == (202, 2)
    assert call("get", accepted.json()["url"]).json()["state"] == "DONE"
    assert receiver.header("X-Event-Id")[2:] == [each.message.uid for each in sent]
    assert call("post", accepted.json()["url"] + "stop/").json()["code"] == "already_ended"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"deliveries": [999_999]}, "deliveries"),
        ({"deliveries": [1], "everything": True}, "deliveries"),
        ({"created_since": "2026-03-02T00:00:00Z", "created_before": "2026-03-01T00:00:00Z"}, "created_before"),
        (
            {
                "created_since": "2026-03-01T00:00:00Z",
                "created_before": "2026-03-02T00:00:00Z",
                "destination": 999_999,
            },
            "destination",
        ),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(call: Call, asked: dict[str, Any], field: str) -> None:
    answer = call("post", "/api/v1/delivery-resends/", asked)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Resend.objects.exists()
