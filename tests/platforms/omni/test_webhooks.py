"""Events that come by webhook, through the house's one door for requests."""

import json
from typing import Any

import pytest
import requests

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.drain import drain_batches
from integrations.core.platforms import InvalidSignature, adapter_of
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.events.sequencer import sequence_all
from integrations.inbox.asgi import application, close
from integrations.inbox.models import ReceivedWebhook, Verification, WebhookSource
from integrations.inbox.processing import process_all
from integrations.inbox.services import replay
from integrations.platforms.omni.models import State, Subscription
from tests.factories import make_source
from tests.platforms.omni.conftest import Following, make_omni
from tests.simulators.running import RunningOmni
from tests.simulators.serving import Served

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(db: None, platform: RunningOmni) -> WebhookSource:
    connection = make_omni(platform, receive="webhook", event_types=["roi"])
    return make_source(connection=connection, verification=Verification.ADDRESS)


def received(source: WebhookSource, body: Any) -> ReceivedWebhook:
    """One webhook as the platform sends it, processed."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    row = ReceivedWebhook.objects.create(source=source, body=data, body_size=len(data), correlation_id="c")
    drain_batches(ReceivedWebhook, process_all, size=10)
    row.refresh_from_db()
    return row


def test_the_endpoint_there_sends_to_our_source(source: WebhookSource, platform: RunningOmni) -> None:
    following = Following(source.connection)
    following.step()

    (endpoint,) = platform.control.state.endpoints.values()
    assert (endpoint.type, endpoint.meta) == ("WEB_HOOK", {"url": source.address, "method": "POST"})
    assert following.state == State.LIVE
    assert platform.control.state.pushing.opened == []


def test_another_address_is_told_to_the_endpoint(source: WebhookSource, platform: RunningOmni) -> None:
    Following(source.connection).step()
    WebhookSource.objects.update(token="another")
    Following(source.connection).step()

    (endpoint,) = platform.control.state.endpoints.values()
    assert endpoint.meta["url"].endswith("/hooks/another/")


def test_without_a_source_it_says_what_is_missing(db: None, platform: RunningOmni) -> None:
    following = Following(make_omni(platform, receive="webhook"))
    following.step()

    assert (following.state, "add a source" in following.note) == (State.REFUSED, True)
    assert platform.control.changes() == []


def test_a_websocket_becomes_a_webhook_under_the_same_name(source: WebhookSource, platform: RunningOmni) -> None:
    Connection.objects.update(settings={})
    first = Following(Connection.objects.get(pk=source.connection_id))
    first.step()
    Connection.objects.update(settings={"receive": "webhook"})
    first.step(after=11)
    first.follower.close()

    (endpoint,) = platform.control.state.endpoints.values()
    (only,) = platform.control.state.filters.values()
    assert (endpoint.type, only.endpoints) == ("WEB_HOOK", [endpoint.id])


def test_an_event_is_taken_once_however_often_it_is_sent(source: WebhookSource, platform: RunningOmni) -> None:
    event = platform.control.happen("roi")

    first, second = received(source, event), received(source, event)

    assert (first.note, second.note) == ("1 new, 0 known before.", "0 new, 1 known before.")
    assert (first.resource_type, first.resource_id) == ("event", event["event"]["id"])
    assert str(Event.objects.get().uuid) == event["event"]["id"]


def test_a_list_of_events_is_taken_once_also_when_it_is_sent_again_or_replayed(
    source: WebhookSource, platform: RunningOmni
) -> None:
    batch = [platform.control.happen("roi") for _ in range(3)]

    first, second = received(source, batch), received(source, [*batch[1:], platform.control.happen("roi")])
    replay(ReceivedWebhook.objects.filter(pk=first.pk), now=clock.now())
    drain_batches(ReceivedWebhook, process_all, size=10)
    first.refresh_from_db()

    assert second.note == "1 new, 2 known before."
    assert (first.state, first.note) == (WorkState.DONE, "0 new, 3 known before.")
    assert Event.objects.count() == 4


def test_what_one_event_lacks_does_not_hold_up_the_others(source: WebhookSource, platform: RunningOmni) -> None:
    good = [platform.control.happen("roi") for _ in range(2)]
    batch = [good[0], platform.control.happen("har"), {"type": "roi", "event": {"id": "x"}, "camera": {}}, good[1]]

    row = received(source, batch)

    assert row.state == WorkState.FAILED
    assert row.note.startswith("Event 3: ")
    assert row.note.endswith(" 2 new, 0 known before.")
    taken = {str(uuid) for uuid in Event.objects.values_list("uuid", flat=True)}
    assert taken == {each["event"]["id"] for each in good}


def test_through_the_door_an_event_is_in_the_log_once(
    transactional_db: None, source: WebhookSource, platform: RunningOmni
) -> None:
    """The address, the row, the log: the straight line of a webhook, which the platform sends twice."""
    batch = [platform.control.happen("roi")]

    with Served([(application, 0)]) as door:
        sent = [requests.post(f"{door.urls[0]}/hooks/{source.token}/", json=batch, timeout=10) for _ in range(2)]
    close()
    drain_batches(ReceivedWebhook, process_all, size=10)
    sequence_all()

    assert [each.status_code for each in sent] == [200, 200]

    event = Event.objects.get()
    assert (event.seq, event.type, event.reason) == (1, "roi", "live")
    assert sorted(ReceivedWebhook.objects.values_list("note", flat=True)) == [
        "0 new, 1 known before.",
        "1 new, 0 known before.",
    ]


def test_read_by_the_api_then_pushed_is_kept_once(source: WebhookSource, platform: RunningOmni) -> None:
    """A backfill may be faster than the push; its body is rebuilt, and never the same."""
    event = platform.control.happen("roi")
    Following(source.connection).step()

    row = received(source, event)

    assert (row.state, row.note) == (WorkState.DONE, "0 new, 1 known before.")
    assert Event.objects.count() == 1


def test_what_is_not_wanted_is_left_out(source: WebhookSource, platform: RunningOmni) -> None:
    row = received(source, platform.control.happen("har"))

    assert (row.state, "Not one of the events" in row.note) == (WorkState.SKIPPED, True)
    assert not Event.objects.exists()


@pytest.mark.parametrize("body", [b"\xff", b"null", b"7", {"type": "roi"}, {"type": "roi", "event": {"id": "x"}}, [[]]])
def test_what_is_no_event_fails_with_a_reason(source: WebhookSource, body: Any) -> None:
    row = received(source, body)

    assert row.state in (WorkState.FAILED, WorkState.SKIPPED)
    assert row.note
    assert not Event.objects.exists()


def test_pushed_then_read_again_is_kept_once(source: WebhookSource, platform: RunningOmni) -> None:
    event = platform.control.happen("roi")
    received(source, event)

    Following(source.connection).step()

    assert [str(uuid) for uuid in Event.objects.values_list("uuid", flat=True)] == [event["event"]["id"]]
    assert Subscription.objects.get().found_later == 0


def test_the_vendor_signs_nothing() -> None:
    with pytest.raises(InvalidSignature, match="address only"):
        adapter_of("omni").verify(None, secrets=["x"])  # type: ignore[arg-type]  # it is not looked at
