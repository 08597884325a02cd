"""The demonstration: a simulated WorkLink CMS, a sample system of record, and what goes from one to the other."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from integrations.connections.models import Connection
from integrations.core.config.applying import apply
from integrations.core.config.reading import read_file
from integrations.inbox.models import WebhookSource

CMS, RECORD = "demo-worklink", "demo-record"
# The simulators' own, printed in docs/simulators.md: they protect invented data on loopback.
TOKENS = {"DEMO_WORKLINK_TOKEN": "worklink-demo-all-groups", "DEMO_RECORD_TOKEN": "record-demo-token"}
CONFIGURATION = Path(__file__).with_name("demo.yaml")


def fill_in(*, worklink_url: str, record_url: str) -> str:
    """Apply the demonstration's configuration once, and point it to the simulators' addresses at each start.

    What a newcomer changed stays as it is. Return the path of the address that receives the webhooks.
    """
    urls = {CMS: worklink_url, RECORD: record_url}
    sources = WebhookSource.objects.filter(connection__slug=CMS).order_by("pk")
    if not sources.exists():
        _apply(urls)
    for slug, url in urls.items():
        Connection.objects.filter(slug=slug).exclude(base_url=url).update(base_url=url)
    return f"/hooks/{sources[0].token}/"


def _apply(urls: dict[str, str]) -> None:
    document = read_file(CONFIGURATION)
    connections: dict[str, Any] = document.value["connections"]
    for slug, url in urls.items():
        connections[slug]["base_url"] = url
    connections[RECORD]["write_from"] = (timezone.now() - timedelta(hours=1)).isoformat()
    apply(document, resolve=lambda reference: TOKENS[reference["env"]])
