"""The customer's own app, which sends its technicians' photos to Fieldport as it would to Deepomatic (REST v0.2)."""

import base64
import json
import urllib.request
from typing import Any
from urllib.error import URLError

from tests.simulators.deepomatic.camera import a_photo

SECONDS = 40.0


class FieldApp:
    def __init__(self, portal: str, key: str) -> None:
        self._portal, self._key = portal, key

    def photograph(self, order: str, *, group: str) -> bool:
        """Send a photo of this type for a work order and wait for the verdict; False if there was none."""
        value = f"data:image/jpg;base64,{base64.b64encode(a_photo()).decode()}"
        inputs = [
            {"name": "image_input", "data": {"type": "image", "value": value}},
            {"name": "context", "data": {"type": "text", "value": group}},
        ]
        try:
            made = self._ask("/v0.2/work-orders/", {"name": order})
            self._ask(f"/v0.2/work-orders/{made['id']}/analyze/", {"inputs": inputs})
        except (URLError, TimeoutError, ValueError):  # the portal starts anew, or does not know us any more
            return False
        return True

    def _ask(self, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Token {self._key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._portal + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)
