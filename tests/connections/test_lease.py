"""A client that works for a claim keeps its lease, and sends nothing when it is lost."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations.connections import client, services
from integrations.core import clock
from integrations.core.errors import TransientError, Unsure
from integrations.core.work import Claim, LeaseLost
from integrations.schedules.models import ScheduledJob
from tests.connections.conftest import Make
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim() -> Claim:
    job = ScheduledJob.objects.create(name="some.job")
    claimed = ScheduledJob.objects.all().claim(job.pk, now=clock.now())
    assert claimed is not None
    return claimed


@pytest.fixture
def read(connect: Make, record: RunningRecord, claim: Claim) -> Callable[..., Any]:
    """Read an order on behalf of the claim."""
    record.control.add_order("WO-1")
    opened = services.open_client(connect(credentials={"token": BEARER_TOKEN}), claim=claim)
    return lambda **options: opened.request("GET", "/api/orders/WO-1", **options)


def test_a_fresh_lease_costs_no_query(
    read: Callable[..., Any], claim: Claim, django_assert_num_queries: Callable[[int], Any]
) -> None:
    read()  # notes the connection's health, once

    until = claim.until
    with django_assert_num_queries(0):
        read()

    assert claim.until == until


def test_a_lease_that_runs_down_is_renewed_before_the_send(read: Callable[..., Any], claim: Claim) -> None:
    claim.until = clock.now() + timedelta(seconds=40)

    read()

    assert claim.seconds_left(now=clock.now()) > 55
    claim.row.refresh_from_db()
    assert claim.row.due_at == claim.until


def test_with_a_lost_lease_nothing_is_sent(read: Callable[..., Any], claim: Claim, record: RunningRecord) -> None:
    claim.until = clock.now()
    ScheduledJob.objects.update(claim_token=None)

    with pytest.raises(LeaseLost):
        read()

    assert record.control.state.log.total == 0


def test_a_worker_that_was_stopped_after_it_renewed_sends_nothing_when_its_lease_has_ended(
    read: Callable[..., Any], claim: Claim, record: RunningRecord, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WORK_LEASE_SECONDS = 0.2
    claim.until = clock.now()
    renew = client.renew_if_needed

    def stopped(claim: Claim) -> float:
        ends = renew(claim)
        time.sleep(0.3)
        return ends

    monkeypatch.setattr(client, "renew_if_needed", stopped)

    with pytest.raises(TransientError, match=r"time was up|Nothing was sent"):
        read()

    assert record.control.state.log.total == 0


def test_a_request_takes_less_than_the_lease(
    connect: Make, record: RunningRecord, claim: Claim, settings: Settings
) -> None:
    settings.WORK_LEASE_SECONDS = 0.6
    record.control.add_order("WO-1")
    record.control.fault("slow", delay=3.0)
    opened = services.open_client(connect(credentials={"token": BEARER_TOKEN}), claim=claim)

    with pytest.raises(TransientError):
        opened.request("GET", "/api/orders/WO-1", timeout=100)
    with pytest.raises(Unsure):
        opened.request("PATCH", "/api/orders/WO-1", json={"status": "done"})

    assert opened.timeout < settings.WORK_LEASE_SECONDS
