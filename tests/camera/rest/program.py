"""A program: calls the camera's REST API with a key."""

import base64
import json
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

from integrations.camera.models import ApiKey, Site
from integrations.camera.services import keys
from tests.camera.making import make_site, make_user, picture

ALL_RIGHTS = ("view", "add", "change", "delete")
JPG = "data:image/jpg;base64,"


def make_key(site: Site | None = None, *, rights: tuple[str, ...] = ALL_RIGHTS, **values: Any) -> tuple[ApiKey, str]:
    """Return a key of a user with these rights over field orders, and its value."""
    user: User = values.pop("user", None) or make_user()
    named = [f"{right}_fieldorder" for right in rights]
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="camera", codename__in=named))
    return keys.issue(site or make_site(), user=user, name="Planner", values=values)


def uri(data: bytes | None = None, *, head: str = JPG) -> str:
    return head + base64.b64encode(data or picture()).decode()


def photo(value: Any = None, *, context: Any = "meter_front", **more: Any) -> dict[str, Any]:
    """Return the body of a request to analyse."""
    image = {"name": "image_input", "data": {"type": "image", "value": uri() if value is None else value}}
    text = {"name": "context", "data": {"type": "text", "value": context}}
    return {"inputs": [image, text], **more}


class Program:
    def __init__(self, value: str, client: Client | None = None) -> None:
        self.value, self.client = value, client or Client()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; `body` is JSON, or bytes as they are."""
        said = {"Authorization": f"Token {self.value}"} if self.value else {}
        sent: dict[str, Any] = {}
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body)
            sent = {"data": data, "content_type": "application/json"}
        return getattr(self.client, method)(f"/v0.2/{path}", **sent, headers=said | headers)

    def create(self, **values: Any) -> str:
        answer = self.call("post", "work-orders/", {"name": "JOB-1042", **values})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def order(self, order: str, query: str = "") -> dict[str, Any]:
        answer = self.call("get", f"work-orders/{order}/{query}")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def analyze(self, order: str, body: Any = None) -> Any:
        return self.call("post", f"work-orders/{order}/analyze/", photo() if body is None else body)


def state_of(told: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the state of a task by its name, as a client that lives through upgrades does."""
    return next(task["state"] for task in told["tasks"] if task["name"] == name)
