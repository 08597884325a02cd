from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from integrations.core.work import WorkState
from integrations.inbox.models import ReceivedWebhook
from tests.factories import make_received

pytestmark = pytest.mark.django_db
INSIDE, OUTSIDE = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
RANGE = ("2026-03-01T00:00", "2026-03-02T00:00")


def failed(at: datetime) -> ReceivedWebhook:
    return make_received(received_at=at, state=WorkState.FAILED)


def test_failed_webhooks_of_the_range_become_due_again() -> None:
    inside, outside = failed(INSIDE), failed(OUTSIDE)
    told, progress = StringIO(), StringIO()

    call_command("replay_webhooks", *RANGE, stdout=told, stderr=progress)

    inside.refresh_from_db()
    outside.refresh_from_db()
    assert (inside.state, inside.replays) == (WorkState.DUE, 1)
    assert (outside.state, outside.replays) == (WorkState.FAILED, 0)
    assert "replayed 1 of 1" in told.getvalue()
    assert "1/1" in progress.getvalue()


def test_a_dry_run_changes_nothing() -> None:
    row = failed(INSIDE)
    told = StringIO()

    call_command("replay_webhooks", *RANGE, "--dry-run", stdout=told)

    row.refresh_from_db()
    assert row.state == WorkState.FAILED
    assert "would replay 1" in told.getvalue()


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(CommandError, match="before the end"):
        call_command("replay_webhooks", *reversed(RANGE))

    assert not ReceivedWebhook.objects.exists()
