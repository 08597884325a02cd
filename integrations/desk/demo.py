"""The demonstration: a simulated WorkLink CMS, a sample system of record, and what goes from one to the other.

Beside them a camera site, to be tried with a phone; a simulated Deepomatic site judges one of its task groups. What the
cameras of a simulated OMNI Platform recognise comes in too, and goes on to the sample system of record.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.crypto import salted_hmac

from integrations.camera.models import ApiKey, ConnectorToken, Site
from integrations.camera.services import keys
from integrations.connections.models import Connection
from integrations.core.config.applying import apply
from integrations.core.config.reading import read_file
from integrations.events.models import Endpoint
from integrations.events.services import subscribing
from integrations.inbox.models import WebhookSource

CMS, RECORD, CAMERA, DEEPOMATIC = "demo-worklink", "demo-record", "demo-camera", "demo-deepomatic"
OMNI, ENDPOINT = "demo-omni", "3f1c9a52-6b0e-4d7a-9c35-7e2b8f40d1a6"
# The simulators' own, printed in docs/simulators.md: they protect invented data on loopback.
TOKENS = {
    "DEMO_WORKLINK_TOKEN": "worklink-demo-all-groups",
    "DEMO_RECORD_TOKEN": "record-demo-token",
    "DEMO_DEEPOMATIC_KEY": "deepomatic-demo-key",
    "DEMO_OMNI_TOKEN": "omni-demo-access",
}
FIELD_APP = "Demonstration: field app"
VISITS = "/admin/camera/visit/"  # where the demonstration's visits go back to
EVENTS = "/events"  # where the sample system of record takes events
CONFIGURATION = Path(__file__).with_name("demo.yaml")


def fill_in(*, worklink_url: str, record_url: str, deepomatic_url: str, omni_url: str) -> str:
    """Apply the demonstration's configuration once, and point it to the simulators' addresses at each start.

    What a newcomer changed stays as it is. Return the path of the address that receives the webhooks.
    """
    urls = {CMS: worklink_url, RECORD: record_url, DEEPOMATIC: deepomatic_url, OMNI: omni_url}
    sources = WebhookSource.objects.filter(connection__slug=CMS).order_by("pk")
    if not sources.exists():
        _apply(urls)
    for slug, url in urls.items():
        Connection.objects.filter(slug=slug).exclude(base_url=url).update(base_url=url)
    for vendor in Connection.objects.filter(slug=DEEPOMATIC):
        settings_now = vendor.settings | _settings_of_vendor(deepomatic_url)
        Connection.objects.filter(pk=vendor.pk).update(settings=settings_now)
    _subscribe(record_url)
    own = ConnectorToken.objects.filter(site__slug=CAMERA, default_callback__endswith=VISITS)
    own.exclude(default_callback=_visits()).update(default_callback=_visits())
    return f"/hooks/{sources[0].token}/"


def _subscribe(record_url: str) -> None:
    """Let the endpoint of the demonstration send to where the simulator listens now, unless it sends elsewhere."""
    ours = Endpoint.objects.filter(pk=ENDPOINT, destination__url__regex=rf"^http://127\.0\.0\.1:\d+{EVENTS}$")
    for endpoint in ours.exclude(destination__url=record_url + EVENTS):
        subscribing.update_endpoint(endpoint.workspace_id, endpoint.pk, url=record_url + EVENTS, now=timezone.now())


def camera_token() -> str:
    """Return the value of the demonstration's connector token, which only this installation can make; "" if it ended.

    It is said at each start: whoever tries the camera has not kept it.
    """
    value = _camera_value()
    held = ConnectorToken.objects.filter(token_hash=ConnectorToken.hash_of(value), revoked_at__isnull=True)
    return value if held.exists() else ""


def camera_key() -> str:
    """Return the value of a key of the camera's REST API, with which the simulated field app sends photos.

    It is made when there is none; "" if the demonstration has no camera any more, or the key was revoked.
    """
    value = f"fpk_{salted_hmac('desk.demo.camera.key', CAMERA).hexdigest()[:32]}"
    key = ApiKey.objects.filter(key_hash=ApiKey.hash_of(value)).first()
    if key is not None:
        return "" if key.revoked_at else value
    site, user = Site.objects.filter(slug=CAMERA).first(), _administrator()
    if site is None or user is None:
        return ""
    return keys.issue(site, user=user, name=FIELD_APP, value=value)[1]


def _administrator() -> User | None:
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()


def _settings_of_vendor(url: str) -> dict[str, Any]:
    """Its photos lie on another host than its API, as the vendor's do."""
    return {"camera_url": url, "file_hosts": [f"localhost:{urlsplit(url).port}"]}


def _camera_value() -> str:
    return f"fpc_{salted_hmac('desk.demo.camera', CAMERA).hexdigest()[:32]}"


def _visits() -> str:
    return f"{settings.PUBLIC_URL}{VISITS}"


def _apply(urls: dict[str, str]) -> None:
    document, values = read_file(CONFIGURATION), TOKENS | {"DEMO_CAMERA_TOKEN": _camera_value()}
    connections: dict[str, Any] = document.value["connections"]
    for slug, url in urls.items():
        connections[slug]["base_url"] = url
    document.value["endpoints"][ENDPOINT]["url"] = urls[RECORD] + EVENTS
    connections[DEEPOMATIC]["settings"] = _settings_of_vendor(urls[DEEPOMATIC])
    connections[RECORD]["write_from"] = (timezone.now() - timedelta(hours=1)).isoformat()
    tokens: dict[str, Any] = document.value["camera_tokens"][CAMERA]
    user = _administrator()
    for token in tokens.values():
        token |= {"user": user.get_username() if user else "", "default_callback": _visits()}
    if user is None:  # visits are somebody's
        del document.value["camera_tokens"]
    apply(document, resolve=lambda reference: values[reference["env"]])
