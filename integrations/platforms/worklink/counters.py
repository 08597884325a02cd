from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Sum

from integrations.core import clock
from integrations.core.registries import Counter
from integrations.core.work import WorkState
from integrations.inbox.models import ReceivedWebhook
from integrations.platforms.worklink import names
from integrations.platforms.worklink.models import PhotoDownload, Reconciliation
from integrations.platforms.worklink.options import SLUG

LOOKED_BACK = timedelta(days=7)


def counters() -> Iterator[Counter]:
    """Yield what a person should know of WorkLink, over the last week."""
    since = clock.now() - LOOKED_BACK
    ignored = ReceivedWebhook.objects.filter(received_at__gt=since, state=WorkState.SKIPPED)
    unknown = ignored.filter(source__connection__platform=SLUG).exclude(
        resource_type__in=(*names.WANTED, *names.KNOWN_UNWANTED, "")
    )
    kinds = sorted(unknown.order_by().values_list("resource_type", flat=True).distinct()[:5])
    yield Counter(
        label="WorkLink: unknown types",
        value=unknown.count(),
        model="inbox.ReceivedWebhook",
        query=f"state__exact={WorkState.SKIPPED}",
        detail=", ".join(kinds) or "none in the last 7 days",
    )
    runs = Reconciliation.objects.filter(started_at__gt=since).aggregate(seen=Sum("seen"), untold=Sum("untold"))
    yield Counter(
        label="WorkLink: found without a webhook",
        value=runs["untold"] or 0,
        model="worklink.Reconciliation",
        detail="in the last 7 days; they were read nevertheless",
    )
    failed = PhotoDownload.objects.filter(state=WorkState.FAILED).count()
    yield Counter(
        label="WorkLink: photos not fetched",
        value=failed,
        model="worklink.PhotoDownload",
        query=f"state__exact={WorkState.FAILED}",
        attention=True,
    )
