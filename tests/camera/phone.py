"""A phone: does by HTTP what the camera page does."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

from integrations.camera import jobs
from integrations.camera.models import AnalysisRun
from integrations.core.drain import drain
from tests.camera.making import picture, sha256

OWN = {"X-Fieldport": "1", "Sec-Fetch-Site": "same-origin"}
CREATE = "/field/connector/work_item/create"
_keys = count(1)


@dataclass
class Phone:
    """One browser with a token. `state`: as the last visit began."""

    token: str
    client: Client = field(default_factory=Client)
    state: dict[str, Any] = field(default_factory=dict)

    def open(self, path: str = CREATE, query: str = "", *, key: str = "", **body: Any) -> Any:
        """Begin a visit; return the answer."""
        given = {"token": self.token, "path": path, "query": query, "idempotencyKey": key or f"key-{next(_keys):08}"}
        answer = self.post("/field/api/visits", given | {"device": "Test phone", "language": "en-GB"} | body)
        if answer.status_code in (200, 201):
            self.state = answer.json()
        return answer

    def post(self, url: str, body: Any, **headers: str) -> Any:
        return self.client.post(url, body, content_type="application/json", headers=OWN | headers)

    @property
    def url(self) -> str:
        """The address of the visit."""
        return f"/field/api/visits/{self.state['visit']['uuid']}/"

    @property
    def item(self) -> str:
        return str(self.state["item"])

    def put(
        self,
        data: bytes,
        *,
        whole: bytes | None = None,
        offset: int = 0,
        key: str = "photo-0001",
        item: str = "",
        content_type: str = "image/jpeg",
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Send one piece of `whole`."""
        full = data if whole is None else whole
        said = {"Upload-Offset": str(offset), "Upload-Length": str(len(full)), "Upload-Sha256": sha256(full)}
        url = f"{self.url}items/{item or self.item}/uploads/{key}"
        return self.client.put(url, data, content_type=content_type, headers=OWN | said | (headers or {}))

    def head(self, key: str = "photo-0001") -> Any:
        return self.client.head(f"{self.url}items/{self.item}/uploads/{key}")

    def take(self, data: bytes | None = None, *, key: str = "", item: str = "") -> str:
        """Send a photo in two pieces; return the input's id."""
        whole, key = data or picture(), key or f"photo-{next(_keys):08}"
        half = len(whole) // 2
        self.put(whole[:half], whole=whole, key=key, item=item)
        answer = self.put(whole[half:], whole=whole, offset=half, key=key, item=item)
        assert answer.status_code == 201, answer.content
        return str(answer.json()["input"])

    def analyse(self) -> int:
        """Let the worker judge what waits."""
        return drain(AnalysisRun, jobs.run_analysis)

    def photo(self, input_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"{self.url}inputs/{input_id}").json()
        return found

    def correct(self, input_id: str, task: str, value: Any) -> Any:
        return self.post(f"{self.url}inputs/{input_id}/corrections", {"task": task, "value": value})

    def now(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(self.url).json()
        return found

    def state_photo(self) -> str:
        """Return the id of the only photo there is."""
        (photo,) = self.now()["items"][0]["photos"]
        return str(photo["uuid"])

    def leave(self, reason: str = "done", **body: Any) -> str:
        answer = self.post(f"{self.url}leave", {"reason": reason, **body})
        assert answer.status_code == 200, answer.content
        return str(answer.json()["url"])

    def told(self, reason: str = "done", **body: Any) -> dict[str, str]:
        """Leave, and return the parameters of the callback."""
        return parameters(self.leave(reason, **body))


def parameters(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), "a parameter came twice"
    return dict(pairs)
