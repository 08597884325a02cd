"""Phones that send photos over real HTTP: as our camera page does, and as one would to a plain upload view."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

import requests

# As sending.js: pieces double while they are fast. As shown.py: how often the page asks.
PIECE, LARGEST_PIECE = 128 * 1024, 1024 * 1024
PAUSES = (0.5, 1.0, 2.0, 4.0)
PATIENCE = 60.0
CREATE = "/field/connector/work_item/create"
OWN = {"X-Fieldport": "1", "Sec-Fetch-Site": "same-origin"}
_numbers = count(1)


@dataclass
class Sent:
    """One photo: seconds since the epoch at which its upload began and was acknowledged, and its id there."""

    began: float
    acknowledged: float
    id: str


class Phone(Protocol):
    def open(self) -> None:
        """Begin a visit."""

    def send(self, photo: bytes) -> str:
        """Upload a photo; return its id when it is acknowledged."""

    def has_verdict(self, id: str) -> bool: ...


@dataclass
class CameraPage:
    """Does what the camera page does."""

    url: str
    token: str
    session: requests.Session = field(default_factory=requests.Session)
    visit: str = ""
    item: str = ""

    def open(self) -> None:
        key = f"bench-{next(_numbers):08}"
        body = {"token": self.token, "path": CREATE, "query": "task_group_name=meter_front", "idempotencyKey": key}
        state = self._ask("POST", "/field/api/visits", json=body).json()
        self.visit, self.item = f"/field/api/visits/{state['visit']['uuid']}/", state["item"]

    def send(self, photo: bytes) -> str:
        said = {"Upload-Length": str(len(photo)), "Upload-Sha256": hashlib.sha256(photo).hexdigest()}
        address, answer = f"{self.visit}items/{self.item}/uploads/photo-{next(_numbers):08}", {}
        for offset, piece in pieces(photo):
            headers = said | {"Upload-Offset": str(offset), "Content-Type": "image/jpeg"}
            answer = self._ask("PUT", address, data=piece, headers=headers).json()
        return str(answer["input"])

    def has_verdict(self, id: str) -> bool:
        return bool(self._ask("GET", f"{self.visit}inputs/{id}").json()["state"] != "analysing")

    def _ask(self, method: str, path: str, **given: Any) -> requests.Response:
        headers = OWN | given.pop("headers", {})
        answer = self.session.request(method, self.url + path, headers=headers, timeout=PATIENCE, **given)
        answer.raise_for_status()
        return answer


@dataclass
class PlainForm:
    """Sends the whole photo as a form's file."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def open(self) -> None:
        """There is nothing to begin."""

    def send(self, photo: bytes) -> str:
        files = {"file": ("photo.jpg", photo, "image/jpeg")}
        answer = self.session.post(f"{self.url}/photos/", files=files, timeout=PATIENCE)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def has_verdict(self, id: str) -> bool:
        return bool(self.session.get(f"{self.url}/photos/{id}/", timeout=PATIENCE).json()["state"] != "new")


def pieces(photo: bytes) -> Iterator[tuple[int, bytes]]:
    offset, size = 0, PIECE
    while offset < len(photo):
        yield offset, photo[offset : offset + size]
        offset, size = offset + size, min(LARGEST_PIECE, size * 2)


def visit(phone: Phone, photos: Sequence[bytes], *, follow: bool) -> list[Sent]:
    """Open a visit and send photos, one after the other; `follow`: ask for each verdict as the page does."""
    phone.open()
    sent = []
    for photo in photos:
        began = time.time()
        id = phone.send(photo)
        sent.append(Sent(began, time.time(), id))
        if follow:
            _wait(phone, id)
    return sent


def _wait(phone: Phone, id: str) -> None:
    """:raises TimeoutError:"""
    ends = time.monotonic() + PATIENCE
    for asked in count():
        time.sleep(PAUSES[min(asked, len(PAUSES) - 1)])
        if phone.has_verdict(id):
            return
        if time.monotonic() > ends:
            raise TimeoutError(f"no verdict on {id} in {PATIENCE:.0f} s")
