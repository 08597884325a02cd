"""Web server and workers are killed while phones send their photos: what was acknowledged is there, once."""

import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from tests.camera.making import sha256
from tests.camera.phone import CREATE, OWN
from tests.drill.cluster import NoPostgreSQL, programs_folder
from tests.drill.house import House

TOKEN = "drill-camera-token-0123456789"
PHONES, PHOTOS = 8, 25
KILLS = 10
PATIENCE = 240.0


@dataclass
class Sender:
    """A phone that sends its photos one after the other, whatever happens, and notes what was acknowledged."""

    url: str
    number: int
    session: requests.Session = field(default_factory=requests.Session)
    state: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    resumed: int = 0

    def run(self) -> None:
        body = {"token": TOKEN, "path": CREATE, "query": "task_group_name=meter_front"}
        answer = self.again("POST", "/field/api/visits", json=body | {"idempotencyKey": f"phone-{self.number:04}"})
        self.state = answer.json()
        for number in range(PHOTOS):
            key = f"photo-{number:04}"
            self.sent[key] = self.send(key, photo(self.number, number))

    @property
    def visit(self) -> str:
        return f"/field/api/visits/{self.state['visit']['uuid']}/"

    def send(self, key: str, whole: bytes) -> str:
        """Send a photo in pieces, from where the server says; return its id."""
        address = f"{self.visit}items/{self.state['item']}/uploads/{key}"
        offset = 0
        while True:
            end = offset + len(whole) // 3 + 1
            said = {"Upload-Offset": str(offset), "Upload-Length": str(len(whole)), "Upload-Sha256": sha256(whole)}
            try:
                answer = self.ask("PUT", address, data=whole[offset:end], headers=said | {"Content-Type": "image/jpeg"})
            except requests.RequestException:
                self.resumed += 1
                offset = int(self.again("HEAD", address).headers["Upload-Offset"])
                offset = 0 if offset >= len(whole) else offset
                continue
            if answer.status_code == 201:
                return str(answer.json()["input"])
            assert answer.status_code in (200, 409), answer.text
            offset = answer.json()["received"]

    def ask(self, method: str, path: str, **given: Any) -> requests.Response:
        """:raises requests.RequestException: also for 5xx, which a server that is just killed or started may answer"""
        headers = OWN | given.pop("headers", {})
        answer = self.session.request(method, self.url + path, headers=headers, timeout=20, **given)
        if answer.status_code >= 500:
            raise requests.HTTPError(answer.text[:200])
        return answer

    def again(self, method: str, path: str, **given: Any) -> requests.Response:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask(method, path, **given)
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def photo(phone: int, number: int) -> bytes:
    """Return a photo that no other is like."""
    out = BytesIO()
    Image.effect_noise((160, 120), 40 + number).convert("RGB").save(out, "JPEG", comment=f"{phone}/{number}".encode())
    return out.getvalue()


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="fieldport-camera-"))
    folder.chmod(0o711)
    if not request.param:
        try:
            programs_folder()
        except NoPostgreSQL as reason:
            pytest.skip(str(reason))
    made = House(folder, [], embedded=request.param, seeding="tests.camera.seeding")
    try:
        made.start({"token": TOKEN})
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def kill_while(house: House, phones: list[Sender], threads: list[threading.Thread]) -> int:
    """Kill the web server or a worker after every few photos, until the phones are done; return how often."""
    chance, killed, deadline = random.Random(7), 0, time.monotonic() + PATIENCE
    due = 3
    while any(thread.is_alive() for thread in threads):
        assert time.monotonic() < deadline, "the phones did not come to an end"
        house.look_after()
        sent = sum(len(phone.sent) for phone in phones)
        if killed < KILLS and sent >= due:
            house.kill(chance.choice(["web", "web", *house.workers]))
            killed, due = killed + 1, sent + chance.randint(3, 15)
        time.sleep(0.02)
    return killed


def wait_until_judged(house: House, phone: Sender) -> list[dict[str, Any]]:
    """Return the photos of a phone as soon as the workers have been at all of them."""
    deadline = time.monotonic() + PATIENCE
    while True:
        house.look_after()
        photos: list[dict[str, Any]] = phone.again("GET", phone.visit).json()["items"][0]["photos"]
        if all(each["state"] == "review" for each in photos) or time.monotonic() > deadline:
            return photos
        time.sleep(0.3)


def _no_photo_is_lost_or_double(house: House) -> None:
    phones = [Sender(f"http://127.0.0.1:{house.port}", number) for number in range(PHONES)]
    threads = [threading.Thread(target=phone.run, daemon=True) for phone in phones]
    for thread in threads:
        thread.start()
    killed = kill_while(house, phones, threads)

    assert killed > 3, "nothing was tried"
    assert sum(phone.resumed for phone in phones) > 0, "no photo was interrupted"
    for phone in phones:
        found = wait_until_judged(house, phone)
        assert {each["key"]: each["uuid"] for each in found} == phone.sent
        assert len(found) == PHOTOS == len(set(phone.sent.values()))
        assert {each["state"] for each in found} == {"review"}
        assert sorted(each["number"] for each in found) == list(range(1, PHOTOS + 1))
        for each in found:
            assert phone.again("GET", each["picture"]).headers["Content-Type"] == "image/jpeg"
    # A kill between the commit and the removal of the pieces leaves their file, which the daily clean-up finds.
    assert len(list((house.folder / "uploads").iterdir())) <= killed * PHONES


@pytest.mark.embedded
@pytest.mark.parametrize("house", [True], indirect=True, ids=["embedded"])
def test_no_acknowledged_photo_is_lost_or_double_on_the_embedded_set_up(house: House) -> None:
    _no_photo_is_lost_or_double(house)


@pytest.mark.postgres
@pytest.mark.long
@pytest.mark.parametrize("house", [False], indirect=True, ids=["postgresql"])
def test_no_acknowledged_photo_is_lost_or_double_on_postgresql(house: House) -> None:
    _no_photo_is_lost_or_double(house)
