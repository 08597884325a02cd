"""The page that replays a time range: it says what is meant before anything happens, and a worker does it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.inbox import replays
from integrations.inbox.models import ReceivedWebhook, Replay
from tests.desk.people import signed_in
from tests.factories import make_received, make_source

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASK = reverse("admin:inbox_replay_ask")
RANGE = {"start": "2026-03-01T00:00", "end": "2026-03-02T00:00", "which": "failed", "source": ""}


def make_log() -> list[ReceivedWebhook]:
    source = make_source()
    states = [WorkState.FAILED, WorkState.FAILED, WorkState.DONE]
    return [make_received(source=source, state=state, received_at=NOON) for state in states]


def test_received_leads_to_it_for_those_who_may_replay() -> None:
    link = f'href="{ASK}"'.encode()
    received = reverse("admin:inbox_receivedwebhook_changelist")

    assert link in signed_in("Operator").get(received).content
    assert link not in signed_in("Viewer").get(received).content


def test_it_says_how_many_and_what_will_happen_and_does_nothing_yet(admin_client: Client) -> None:
    make_log()

    failed = admin_client.get(ASK, RANGE)
    everything = admin_client.get(ASK, RANGE | {"which": "all"})

    assert b"2 webhooks are processed again" in failed.content
    assert everything.context["total"] == 3
    assert dict(map(reversed, everything.context["counts"])) == {"done": 1, "failed": 2}
    assert not Replay.objects.exists()


def test_it_is_begun_by_a_press_and_done_by_a_worker() -> None:
    failed, *_rest = make_log()
    client = signed_in("Operator")

    answer = client.post(ASK, RANGE)
    begun = Replay.objects.get()
    untouched = set(ReceivedWebhook.objects.values_list("replays", flat=True))
    drain(Replay, replays.run)
    page = client.get(answer["Location"])

    assert (begun.total, begun.asked_by, begun.only_failed) == (2, "someone-operator", True)
    assert untouched == {0}
    assert b"2 of 2" in page.content
    assert b"2 webhooks were handed over" in page.content
    failed.refresh_from_db()
    assert (failed.state, failed.replays) == (WorkState.DUE, 1)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"end": "2026-03-01T00:00"}, b"The end must be after the start."),
        ({"start": "yesterday"}, b"Enter a valid date/time."),
        ({"source": "0"}, b"Select a valid choice"),
    ],
)
def test_a_range_that_cannot_be_meant_is_refused(admin_client: Client, wrong: dict[str, str], told: bytes) -> None:
    make_log()

    asked = admin_client.get(ASK, RANGE | wrong)
    posted = admin_client.post(ASK, RANGE | wrong)

    assert told in asked.content
    assert told in posted.content
    assert not Replay.objects.exists()


def test_who_may_not_replay_cannot_ask_stop_or_go_on() -> None:
    make_log()
    replay = Replay(start=NOON, end=NOON + timedelta(hours=1), asked_by="olga")
    replays.start(replay)
    client = signed_in("Viewer")

    answers = [client.get(ASK), client.post(ASK, RANGE)]
    answers += [client.post(reverse("admin:inbox_replay_do", args=[replay.pk, name])) for name in ("stop", "go_on")]

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert Replay.objects.count() == 1
    assert Replay.objects.get().stopped_by == ""


def test_a_running_one_is_stopped_and_goes_on() -> None:
    make_log()
    replay = Replay(start=NOON, end=NOON + timedelta(hours=1), asked_by="olga")
    replays.start(replay)
    client = signed_in("Operator")
    page = reverse("admin:inbox_replay_change", args=[replay.pk])
    before = client.get(page).content

    client.post(reverse("admin:inbox_replay_do", args=[replay.pk, "stop"]))
    drain(Replay, replays.run)
    stopped = client.get(page).content
    client.post(reverse("admin:inbox_replay_do", args=[replay.pk, "go_on"]))
    drain(Replay, replays.run)
    ended = client.get(page).content

    assert b"data-live" in before
    assert b"Stopped by someone-operator." in stopped
    assert b"data-live" not in stopped
    assert b"Go on" in stopped
    assert b"2 of 2" in ended
    assert b"Go on" not in ended
