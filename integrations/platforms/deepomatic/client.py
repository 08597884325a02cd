"""Deepomatic's REST API v0.2, typed (vendor sheet, 4). Raises TransientError or PermanentError (or a kind).

Its errors' texts are not stable and nothing is read from them (4.2); by status they mean what `core.answers` says.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, Unpack
from urllib.parse import quote

from integrations.core import safe_json
from integrations.core.errors import PermanentError, TransientError, Unsure
from integrations.core.http import Options, OutboundClient
from integrations.platforms.deepomatic import mapping
from integrations.platforms.deepomatic.mapping import Analysed, NotReadable, Order, TaskGroup, TaskState

VERSION = "/v0.2"
# An analysis is synchronous; the vendor's own client waits so long (4.1).
ANALYSIS_SECONDS = 40.0
MOST_OF_AN_IMAGE, MOST_OF_A_PDF = 5 * 1024 * 1024, 8 * 1024 * 1024
IMAGE, PDF = "data:image/jpg;base64,", "data:application/pdf;base64,"
MOST_OF_A_NAME = 128
Read = TypeVar("Read")


class TooLarge(PermanentError):
    """The vendor would refuse this file for its size; it was not sent."""


def strict_name(name: str) -> str:
    """Return a name that every page of the vendor's documentation allows: letters, digits, `_` and `-` (4.4)."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:MOST_OF_A_NAME] or "_"


class DeepomaticClient:
    def __init__(self, http: OutboundClient) -> None:
        self._http = http

    def create(
        self,
        name: str,
        *,
        metadata: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        types: Sequence[str] = (),
    ) -> Order:
        """Make a work order. Names are not unique there: a repetition makes another. :raises Unsure:"""
        body: dict[str, Any] = {"name": strict_name(name)}
        given = {"metadata": dict(metadata or {}), "tags": list(tags), "work_order_types": list(types)}
        return self._ask("POST", "/work-orders/", mapping.order_of, json=body | {k: v for k, v in given.items() if v})

    def retrieve(self, order_id: str, *, inputs: bool = True) -> Order:
        """:raises NotFound:"""
        params = {"include_inputs": "true" if inputs else "false"}
        return self._ask("GET", f"/work-orders/{_part(order_id)}/", mapping.order_of, params=params)

    def delete(self, order_id: str) -> None:
        """:raises NotFound:"""
        self._http.request("DELETE", f"{VERSION}/work-orders/{_part(order_id)}/")

    def analyze(self, order_id: str, *, image: str, context: str) -> Analysed:
        """Analyse one file: an address, or a data URI. Not idempotent (5.30).

        :raises TooLarge: and nothing is sent :raises Unsure: if it may have been analysed
        """
        _check_size(image)
        inputs = [
            {"name": "image_input", "data": {"type": "image", "value": image}},
            {"name": "context", "data": {"type": "text", "value": context}},
        ]
        path = f"/work-orders/{_part(order_id)}/analyze/"
        return self._ask("POST", path, mapping.analysed, json={"inputs": inputs}, timeout=ANALYSIS_SECONDS)

    def correct(self, order_id: str, task_id: str, value: bool | str | float) -> TaskState:
        """Put a value over a task's outcome, for good. The id is that of the present version (4.8). :raises Unsure:"""
        path = f"/work-orders/{_part(order_id)}/tasks/{_part(task_id)}/correction/"
        return self._ask("PATCH", path, mapping.task_state, json={"corrected_value": value})

    def task_groups(self) -> list[TaskGroup]:
        return self._ask("GET", "/task-groups/", mapping.task_groups)

    def task_group(self, name: str) -> TaskGroup:
        """:raises NotFound:"""
        return self._ask("GET", f"/task-groups/{_part(name)}", mapping.task_group)

    def _ask(self, method: str, path: str, read: Callable[[Any], Read], **options: Unpack[Options]) -> Read:
        response = self._http.request(method, VERSION + path, **options)
        try:
            return read(safe_json.parse(response.content))
        except (safe_json.UnreadableJSON, NotReadable) as error:
            said = f"{method} {path}: answered {response.status_code}, but {error}."
            raise (TransientError if method == "GET" else Unsure)(said, status=response.status_code) from error


def _check_size(image: str) -> None:
    """Whether the limits are meant before or after base64 is not told: below them after it is right for both (4.6)."""
    for kind, most in ((IMAGE, MOST_OF_AN_IMAGE), (PDF, MOST_OF_A_PDF)):
        if image.startswith(kind) and len(image) > most:
            raise TooLarge(
                f"The file has {len(image) / 1024 / 1024:.1f} MB as base64; Deepomatic takes {most // 1024 // 1024} MB "
                "at most. It was not sent."
            )


def _part(text: str) -> str:
    """One segment of a path: an id that came from elsewhere cannot add another."""
    return quote(text, safe="")
