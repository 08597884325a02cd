"""The pages of the outbox, as their users press the buttons."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from standardwebhooks import Webhook

from integrations.core import clock
from integrations.core.drain import drain
from integrations.desk import groups
from integrations.outbox import backlog
from integrations.outbox.models import Delivery, Destination, Resend
from integrations.outbox.services import resending
from tests.outbox.making import make_destination, pass_time, pump, queue, states
from tests.simulators.receiver import Receiver, Reply

pytestmark = pytest.mark.django_db


def url_of(name: str, *args: int | str) -> str:
    return reverse(f"admin:outbox_{name}", args=args)


def press(client: Client, kind: str, pk: int, button: str) -> str:
    return client.post(url_of(f"{kind}_do", pk, button), follow=True).content.decode()


def test_a_destination_shows_how_it_is_doing(admin_client: Client, receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(410)
    to = make_destination(receiver, name="Dispatch", secret="whsec_c2VjcmV0", headers={"X-Key": "of-theirs"})
    queue(to, count=25)
    pump()

    for url in (url_of("destination_changelist"), url_of("destination_change", to.pk)):
        page = admin_client.get(url).content.decode()
        assert "suspended" in page
        assert "Answered 410" in page
        assert ">5<" in page
        assert "c2VjcmV0" not in page
        assert "of-theirs" not in page


def test_the_test_button_sends_a_marked_message_and_shows_request_and_answer(
    admin_client: Client, receiver: Receiver
) -> None:
    receiver.otherwise = lambda taken: Reply(418, b"I am a teapot")
    to = make_destination(receiver)
    (waiting,) = queue(to)

    page = press(admin_client, "destination", to.pk, "test")

    (seen,) = receiver.taken
    sent = Delivery.objects.exclude(pk=waiting.pk).get()
    assert seen.headers["x-event-type"] == "fieldport.test"
    assert b'"test": true' in seen.body
    assert url_of("delivery_change", sent.pk) in page
    shown = admin_client.get(url_of("delivery_change", sent.pk)).content.decode()
    assert "I am a teapot" in shown
    assert "X-Event-Type: fieldport.test" in shown
    assert states([sent, waiting]) == ["FAILED", "WAITING"]


def test_a_test_that_is_taken_brings_a_suspended_destination_back(admin_client: Client, receiver: Receiver) -> None:
    receiver.otherwise = lambda taken: Reply(410)
    to = make_destination(receiver)
    sent = queue(to, count=22)
    pump()
    receiver.otherwise = lambda taken: Reply()

    press(admin_client, "destination", to.pk, "test")
    pump()

    assert states(sent)[20:] == ["DELIVERED", "DELIVERED"]
    assert Destination.objects.get().suspended_at is None


def test_a_new_secret_is_shown_once_and_signs(admin_client: Client, receiver: Receiver) -> None:
    to = make_destination(receiver)

    answer = admin_client.post(url_of("destination_secret", to.pk), {"secret": "", "hours": 0})
    queue(to)
    pump()

    secret = Destination.objects.get().secrets["current"]
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert secret not in admin_client.get(url_of("destination_change", to.pk)).content.decode()
    assert Webhook(secret).verify(receiver.taken[0].body, receiver.taken[0].headers)


def test_the_backlog_is_dropped_after_a_confirmation_that_counts_it(admin_client: Client, receiver: Receiver) -> None:
    to = make_destination(receiver, enabled=False)
    sent = queue(to, count=3)

    asked = admin_client.get(url_of("destination_drop", to.pk)).content.decode()
    before = states(sent)
    answer = admin_client.post(url_of("destination_drop", to.pk), follow=True).content.decode()

    assert "3 messages wait for" in asked
    assert before == ["WAITING"] * 3
    assert "3 deliveries were dropped." in answer
    assert states(sent) == ["DROPPED"] * 3


def test_own_headers_are_entered_by_line_and_a_wrong_one_is_named(admin_client: Client) -> None:
    to = make_destination()
    form = {"url": to.url, "method": "POST", "concurrency": 1, "connect_seconds": 5, "total_seconds": 10}
    change = url_of("destination_change", to.pk)

    refused = admin_client.post(change, form | {"own_headers": "Host: elsewhere"}).content.decode()
    unchanged = Destination.objects.get().headers
    taken = admin_client.post(change, form | {"own_headers": "X-Key: of-theirs\nX-Site: a: b"})
    kept = admin_client.post(change, form | {"own_headers": "", "concurrency": 2})

    assert "Host is set by Fieldport" in refused
    assert unchanged == {}
    assert (taken.status_code, kept.status_code) == (302, 302)
    assert Destination.objects.get().headers == {"X-Key": "of-theirs", "X-Site": "a: b"}
    assert Destination.objects.get().concurrency == 2


def test_a_form_does_not_overwrite_what_the_worker_writes(receiver: Receiver) -> None:
    to = make_destination(receiver)
    stale = Destination.objects.get(pk=to.pk)
    queue(to)
    pump()

    stale.concurrency = 3
    stale.save()

    to.refresh_from_db()
    assert (to.concurrency, to.last_status, to.state) == (3, 200, "DONE")


def test_disabling_holds_and_enabling_sends(admin_client: Client, receiver: Receiver) -> None:
    to = make_destination(receiver)
    press(admin_client, "destination", to.pk, "disable")
    (sent,) = queue(to)
    pump()
    meanwhile = list(receiver.taken)

    press(admin_client, "destination", to.pk, "enable")
    pump()

    assert meanwhile == []
    assert states([sent]) == ["DELIVERED"]


def test_try_now_does_not_wait_for_the_next_try(admin_client: Client, receiver: Receiver) -> None:
    receiver.script = [Reply(503, headers={"Retry-After": "3000"})]
    to = make_destination(receiver)
    first, second = queue(to, count=2)
    pump()

    press(admin_client, "destination", to.pk, "try_now")
    pump()

    assert states([first, second]) == ["RETRYING", "DELIVERED"]


def test_a_dead_letter_and_a_selection_are_sent_again(admin_client: Client, receiver: Receiver) -> None:
    receiver.script = [Reply(400), Reply(400), Reply(400)]
    sent = queue(make_destination(receiver), count=3)
    pump()
    dead = admin_client.get(url_of("delivery_changelist") + "?which=dead").content.decode()

    press(admin_client, "delivery", sent[1].pk, "send_one_again")
    pump()
    action = {"action": "send_again", "_selected_action": [sent[2].pk, sent[0].pk]}
    admin_client.post(url_of("delivery_changelist"), action)
    pump()

    assert all(each.message.uid in dead for each in sent)
    assert states(sent) == ["DELIVERED"] * 3
    again = [sent[1].message.uid, sent[0].message.uid, sent[2].message.uid]
    assert receiver.header("X-Event-Id")[3:] == again
    assert receiver.header("X-Delivery-Attempt")[3:] == ["2", "2", "2"]


def test_a_time_range_is_counted_and_then_sent_again_in_order(
    admin_client: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resending, "PORTION", 4)
    to = make_destination(receiver, enabled=False)
    sent = queue(to, count=10)
    pass_time(24 * 3600 + 1)
    backlog.expire()
    Destination.objects.update(enabled=True)
    start, end = (f"{clock.now() + timedelta(hours=by):%Y-%m-%dT%H:%M}" for by in (-1, 1))
    asked: dict[str, Any] = {"start": start, "end": end, "destination": to.pk, "which": "dead"}

    counted = admin_client.get(url_of("resend_ask"), asked).content.decode()
    admin_client.post(url_of("resend_ask"), asked)
    drain(Resend, resending.run)
    pump()

    assert "10 deliveries are queued again" in counted
    assert receiver.header("X-Event-Id") == [each.message.uid for each in sent]
    resend = Resend.objects.get()
    assert (resend.state, resend.total, resend.resent, resend.asked_by) == ("DONE", 10, 10, "admin")


def test_a_resend_waits_while_much_of_it_waits(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resending, "PORTION", 2)
    monkeypatch.setattr(resending, "WAITING_MAX", 2)
    to = make_destination(receiver)
    sent = queue(to, count=5)
    pump()
    asked = resending.named(to.workspace.pk, [each.pk for each in sent], by="Ann")
    resending.start(asked)

    drain(Resend, resending.run)

    assert states(sent) == ["WAITING", "WAITING", "DELIVERED", "DELIVERED", "DELIVERED"]
    assert "goes on" in Resend.objects.get().note


@pytest.mark.parametrize(
    ("group", "may"), [("Viewer", (403, 403, 403)), ("Operator", (200, 403, 403)), ("Integrator", (200, 200, 200))]
)
def test_who_may_what(client: Client, receiver: Receiver, group: str, may: tuple[int, ...]) -> None:
    groups.ship()
    user = User.objects.create_user("someone", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    to = make_destination(receiver)
    (sent,) = queue(to)
    pump()

    answers = (
        client.post(url_of("delivery_do", sent.pk, "send_one_again"), follow=True),
        client.post(url_of("destination_do", to.pk, "test"), follow=True),
        client.get(url_of("destination_secret", to.pk)),
    )

    assert tuple(answer.status_code for answer in answers) == may
    assert client.get(url_of("delivery_changelist")).status_code == 200
    assert len(receiver.taken) == (2 if may[1] == 200 else 1)
