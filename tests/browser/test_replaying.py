"""A replay as it is watched: the box follows the work without the page being loaded again, and ends with it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.core.work import WorkState
from integrations.inbox.models import Replay
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_progress_of_a_replay_is_followed_until_it_ends(visitor: Visitor) -> None:
    now = timezone.now()
    replay = Replay.objects.create(start=now - timedelta(days=1), end=now, asked_by="anna", total=500)
    rows = Replay.objects.filter(pk=replay.pk)
    page = visitor.go(reverse("admin:inbox_replay_change", args=[replay.pk]))
    page.evaluate("window.here = true")

    rows.update(looked_at=200, replayed=200, state=WorkState.RUNNING)
    page.wait_for_selector("#progress >> text=200 of 500")
    same_page = page.evaluate("window.here")
    rows.update(looked_at=500, replayed=499, state=WorkState.DONE, note="All webhooks of the range were looked at.")
    page.wait_for_selector(".lead >> text=All webhooks of the range were looked at.")

    assert same_page
    assert page.locator("[data-live]").count() == 0
    assert page.locator("progress").evaluate("bar => bar.position") == 1
    assert visitor.complaints == []
