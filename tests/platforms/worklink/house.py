"""The whole line in one process: what workers would do is done by calling their loops."""

from dataclasses import dataclass
from datetime import timedelta

import requests
from django.utils import timezone

from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.events.sequencer import sequence_all
from integrations.inbox import jobs
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh, WebhookSource
from integrations.platforms.worklink import photos
from integrations.platforms.worklink.models import CallSession, PhotoDownload, ScenarioSession
from tests.simulators.worklink.control import WorkLinkControl

SESSION_QUERY, CALL_QUERY = "PortalScenarioSession", "PortalCallSession"


@dataclass
class House:
    cms: WorkLinkControl
    url: str
    connection: Connection
    source: WebhookSource
    erp: Connection
    door: str

    @property
    def address(self) -> str:
        return f"{self.door}/hooks/{self.source.token}/"

    def work(self) -> None:
        """Let everything that the CMS sent arrive, and do what is due until nothing is, at any pace."""
        assert self.cms.wait_for_webhooks()
        for _ in range(20):
            done = drain(ReceivedWebhook, jobs.process) + self.refresh() + drain(PhotoDownload, photos.download)
            if not done + sequence_all():
                return
        raise AssertionError("the work never ends")

    def refresh(self) -> int:
        return drain(ResourceRefresh, jobs.refresh)

    def pass_time(self, **delta: float) -> None:
        """Make the due times of waiting reads and photos come, as if so much time had passed."""
        earlier = timezone.now() - timedelta(seconds=1)
        for model in (ResourceRefresh, PhotoDownload):
            for row in model._default_manager.filter(state=WorkState.DUE):
                soon = row.due_at <= timezone.now() + timedelta(**delta)
                model._default_manager.filter(pk=row.pk).update(due_at=earlier if soon else row.due_at)
        ResourceRefresh.objects.update(not_before=None)

    def post(self, body: bytes, **headers: str) -> requests.Response:
        return requests.post(self.address, data=body, headers=headers, timeout=10)

    def session(self) -> ScenarioSession:
        return ScenarioSession.objects.get()

    def call(self) -> CallSession:
        return CallSession.objects.get()

    def refreshed(self) -> ResourceRefresh:
        return ResourceRefresh.objects.get()

    def received(self) -> ReceivedWebhook:
        return ReceivedWebhook.objects.get()

    def event_types(self) -> list[str]:
        return list(Event.objects.order_by("id").values_list("type", flat=True))

    def reads(self) -> int:
        """How often the CMS was asked for a whole session or call."""
        return self.cms.fetches(SESSION_QUERY) + self.cms.fetches(CALL_QUERY) + self.cms.fetches("PortalCall")
