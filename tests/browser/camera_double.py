"""The camera page's server, small and in memory, over real HTTP: the interface as the page knows it.

It renders the real shell and serves the real static files. `World` is what a test arranges and looks at.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.template.loader import render_to_string
from PIL import Image

from integrations.camera.views import shell

STATIC = Path(__file__).parents[2] / "integrations" / "camera" / "static"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
POLICY = "; ".join(f"{name} {' '.join(sources)}" for name, sources in shell.POLICY.items())
APP = "<!doctype html><html lang=en><title>The app</title><h1>The field app</h1></html>"
GROUPS: dict[str, dict[str, Any]] = {
    name: {
        "name": name,
        "displayName": shown,
        "description": "Stand one metre away. The door is open, the seal can be read.",
        "guide": "card",
        "examples": [{"picture": f"/example/{n}.jpg", "thumbnail": f"/example/{n}.jpg"} for n in (1, 2)],
        "mayCorrect": True,
        "allowPdf": False,
        "tasks": [],
    }
    for name, shown in (("meter_front", "Front of the meter"), ("seal", "The seal"))
}
BLURRED = {"severity": "error", "code": "BLUR", "message": "The photo is blurred. Hold the phone still."}
DARK = {"severity": "warning", "code": "DARK", "message": "The photo is rather dark."}


def task(name: str, kind: str, value: Any, *, good: bool, said: str) -> dict[str, Any]:
    color = "#00aa66" if good else "#cc2244"
    sentence = {"seal_present": "Is the seal present?", "reading": "Reading of the meter", "serial": "Serial number"}
    return {
        "uuid": str(uuid4()),
        "name": name,
        "sentence": sentence[name],
        "type": kind,
        "value": value,
        "corrected": False,
        "validated": good,
        "text": said,
        "color": color,
        "mandatory": name != "serial",
    }


def good_tasks(*, seal: bool = True) -> list[dict[str, Any]]:
    return [
        task("seal_present", "Boolean", seal, good=seal, said="Seal present" if seal else "Seal missing"),
        task("reading", "Number", 4711, good=True, said="Can be read"),
        task("serial", "Text", "AB-1", good=True, said=""),
    ]


def verdict(kind: str) -> dict[str, Any]:
    """Return what an analysis says, by a word: ok, ko, warning, error, review, failed, analysing."""
    if kind in ("ok", "ko", "warning"):
        passed = kind != "ko"
        told = {"state": "done", "tasks": good_tasks(seal=passed), "score": 100 if passed else 67}
        return told | {
            "status": "analysis_ok" if passed else "analysis_ko",
            "messages": [DARK] if kind == "warning" else [],
        }
    if kind == "error":
        return {"state": "refused", "messages": [DARK, BLURRED]}
    return {"state": kind, "step": "reading the barcode" if kind == "analysing" else ""}


@dataclass
class World:
    """What the server has, how it answers, and what it was asked."""

    verdicts: list[str] = field(default_factory=list)
    "of the next photos, one each; then every photo is good"
    flow: str = "after_analysis"
    language: str = ""
    read_only: bool = False
    down: bool = False
    full: bool = False
    over: bool = False
    pieces_until_down: int | None = None
    app: str = ""
    "where the field app is"
    leave_url: str = ""
    "empty: the app's"
    polls_until_verdict: int = 1
    hold: threading.Event = field(default_factory=threading.Event)
    "uploads wait for it"
    refusals: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    visits: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, bytearray] = field(default_factory=dict)
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    "every address, referer and cookie that came"
    leaves: list[dict[str, Any]] = field(default_factory=list)
    corrections: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    order: str = field(default_factory=lambda: str(uuid4()))
    lock: Any = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.hold.set()

    def new_item(self, group: str) -> dict[str, Any]:
        item: dict[str, Any] = {"uuid": str(uuid4()), "group": group, "status": None, "score": None, "photos": []}
        self.items.append(item)
        return item

    def add_photo(self, item: dict[str, Any], *, key: str, kind: str) -> dict[str, Any]:
        nothing: dict[str, Any] = {"step": "", "note": "", "messages": [], "tasks": [], "score": None, "status": None}
        uuid = str(uuid4())
        shown = {"thumbnail": f"/photo/{uuid}.jpg", "picture": f"/photo/{uuid}.jpg", "contentType": "image/jpeg"}
        photo: dict[str, Any] = {"uuid": uuid, "key": key, "number": len(item["photos"]) + 1} | shown | nothing
        photo |= {"state": "analysing"}
        item["photos"].append(photo)
        self.inputs[uuid] = {"photo": photo, "item": item, "kind": kind}
        return photo

    def settle(self, uuid: str) -> dict[str, Any]:
        """Return a photo; its verdict is there after some asking."""
        row = self.inputs[uuid]
        self.asked[uuid] = self.asked.get(uuid, 0) + 1
        photo: dict[str, Any] = row["photo"]
        if photo["state"] == "analysing" and self.asked[uuid] > self.polls_until_verdict:
            photo |= verdict(row["kind"])
            if photo["state"] == "done":
                row["item"] |= {"status": photo["status"], "score": photo["score"]}
        return photo

    def state(self, visit: dict[str, Any]) -> dict[str, Any]:
        whole = visit["scenario"] == "ORDER"
        items = self.items if whole else [item for item in self.items if item["uuid"] == visit["item"]]
        order = {"uuid": self.order, "name": "JOB-1042", "progressScore": 50, "readOnly": self.read_only}
        return {
            "visit": {key: visit[key] for key in ("uuid", "scenario", "flow", "input")} | {"language": "en"},
            "order": order,
            "item": visit["item"],
            "groups": GROUPS,
            "addable": list(GROUPS) if whole else [],
            "items": items,
            "pollAfterMs": [50, 100],
            "issueCategories": ["verdict", "photo", "equipment", "access", "safety", "other"],
        }

    def posts(self, end: str) -> list[str]:
        return [path for method, path in self.calls if method == "POST" and path.endswith(end)]


Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


def begin(world: World, told: dict[str, Any]) -> Answer:
    if told["token"] in world.refusals:
        status, problem = world.refusals[told["token"]]
        return status, problem
    known = world.visits.get(told["idempotencyKey"])
    visit = known or _new_visit(world, told)
    cookie = f"fp_visit=secret; HttpOnly; SameSite=Lax; Path=/field/api/visits/{visit['uuid']}/"
    return 200 if known else 201, world.state(visit), {"Set-Cookie": cookie}


def _new_visit(world: World, told: dict[str, Any]) -> dict[str, Any]:
    *_, thing, which = told["path"].split("/")
    visit: dict[str, Any] = {"uuid": str(uuid4()), "flow": world.flow, "input": None, "item": None}
    if thing == "work_order":
        visit["scenario"] = "ORDER"
    elif thing == "input":
        visit |= {"scenario": "ANALYSIS", "input": which, "item": world.inputs[which]["item"]["uuid"]}
    elif which == "create":
        visit |= {"scenario": "CREATE", "item": world.new_item("meter_front")["uuid"]}
    else:
        visit |= {"scenario": "RETAKE", "item": which}
    world.visits[told["idempotencyKey"]] = visit
    world.language = told["language"]
    return visit


def take(world: World, item_id: str, key: str, piece: dict[str, Any]) -> Answer:
    """Keep a piece as the server does: offsets are checked, the last piece makes one input of a key."""
    item = next(each for each in world.items if each["uuid"] == item_id)
    made = next((photo for photo in item["photos"] if photo["key"] == key), None)
    if made:
        return 201, {"received": piece["length"], "input": made["uuid"]}
    if world.full:
        return 507, {"code": "disk_full", "title": "No room."}
    kept = world.uploads.setdefault(key, bytearray())
    if piece["offset"] > len(kept):
        return 409, {"code": "wrong_offset", "title": "Elsewhere.", "received": len(kept)}
    kept[piece["offset"] :] = piece["data"]
    if len(kept) < piece["length"]:
        return 200, {"received": len(kept), "input": None}
    return _finish(world, item, key, piece)


def _finish(world: World, item: dict[str, Any], key: str, piece: dict[str, Any]) -> Answer:
    data = bytes(world.uploads[key])
    assert hashlib.sha256(data).hexdigest() == piece["sha256"]
    try:
        Image.open(BytesIO(data)).load()
    except OSError:
        del world.uploads[key]
        return 422, {"code": "not_a_picture", "title": "No photo."}
    photo = world.add_photo(item, key=key, kind=world.verdicts.pop(0) if world.verdicts else "ok")
    return 201, {"received": piece["length"], "input": photo["uuid"]}


def correct(world: World, uuid: str, told: dict[str, Any]) -> Answer:
    world.corrections.append(told)
    photo: dict[str, Any] = world.inputs[uuid]["photo"]
    for each in photo["tasks"]:
        if each["uuid"] == told["task"]:
            each |= {"value": told["value"], "corrected": True, "validated": True, "text": "", "color": "#00aa66"}
    passed = all(each["validated"] for each in photo["tasks"])
    photo |= {"status": "analysis_ok" if passed else "analysis_ko", "score": 100 if passed else 67}
    return 200, photo


def leave(world: World, told: dict[str, Any]) -> Answer:
    world.leaves.append(told)
    return 200, {"url": world.leave_url or world.app}


@cache
def picture(color: str) -> bytes:
    kept = BytesIO()
    Image.new("RGB", (640, 400), color).save(kept, "JPEG")
    return kept.getvalue()


VISIT = r"/field/api/visits/(?P<visit>[0-9a-f-]{36})/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: World

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._run("GET")

    def do_HEAD(self) -> None:
        self._run("HEAD")

    def do_POST(self) -> None:
        self._run("POST")

    def do_PUT(self) -> None:
        self._run("PUT")

    def _run(self, method: str) -> None:
        world = self.world
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if world.down:
            self.close_connection = True
            return
        self._note(method, path)
        if method == "PUT":
            world.hold.wait(timeout=30)
        status, content, *more = self._api(method, path, body) if "/api/" in path else self._file(path)
        headers = dict(more[0]) if more else {}
        data = json.dumps(content).encode() if isinstance(content, dict) else content
        self._send(status, data, headers, method=method)
        if method == "PUT" and world.pieces_until_down is not None:
            world.pieces_until_down -= 1
            if world.pieces_until_down <= 0:
                world.down, world.pieces_until_down = True, None

    def _note(self, method: str, path: str) -> None:
        self.world.calls.append((method, path))
        self.world.seen += [self.path, self.headers.get("Referer", ""), self.headers.get("Cookie", "")]
        host = self.headers.get("Host", "")
        if not host.startswith(("127.0.0.1", "localhost", "camera.test")):
            self.world.foreign.append(host)

    def _send(self, status: int, data: bytes, headers: dict[str, str], *, method: str) -> None:
        self.send_response(status)
        kind = headers.pop("Content-Type", "application/json")
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if method != "HEAD":
            self.wfile.write(data)

    def _file(self, path: str) -> Answer:
        if path == "/field/sw.js":
            script = (STATIC / "camera" / "sw.js").read_bytes()
            return 200, script, {"Content-Type": "text/javascript", "Service-Worker-Allowed": "/field/"}
        if path.startswith("/field/"):
            return 200, render_to_string("camera/shell.html").encode(), {"Content-Type": "text/html; charset=utf-8"}
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            return (200, file.read_bytes(), {"Content-Type": TYPES[file.suffix]}) if file.is_file() else (404, b"")
        if path.startswith(("/example/", "/photo/")):
            return 200, picture("#5b7f95" if "example" in path else "#b9a06d"), {"Content-Type": "image/jpeg"}
        return 200, APP.encode(), {"Content-Type": "text/html"}

    def _api(self, method: str, path: str, body: bytes) -> Answer:
        if method in ("POST", "PUT") and self.headers.get("X-Fieldport") != "1":
            return 403, {"code": "foreign_request", "title": "Not from the page."}
        with self.world.lock:
            if path == "/field/api/visits":
                return begin(self.world, json.loads(body))
            found = re.match(VISIT, path)
            assert found, path
            visit = next((each for each in self.world.visits.values() if each["uuid"] == found["visit"]), None)
            if self.world.over:
                return 401, {"code": "visit_over", "title": "This visit has ended.", "leave": None}
            if visit is None or "fp_visit=secret" not in self.headers.get("Cookie", ""):
                return 401, {"code": "no_visit", "title": "This visit is not open here."}
            return self._of_visit(visit, method, path[found.end() :], body)

    def _of_visit(self, visit: dict[str, Any], method: str, rest: str, body: bytes) -> Answer:
        world, parts = self.world, rest.split("/")
        if method == "PUT":
            return take(world, parts[1], parts[3], self._piece(body))
        if method == "HEAD":
            return 200, b"", {"Upload-Offset": str(len(world.uploads.get(parts[3], b"")))}
        if not rest:
            return 200, world.state(visit)
        if method == "GET":
            return 200, world.settle(parts[1])
        return self._posted(visit, parts, json.loads(body))

    def _posted(self, visit: dict[str, Any], parts: list[str], told: dict[str, Any]) -> Answer:
        world = self.world
        if parts == ["leave"]:
            return leave(world, told)
        if parts == ["items"]:
            item = world.new_item(told["group"])
            return 201, {"item": item["uuid"], "state": world.state(visit)}
        if parts[2] == "corrections":
            return correct(world, parts[1], told)
        if parts[2] == "issues":
            world.issues += [told] if all(told["key"] != each["key"] for each in world.issues) else []
            return 201, {"reported": True}
        world.inputs[parts[1]]["photo"]["state"] = "analysing"
        world.inputs[parts[1]]["kind"] = "ok"
        return 201, world.inputs[parts[1]]["photo"]

    def _piece(self, body: bytes) -> dict[str, Any]:
        got = self.headers
        offset, length = int(got["Upload-Offset"]), int(got["Upload-Length"])
        assert body, "a piece has at least one byte"
        assert offset + len(body) <= length
        return {"offset": offset, "length": length, "sha256": got["Upload-Sha256"], "data": body}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that closes a page breaks requests off."""


@contextmanager
def running(world: World) -> Iterator[int]:
    """Serve a world on a port of this machine; return the port."""
    handler = type("HandlerOfWorld", (Handler,), {"world": world})
    server = Server(("127.0.0.1", 0), handler)
    world.app = f"http://localhost:{server.server_address[1]}/app?tab=photos&status=analysis_ok"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        world.hold.set()
        server.shutdown()
        server.server_close()


def wait_until(condition: Callable[[], Any], *, seconds: float = 10) -> None:
    """Wait for something that the server sees."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)
