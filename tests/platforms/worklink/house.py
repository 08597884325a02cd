"""The whole line in one process: what workers would do is done by calling their loops."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from django.utils import timezone

from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.core.work import OPEN_STATES
from integrations.events.models import Event
from integrations.events.sequencer import sequence_all
from integrations.inbox import jobs
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh, WebhookSource
from integrations.platforms.worklink import photos, reconciler
from integrations.platforms.worklink.links import wishes
from integrations.platforms.worklink.models import CallSession, LinkWish, PhotoDownload, ScenarioSession
from integrations.sync import jobs as sync_jobs
from integrations.sync.models import RecordLane
from tests.platforms.worklink.postbox import Postbox
from tests.simulators.worklink.control import WorkLinkControl

READS = ("PortalScenarioSession", "PortalCallSession", "PortalCall")


@dataclass
class House:
    """A connection to the CMS, its source, and the system of record that link keys belong to."""

    cms: WorkLinkControl
    url: str
    connection: Connection
    source: WebhookSource
    erp: Connection
    door: str
    postbox: Postbox | None = None

    @property
    def address(self) -> str:
        return f"{self.door}/hooks/{self.source.token}/"

    def work(self) -> None:
        """Let everything that the CMS sent arrive, and do what is due until nothing is."""
        assert self.cms.wait_for_webhooks()
        for _ in range(50):
            done = self.process() + self.read() + drain(PhotoDownload, photos.download) + sequence_all() + self.write()
            if not done + drain(LinkWish, wishes.grant):
                return
        raise AssertionError("the work never ends")

    def process(self) -> int:
        if self.postbox is not None:
            self.postbox.hand_over(self.source)
        return drain(ReceivedWebhook, jobs.process)

    def read(self) -> int:
        return drain(ResourceRefresh, jobs.refresh)

    def write(self) -> int:
        return drain(RecordLane, sync_jobs.run_lane)

    def pass_time(self, **delta: float) -> None:
        """Make due what would be due after so much time, and let the pace of reads pass."""
        now = timezone.now()
        for model in (ResourceRefresh, PhotoDownload, RecordLane):
            rows: Any = model._default_manager.filter(state__in=OPEN_STATES)
            rows.filter(due_at__lte=now + timedelta(**delta)).update(due_at=now - timedelta(seconds=1))
        ResourceRefresh.objects.update(not_before=None)
        held_back = Connection.objects.filter(next_try_at__lte=now + timedelta(**delta))
        held_back.update(next_try_at=now - timedelta(seconds=1))

    def post(self, body: bytes | str, **headers: str) -> requests.Response:
        data = body.encode() if isinstance(body, str) else body
        return requests.post(self.address, data=data, headers=headers, timeout=10)

    def reconcile(self) -> str:
        return reconciler.reconcile(Connection.objects.get(pk=self.connection.pk))

    def run_session(self, data: dict[str, Any] | None = None, *, steps: int = 5, **values: Any) -> str:
        """A session from its start to its end."""
        session = self.cms.start_session({"work_order_id": "WO-000981"} if data is None else data, **values)
        self.cms.view_steps(session, count=steps)
        self.cms.finish_session(session)
        return session

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
        return sum(self.cms.fetches(name) for name in READS)

    def now(self) -> Connection:
        """The connection as it is stored now."""
        return Connection.objects.get(pk=self.connection.pk)
