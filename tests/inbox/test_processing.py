"""From a kept webhook to a read resource, with the drain loop and without a broker."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from integrations.core.drain import drain
from integrations.core.errors import NotFound, Paused, PermanentError, SystemFailing, TransientError
from integrations.core.platforms import Notice
from integrations.core.work import WorkState
from integrations.inbox import jobs, services
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh
from tests.echo_platform import EchoAdapter
from tests.factories import make_received, make_source

pytestmark = pytest.mark.django_db


def received(**body: object) -> ReceivedWebhook:
    return make_received(body=json.dumps(body).encode())


def process_all() -> None:
    drain(ReceivedWebhook, jobs.process)


def refresh_all() -> None:
    ResourceRefresh.objects.filter(state=WorkState.DUE).update(due_at=timezone.now())
    drain(ResourceRefresh, jobs.refresh)


def test_a_notice_marks_its_resource_wanted_and_ends_the_row(echo: EchoAdapter) -> None:
    row = received(id="s1", verb="finished")

    process_all()

    row.refresh_from_db()
    assert (row.state, row.resource_type, row.resource_id, row.verb) == ("DONE", "Thing", "s1", "finished")
    refresh = ResourceRefresh.objects.get()
    assert (refresh.state, refresh.resource_id, refresh.correlation_id) == ("DUE", "s1", row.correlation_id)


def test_many_notices_of_one_resource_make_one_read(echo: EchoAdapter) -> None:
    source = make_source()
    for _ in range(40):
        make_received(source=source, body=b'{"id": "s1"}')

    process_all()
    drain(ResourceRefresh, jobs.refresh)

    assert len(echo.orders) == 1
    assert ReceivedWebhook.objects.filter(state=WorkState.DONE).count() == 40


def test_a_second_read_waits_for_the_pace(echo: EchoAdapter) -> None:
    row = received(id="s1")
    process_all()
    drain(ResourceRefresh, jobs.refresh)

    services.want_resources(row.source.connection_id, jobs_notice(), now=timezone.now())
    drain(ResourceRefresh, jobs.refresh)

    refresh = ResourceRefresh.objects.get()
    assert len(echo.orders) == 1
    assert refresh.state == WorkState.DUE
    assert timedelta(seconds=3) < refresh.due_at - timezone.now() <= jobs.PACE


def jobs_notice() -> list[Notice]:
    return [Notice("Thing", "s1", "updated")]


def in_pace(sent: list[tuple[str, float]]) -> list[bool]:
    """Whether each hint for a read comes when the pace allows the read."""
    return [3 < countdown <= jobs.PACE.total_seconds() for task, countdown in sent if task == services.REFRESH_TASK]


def test_a_wish_within_the_pace_is_hinted_for_when_the_pace_allows_it(
    echo: EchoAdapter,
    waits: list[tuple[str, float]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = received(id="s1")
    process_all()
    drain(ResourceRefresh, jobs.refresh)

    with django_capture_on_commit_callbacks(execute=True):
        services.want_resources(row.source.connection_id, jobs_notice(), now=timezone.now())

    assert in_pace(waits) == [True]


def test_a_wish_during_the_read_is_hinted_for_when_the_pace_allows_it(
    echo: EchoAdapter,
    waits: list[tuple[str, float]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = received(id="s1")
    process_all()
    connection_id = row.source.connection_id
    echo.during_fetch = lambda: services.want_resources(connection_id, jobs_notice(), now=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        drain(ResourceRefresh, jobs.refresh)

    assert in_pace(waits) == [True]


def test_wishes_for_new_resources_are_hinted_once_and_at_once(
    echo: EchoAdapter,
    waits: list[tuple[str, float]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    notices = [Notice("Thing", f"s{number}", "updated") for number in range(3)]

    with django_capture_on_commit_callbacks(execute=True):
        services.want_resources(make_source().connection_id, notices, now=timezone.now())

    assert waits == [(services.REFRESH_TASK, 0.0)]


def test_a_webhook_in_the_middle_of_its_fetch_makes_another_read(echo: EchoAdapter) -> None:
    row = received(id="s1")
    process_all()

    def arrives() -> None:
        services.want_resources(row.source.connection_id, jobs_notice(), now=timezone.now())
        echo.during_fetch = None

    echo.during_fetch = arrives
    drain(ResourceRefresh, jobs.refresh)
    refresh_all()

    assert len(echo.orders) == 2
    assert ResourceRefresh.objects.get().state == WorkState.DONE


@pytest.mark.parametrize(
    ("body", "state", "note"),
    [
        (b"not json", "FAILED", "not JSON"),
        (b"[1]", "FAILED", "not an object"),
        (b'{"id": "1", "verb": "unwanted"}', "SKIPPED", "Nobody wants"),
        (b'{"verb": "crash"}', "FAILED", "a bug"),
    ],
)
def test_what_is_not_processed_says_why_and_asks_for_no_read(
    echo: EchoAdapter, body: bytes, state: str, note: str
) -> None:
    row = make_received(body=body)

    process_all()

    row.refresh_from_db()
    assert row.state == state
    assert note in row.note
    assert not ResourceRefresh.objects.exists()


def test_a_webhook_that_carries_its_facts_is_taken(echo: EchoAdapter) -> None:
    row = received(whole=True)

    process_all()

    row.refresh_from_db()
    assert [taken.id for taken in echo.taken] == [row.pk]
    assert row.note == "taken"


def read_with(echo: EchoAdapter, *errors: object) -> ResourceRefresh:
    received(id="s1")
    process_all()
    echo.fails = list(errors)  # type: ignore[arg-type]  # errors of one test
    drain(ResourceRefresh, jobs.refresh)
    return ResourceRefresh.objects.get()


def test_a_transient_failure_is_tried_again(echo: EchoAdapter) -> None:
    refresh = read_with(echo, TransientError("503", retry_after=30))

    assert (refresh.state, refresh.note) == (WorkState.DUE, "503")
    assert refresh.due_at > timezone.now() + timedelta(seconds=25)
    refresh_all()
    assert ResourceRefresh.objects.get().state == WorkState.DONE


def test_a_permanent_failure_ends_the_read_with_its_sentence(echo: EchoAdapter) -> None:
    refresh = read_with(echo, PermanentError("Not authorized to read object"))

    assert (refresh.state, refresh.note) == (WorkState.FAILED, "Not authorized to read object")
    refresh_all()
    assert len(echo.orders) == 1


def test_a_paused_connection_counts_no_attempt(echo: EchoAdapter) -> None:
    refresh = read_with(echo, Paused("paused"))

    assert (refresh.state, refresh.attempts, refresh.note) == (WorkState.DUE, 0, "paused")


def test_a_read_of_a_system_that_is_left_alone_counts_no_attempt_and_waits_for_the_next_try(echo: EchoAdapter) -> None:
    refresh = read_with(echo, SystemFailing("failing since 12:03", retry_after=8))

    assert (refresh.state, refresh.attempts, refresh.retry_since) == (WorkState.DUE, 0, None)
    assert refresh.note == "failing since 12:03"
    assert timedelta(seconds=6) < refresh.due_at - timezone.now() <= timedelta(seconds=8)


def test_a_resource_that_is_not_there_yet_follows_the_platforms_schedule(echo: EchoAdapter) -> None:
    refresh = read_with(echo, *[NotFound("No such thing.")] * 3)
    waits = [refresh.due_at - timezone.now()]
    refresh_all()
    waits.append(ResourceRefresh.objects.get().due_at - timezone.now())
    refresh_all()

    refresh = ResourceRefresh.objects.get()
    assert [round(wait.total_seconds()) for wait in waits] == [2, 10]
    assert refresh.state == WorkState.FAILED
    assert "tried 3 times" in refresh.note


def test_a_bug_in_a_platform_fails_the_read_and_not_the_worker(echo: EchoAdapter) -> None:
    refresh = read_with(echo, RuntimeError("a bug"))

    assert refresh.state == WorkState.FAILED
    assert "RuntimeError: a bug" in refresh.note


def test_a_replay_is_fetched_as_one(echo: EchoAdapter) -> None:
    row = received(id="s1")
    process_all()
    drain(ResourceRefresh, jobs.refresh)

    assert services.replay(ReceivedWebhook.objects.filter(pk=row.pk), now=timezone.now()) == 1
    process_all()
    refresh_all()

    assert [order.replay for order in echo.orders] == [False, True]
    assert not ResourceRefresh.objects.get().replay


def test_a_webhook_without_its_body_is_not_replayed(echo: EchoAdapter) -> None:
    row = make_received(body_deleted=True, state=WorkState.DONE)

    assert services.replay(ReceivedWebhook.objects.all(), now=timezone.now()) == 0

    row.refresh_from_db()
    assert row.state == WorkState.DONE
