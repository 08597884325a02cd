"""A feed, and a real system of record to poll."""

from typing import Any

import pytest

from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.platforms.generic import jobs
from integrations.platforms.generic.models import WorkOrderFeed
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord

PATH = "/api/orders?updated_since={since}&limit=2&offset={cursor}"


@pytest.fixture
def feed(record: RunningRecord) -> WorkOrderFeed:
    return make_feed(base_url=record.url, poll_path=PATH, poll_next="next_offset")


def make_feed(*, base_url: str = "https://record.example.test", **values: Any) -> WorkOrderFeed:
    account: dict[str, Any] = {"slug": "record", "name": "Record", "platform": "generic", "base_url": base_url}
    access: dict[str, Any] = {"auth_kind": "BEARER", "credentials": {"token": BEARER_TOKEN}, "rate_per_second": 500}
    connection = Connection.objects.create(**account | access)
    feed = WorkOrderFeed(
        connection=connection,
        **{
            "items": "items",
            "external_id": "number",
            "fields": {"asset": "asset", "site": "site", "status": "status", "closed": "closed"},
        }
        | values,
    )
    feed.full_clean()
    feed.save()
    return feed


def poll(feed: WorkOrderFeed) -> WorkOrderFeed:
    """Run what is due, as a worker would; return the feed as it is then."""
    drain(WorkOrderFeed, jobs.poll)
    return WorkOrderFeed.objects.get(pk=feed.pk)
