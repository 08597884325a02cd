"""The site's own Camera Connector (vendor sheet, 2): redirects in, a camera page, redirects out."""

import base64
import json
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

from PIL import Image, ImageDraw
from starlette.routing import Route

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.deepomatic.state import Item, Refused, SiteState, Submitted

PAGE = Path(__file__).with_name("camera.html")
SENT = ("work_order_id", "work_item_id", "input_id", "status", "work_item_score", "conformity_messages")


@dataclass
class Visit:
    item: Item
    callback: str
    state: str | None
    taken: list[str] = field(default_factory=list)


def a_photo(text: str = "", *, side: int = 900) -> bytes:
    """A generated photo that is not like the others."""
    image = Image.new("RGB", (side, side), (200, 205, 210))
    draw = ImageDraw.Draw(image)
    name = text or str(uuid4())
    for index, each in enumerate(name[:18]):
        left = 40 + 45 * index
        draw.rectangle((left, 100, left + 30, 100 + 6 * (ord(each) % 100)), fill=(20, 40 + ord(each), 90))
    draw.text((40, side - 60), name, fill=(0, 0, 0))
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


class CameraInterface:
    """The page's script talks to `/field/connector/_…`; a test without a browser calls the same methods."""

    def __init__(self, state: SiteState) -> None:
        self._state = state
        self._visits: dict[str, Visit] = {}

    def routes(self) -> list[Route]:
        def page(_ask: Ask) -> Told:
            return Told(200, PAGE.read_bytes(), content_type="text/html; charset=utf-8")

        commands = {"begin": self._begin, "take": self._take, "leave": self._leave}
        made = [
            Route(f"/field/connector/_{name}", Endpoint(_command(run)), methods=["POST"])
            for name, run in commands.items()
        ]
        return [*made, Route("/field/connector/{rest:path}", Endpoint(page), methods=["GET"])]

    def begin(self, address: str) -> str:
        """Open an address as a browser does, fragment included; return the visit's key."""
        parts = urlsplit(address)
        token = dict(pair.split("=", 1) for pair in parts.fragment.split("&") if "=" in pair).get("token", "")
        if token != self._state.connector_token:
            raise Refused(401, {"detail": "Unknown token."})
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        key = str(uuid4())
        callback = query.get("callback_URI") or query.get("callback_uri") or ""
        self._visits[key] = Visit(self._item(parts.path, query), callback, query.get("state"))
        return key

    def _item(self, path: str, query: dict[str, str]) -> Item:
        state = self._state
        if not path.endswith("/work_item/create"):
            found = state.items.get(path.rstrip("/").rpartition("/")[2])
            if found is None:
                raise Refused(404, {"detail": "Not found."})
            return found
        if state.catalogue.group(query.get("task_group_name", "")) is None:
            raise Refused(404, {"detail": "Unknown task group."})
        if order_id := query.get("work_order_id"):
            order = state.order(order_id)
        else:
            metadata = json.loads(base64.b64decode(query.get("wo_metadata", "") or "e30="))
            order = state.create(query.get("work_order_name") or uuid4().hex[:8].upper(), metadata)
        item = Item(str(uuid4()), order.id, query["task_group_name"])
        state.items[item.id] = item
        return item

    def take(self, key: str, content: bytes = b"") -> list[dict[str, Any]]:
        """Take a photo, which is analysed at once; return its messages."""
        visit = self._visits[key]
        submitted = Submitted(str(uuid4()), visit.item.group, content or a_photo())
        self._state.submit(self._state.order(visit.item.order), submitted)
        visit.item.inputs.append(submitted.id)
        visit.taken.append(submitted.id)
        return submitted.messages

    def leave(self, key: str, how: str = "done") -> str:
        """Return the callback: `done`, `back` (from the problem screen), `cancel`, `before` (no result is told yet)."""
        visit = self._visits[key]
        told = {"work_order_id": visit.item.order, "work_item_id": visit.item.id}
        if not visit.taken:
            told["status"] = "canceled_picture"
        else:
            told["input_id"] = visit.taken[-1]
            told |= self._verdict(visit, how)
        if visit.state is not None:
            told["state"] = visit.state
        base, hash_, fragment = visit.callback.partition("#")
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in told.items())
        return f"{base}{'&' if '?' in base else '?'}{query}{hash_}{fragment}"

    def _verdict(self, visit: Visit, how: str) -> dict[str, str]:
        order = self._state.order(visit.item.order)
        last = next(each for each in order.inputs if each.id == visit.taken[-1])
        if how == "before":
            return {}
        if last.messages and how in ("back", "cancel"):
            texts = [f"{each['severity']}::{each['code']}::{each['message']}" for each in last.messages]
            return {"status": "conformity_error", "conformity_messages": ",".join(texts)}
        group = self._state.catalogue.group(visit.item.group)
        assert group is not None
        names = [task["name"] for task in group["tasks"] if task["outcome_type"] == "Boolean"]
        needed = [task["name"] for task in group["tasks"] if task["mandatory"]]
        good = {name for name in names if self._state.value(order, (group["name"], name)) is True}
        score = round(100 * len(good) / max(len(names), 1))
        return {"status": "analysis_ok" if good >= set(needed) else "analysis_ko", "work_item_score": str(score)}

    def _begin(self, body: dict[str, Any]) -> Any:
        key = self.begin(str(body["address"]))
        return {"visit": key, "group": self._visits[key].item.group}

    def _take(self, body: dict[str, Any]) -> Any:
        return {"messages": self.take(str(body["visit"]))}

    def _leave(self, body: dict[str, Any]) -> Any:
        return {"url": self.leave(str(body["visit"]), str(body["how"]))}


def _command(run: Any) -> Any:
    def handle(ask: Ask) -> Told:
        try:
            return Told(200, run(ask.json()))
        except Refused as refusal:
            return Told(refusal.status, refusal.body)

    return handle
