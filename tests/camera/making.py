"""Rows and photos that the tests of the camera start from."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image

from integrations.camera.models import CatalogueVersion, ConnectorToken, Site, Task, TaskGroup
from integrations.camera.services import tokens
from integrations.connections.models import AuthKind, Connection

DEFAULT_CALLBACK = "https://fsm.example.com/jobs"
_numbers = count(1)

YES = {"schema": {"const": True}, "sentence": {"en": "Seal present", "fr": "Scellé présent"}, "color": "#00aa66"}
NO = {"schema": {"const": False}, "sentence": {"en": "Seal missing"}, "color": "#cc2244"}
RULES = [YES | {"is_conformity_validated": True}, NO | {"is_conformity_validated": False}]


def make_connection(**values: Any) -> Connection:
    number = next(_numbers)
    defaults = {"slug": f"camera-{number}", "name": f"Camera {number}", "platform": "camera"}
    return Connection.objects.create(**defaults | {"auth_kind": AuthKind.NONE} | values)


def make_system(**values: Any) -> Connection:
    return make_connection(**{"slug": "erp", "name": "ERP", "platform": "generic"} | values)


def make_site(**values: Any) -> Site:
    """A site with a published catalogue of two groups: meter_front (two tasks) and meter_back (one)."""
    number = next(_numbers)
    if "connection" not in values:
        values["connection"] = make_connection(settings={"system": "erp"})
    site = Site.objects.create(**{"slug": f"site-{number}", "name": f"Site {number}"} | values)
    version = make_version(site)
    front, back = make_group(version, "meter_front"), make_group(version, "meter_back", order=1)
    make_task(front, "seal_present")
    make_task(front, "clean", mandatory=False, order=1)
    make_task(back, "closed")
    return site


def make_version(site: Site) -> CatalogueVersion:
    number = site.versions.count() + 1
    version = CatalogueVersion.objects.create(site=site, number=number, published_at=timezone.now())
    site.active_version = version
    site.save(update_fields=["active_version"])
    return version


def make_group(version: CatalogueVersion, name: str, **values: Any) -> TaskGroup:
    texts = {"en": {"display_name": f"The {name}", "description": "Door open"}, "fr": {"display_name": f"Le {name}"}}
    return TaskGroup.objects.create(**{"version": version, "name": name, "texts": texts, "engine": "CODE"} | values)


def make_task(group: TaskGroup, name: str, **values: Any) -> Task:
    defaults = {"outcome_validation": RULES, "sentences": {"en": f"Is {name} so?", "fr": f"{name} ?"}}
    return Task.objects.create(**{"group": group, "name": name} | defaults | values)


def make_user(**values: Any) -> User:
    return User.objects.create_user(**{"username": f"user-{next(_numbers)}"} | values)


def make_token(site: Site | None = None, **values: Any) -> tuple[ConnectorToken, str]:
    """Return a token and its value."""
    number = next(_numbers)
    given = {"name": f"Token {number}", "default_callback": DEFAULT_CALLBACK, "user": None, "value": ""}
    named = {name: values.pop(name, default) for name, default in given.items()}
    named["user"] = named["user"] or make_user()
    return tokens.issue(site or make_site(), **named, values=values)


def picture(
    colour: str = "red", *, side: int = 320, format: str = "JPEG", draw: Callable[[Any], None] | None = None
) -> bytes:
    out = BytesIO()
    image = Image.new("RGB", (side, side), colour)
    if draw:
        draw(image)
    image.save(out, format)
    return out.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
