"""A claimed row comes with the related rows that its run needs, whichever way it was claimed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.core.work import Claim, Work, rows_of
from integrations.inbox.models import ResourceRefresh, WebhookRelay
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.platforms.worklink.models import CallSession, PhotoDownload, ScenarioSession
from integrations.sync.models import RecordLane
from tests.factories import make_connection, make_received

pytestmark = pytest.mark.django_db


def photo(**parent: Any) -> PhotoDownload:
    return PhotoDownload.objects.create(event_id="e1", url="https://cms.example.test/1", **parent)


def stored() -> dict[str, Any]:
    return {"connection": make_connection(), "resource_id": "r1", "read_at": timezone.now()}


KINDS: dict[str, tuple[Callable[[], Work], Callable[[Any], object]]] = {
    "webhook": (make_received, lambda row: row.source.connection.platform),
    "read": (
        lambda: ResourceRefresh.objects.create(connection=make_connection(), resource_type="T", resource_id="1"),
        lambda row: row.connection.platform,
    ),
    "relay": (
        lambda: WebhookRelay.objects.create(webhook=make_received()),
        lambda row: (bytes(row.webhook.body), row.webhook.source.relay_url),
    ),
    "lane": (
        lambda: RecordLane.objects.create(connection=make_connection(), record_key="1"),
        lambda row: row.connection.platform,
    ),
    "feed": (
        lambda: WorkOrderFeed.objects.create(connection=make_connection(), external_id="id"),
        lambda row: row.connection.platform,
    ),
    "photo of a session": (
        lambda: photo(session=ScenarioSession.objects.create(**stored())),
        lambda row: row.parent.connection.platform,
    ),
    "photo of a call": (
        lambda: photo(call=CallSession.objects.create(**stored())),
        lambda row: row.parent.connection.platform,
    ),
}


def by_number(row: Work) -> Claim:
    claim = rows_of(type(row)).claim(row.pk, now=timezone.now())
    assert claim is not None
    return claim


def as_the_longest_due(row: Work) -> Claim:
    (claim,) = rows_of(type(row)).claim_due(now=timezone.now())
    return claim


@pytest.mark.parametrize("claimed", [by_number, as_the_longest_due])
@pytest.mark.parametrize("kind", KINDS)
def test_a_claimed_row_needs_no_further_query_for_its_run(
    kind: str, claimed: Callable[[Work], Claim], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make, needs = KINDS[kind]
    claim = claimed(make())

    with django_assert_num_queries(0):
        assert needs(claim.row)
