from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.core.drain import drain, sweep
from integrations.core.work import Claim, WorkState
from integrations.inbox.models import ReceivedWebhook
from integrations.schedules import jobs
from integrations.schedules.models import Heartbeat, RetentionRule, ScheduledJob
from integrations.schedules.retention import apply_retention, ensure_rules
from integrations.schedules.tasks import tick
from tests.factories import make_received

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran() -> Iterator[list[str]]:
    """A registered job that notes each of its runs."""
    names: list[str] = []

    def run(claim: Claim) -> str:
        names.append(claim.row.name)
        return "did it"

    jobs.register("test", label="Test", every=timedelta(minutes=15), run=run)
    yield names
    del jobs._jobs["test"]


def test_a_job_runs_when_due_and_is_due_again_after_its_interval(ran: list[str]) -> None:
    jobs.ensure_rows()

    drain(ScheduledJob, jobs.run_job)
    drain(ScheduledJob, jobs.run_job)

    row = ScheduledJob.objects.get(name="test")
    assert ran == ["test"]
    assert (row.state, row.note) == (WorkState.DUE, "did it")
    assert timedelta(minutes=14) < row.due_at - timezone.now() <= timedelta(minutes=15)


def test_a_job_that_fails_runs_again_next_time() -> None:
    def run(_claim: Claim) -> str:
        raise RuntimeError("broken")

    jobs.register("broken", label="Broken", every=timedelta(minutes=1), run=run)
    jobs.ensure_rows()
    try:
        drain(ScheduledJob, jobs.run_job)
    finally:
        del jobs._jobs["broken"]

    row = ScheduledJob.objects.get(name="broken")
    assert row.state == WorkState.DUE
    assert "RuntimeError: broken" in row.note


def test_a_job_that_no_longer_exists_is_skipped() -> None:
    ScheduledJob.objects.create(name="gone")

    drain(ScheduledJob, jobs.run_job)

    assert ScheduledJob.objects.get(name="gone").state == WorkState.SKIPPED


@pytest.mark.django_db(transaction=True)
def test_the_tick_beats_and_hints_what_is_due(hints: list[str]) -> None:
    make_received()

    tick()

    assert "inbox.process" in hints
    assert Heartbeat.objects.get().name == "worker"


def test_nothing_due_hints_nothing() -> None:
    assert sweep() == []


def old_row(days: int) -> ReceivedWebhook:
    return make_received(state=WorkState.DONE, received_at=timezone.now() - timedelta(days=days), body=b"private")


def run_retention() -> str:
    row = ScheduledJob.objects.create(name="r")
    claim = ScheduledJob.objects.claim(row.pk, now=timezone.now())
    assert claim is not None
    return apply_retention(claim)


def test_retention_empties_old_bodies_then_deletes_old_rows() -> None:
    young, older, oldest = old_row(1), old_row(40), old_row(400)

    told = run_retention()

    young.refresh_from_db()
    older.refresh_from_db()
    assert (bytes(young.body), young.body_deleted) == (b"private", False)
    assert (bytes(older.body), older.body_deleted) == (b"", True)
    assert not ReceivedWebhook.objects.filter(pk=oldest.pk).exists()
    assert "Received webhooks: 1" in told


def test_the_days_of_a_kind_can_be_set() -> None:
    ensure_rules()
    RetentionRule.objects.filter(kind="inbox.body").update(days=60)
    row = old_row(40)

    run_retention()

    row.refresh_from_db()
    assert not row.body_deleted


def test_what_still_waits_is_never_deleted() -> None:
    row = make_received(received_at=timezone.now() - timedelta(days=900), body=b"x")

    run_retention()

    row.refresh_from_db()
    assert bytes(row.body) == b"x"
