"""The demonstration: a simulated WorkLink CMS, a sample system of record, and what goes from one to the other.

Beside them a camera site, to be tried with a phone.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.crypto import salted_hmac

from integrations.camera.models import ConnectorToken
from integrations.connections.models import Connection
from integrations.core.config.applying import apply
from integrations.core.config.reading import read_file
from integrations.inbox.models import WebhookSource

CMS, RECORD, CAMERA = "demo-worklink", "demo-record", "demo-camera"
# The simulators' own, printed in docs/simulators.md: they protect invented data on loopback.
TOKENS = {"DEMO_WORKLINK_TOKEN": "worklink-demo-all-groups", "DEMO_RECORD_TOKEN": "record-demo-token"}
VISITS = "/admin/camera/visit/"  # where the demonstration's visits go back to
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
    own = ConnectorToken.objects.filter(site__slug=CAMERA, default_callback__endswith=VISITS)
    own.exclude(default_callback=_visits()).update(default_callback=_visits())
    return f"/hooks/{sources[0].token}/"


def camera_token() -> str:
    """Return the value of the demonstration's connector token, which only this installation can make; "" if it ended.

    It is said at each start: whoever tries the camera has not kept it.
    """
    value = _camera_value()
    held = ConnectorToken.objects.filter(token_hash=ConnectorToken.hash_of(value), revoked_at__isnull=True)
    return value if held.exists() else ""


def _camera_value() -> str:
    return f"fpc_{salted_hmac('desk.demo.camera', CAMERA).hexdigest()[:32]}"


def _visits() -> str:
    return f"{settings.PUBLIC_URL}{VISITS}"


def _apply(urls: dict[str, str]) -> None:
    document, values = read_file(CONFIGURATION), TOKENS | {"DEMO_CAMERA_TOKEN": _camera_value()}
    connections: dict[str, Any] = document.value["connections"]
    for slug, url in urls.items():
        connections[slug]["base_url"] = url
    connections[RECORD]["write_from"] = (timezone.now() - timedelta(hours=1)).isoformat()
    tokens: dict[str, Any] = document.value["camera_tokens"][CAMERA]
    user = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    for token in tokens.values():
        token |= {"user": user.get_username() if user else "", "default_callback": _visits()}
    if user is None:  # visits are somebody's
        del document.value["camera_tokens"]
    apply(document, resolve=lambda reference: values[reference["env"]])
