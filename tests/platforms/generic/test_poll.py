from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.connections.services import check
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.platforms.generic import jobs, polling, services
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.workorders.models import ExternalId, WorkOrder
from tests.platforms.generic.conftest import make_feed, poll
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db
QUERY = """
query ($since: String, $offset: Int) {
  orders(updatedSince: $since, offset: $offset, limit: 2) { nodes { number asset } }
}
"""


def fill(record: RunningRecord, count: int) -> None:
    for number in range(count):
        record.control.add_order(f"WO-{number}", asset=f"Pump {number}")


def poll_again(feed: WorkOrderFeed) -> WorkOrderFeed:
    services.poll_now(WorkOrderFeed.objects.all(), now=timezone.now())
    return poll(feed)


def test_every_page_of_what_changed_becomes_work_orders(record: RunningRecord, feed: WorkOrderFeed) -> None:
    fill(record, 5)

    after = poll(feed)

    assert set(ExternalId.objects.values_list("external_id", flat=True)) == {f"WO-{number}" for number in range(5)}
    assert after.note == "5 work orders: 5 new, 0 changed, 0 as known."
    assert (after.state, after.position, after.attempts) == (WorkState.DUE, {}, 0)
    assert after.since is not None
    assert after.due_at > timezone.now() + timedelta(minutes=14)


def test_the_next_poll_reads_from_the_watermark_and_takes_only_what_changed(
    record: RunningRecord, feed: WorkOrderFeed
) -> None:
    fill(record, 2)
    first = poll(feed)
    record.control.change_order("WO-1", asset="Pump 9")
    before = Event.objects.count()

    after = poll_again(feed)

    assert after.note == "2 work orders: 0 new, 1 changed, 1 as known."
    assert Event.objects.count() == before + 1
    assert after.since is not None
    assert first.since is not None
    assert after.since > first.since


def test_a_poll_that_was_interrupted_goes_on_where_it_stopped(record: RunningRecord, feed: WorkOrderFeed) -> None:
    fill(record, 5)
    record.control.fault("status", status=503, after=1, times=1)

    interrupted = poll(feed)
    pages_before = asked(record)
    after = poll_again(feed)

    assert interrupted.note.startswith("The poll was interrupted and goes on where it stopped")
    assert (interrupted.since, interrupted.position["page"]["cursor"]) == (None, 2)
    assert asked(record) - pages_before == 2
    assert after.note == "5 work orders: 5 new, 0 changed, 0 as known."
    assert (after.failing_since, after.since.isoformat() if after.since else "") == (
        None,
        interrupted.position["started_at"],
    )


def test_a_long_list_is_read_in_several_turns(
    record: RunningRecord, feed: WorkOrderFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PAGES_A_TURN", 1)
    fill(record, 5)

    assert poll(feed).note == "5 work orders: 5 new, 0 changed, 0 as known."


def test_a_worker_that_died_in_the_middle_loses_nothing(record: RunningRecord, feed: WorkOrderFeed) -> None:
    fill(record, 5)
    claim = WorkOrderFeed.objects.claim(feed.pk, now=timezone.now())
    assert claim is not None
    jobs._hold(claim, position=jobs._stored(jobs._position(feed) | {"page": polling.Page(since="", cursor=4)}))
    WorkOrderFeed.objects.update(due_at=timezone.now() - timedelta(seconds=1))  # its lease ends

    after = poll(feed)

    assert list(ExternalId.objects.values_list("external_id", flat=True)) == ["WO-4"]
    assert (after.state, after.deaths) == (WorkState.DUE, 0)


def asked(record: RunningRecord) -> int:
    return record.control.state.log.total


def test_graphql_is_polled_by_offset(record: RunningRecord) -> None:
    fill(record, 3)
    feed = make_feed(base_url=record.url, items="orders.nodes", fields={"asset": "asset"}, poll_document=QUERY)

    after = poll(feed)

    assert after.note == "3 work orders: 3 new, 0 changed, 0 as known."


def test_an_item_that_cannot_be_read_is_named_and_does_not_stop_the_others(
    record: RunningRecord, feed: WorkOrderFeed
) -> None:
    fill(record, 2)
    record.control.change_order("WO-0", asset={"name": "Pump"})

    after = poll(feed)

    assert [order.asset for order in WorkOrder.objects.all()] == ["Pump 1"]
    assert "1 could not be read" in after.note
    assert "WO-0: asset: A text or a number was expected, not an object" in after.note


def test_wrong_credentials_end_the_poll_and_the_next_one_comes(record: RunningRecord, feed: WorkOrderFeed) -> None:
    fill(record, 1)
    connection = feed.connection
    connection.credentials = {"token": "wrong"}
    connection.save()

    after = poll(feed)

    assert not WorkOrder.objects.exists()
    assert after.note.startswith("The poll failed; the next one starts anew")
    assert after.failing_since is not None
    assert after.since is None
    assert after.due_at > timezone.now() + timedelta(minutes=14)


def test_a_paused_connection_is_not_asked(record: RunningRecord, feed: WorkOrderFeed) -> None:
    connection = feed.connection
    connection.paused = True
    connection.save()

    after = poll(feed)

    assert (after.state, after.attempts) == (WorkState.DUE, 0)
    assert "paused" in after.note
    assert not WorkOrder.objects.exists()


def test_a_feed_without_a_poll_ends_skipped_until_one_is_entered(record: RunningRecord) -> None:
    feed = make_feed(base_url=record.url)
    assert poll(feed).state == WorkState.SKIPPED

    feed.poll_path = "/api/orders?updated_since={since}"
    feed.save()

    assert WorkOrderFeed.objects.get().state == WorkState.DUE


def test_saving_the_form_leaves_a_running_poll_alone(feed: WorkOrderFeed) -> None:
    shown = WorkOrderFeed.objects.get()
    claim = WorkOrderFeed.objects.claim(feed.pk, now=timezone.now())
    assert claim is not None

    shown.poll_minutes = 5
    shown.save()

    now = WorkOrderFeed.objects.get()
    assert (now.poll_minutes, now.state, now.claim_token) == (5, WorkState.RUNNING, claim.token)


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest", "http://127.0.0.1:1/", "//elsewhere.example/api"])
def test_a_next_page_elsewhere_is_not_asked(record: RunningRecord, address: str) -> None:
    fill(record, 1)
    feed = make_feed(base_url=record.url, poll_path="/api/orders?updated_since={since}", poll_next=f"'{address}'")

    after = poll(feed)

    assert "is not the host of this connection" in after.note
    assert (after.since, record.control.state.log.total) == (None, 1)


def test_test_connection_asks_the_check_path(record: RunningRecord, feed: WorkOrderFeed) -> None:
    connection = feed.connection
    connection.settings = {"check_path": "/api/orders"}

    assert check(connection).startswith("/api/orders answered 200")

    connection.settings = {"graphql_path": "/graphql"}
    assert check(connection) == "GraphQL at /graphql answered."
