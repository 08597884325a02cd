"""A request as it is meant to leave, and an answer as it came. What is kept of them holds no secrets."""

import base64
import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

from integrations.core import safe_json

MASK = "•••"
BYTES_HERE = "<base64 of the file>"
_SECRET_NAME = re.compile(r"auth|token|secret|password|api.?key|cookie|signature", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """Bytes to attach."""

    name: str
    content_type: str
    data: bytes
    sha256: str

    def facts(self) -> dict[str, Any]:
        """Return what templates may read. `base64` stands for the bytes, which are put in when the request leaves."""
        size = len(self.data)
        facts = {"name": self.name, "content_type": self.content_type, "size": size, "sha256": self.sha256}
        return facts | {"base64": BYTES_HERE}

    def put_into(self, message: "Message") -> "Message":
        """Return the message with the bytes: where its body asks for base64, else as the request's file."""
        if BYTES_HERE in json.dumps(message.body, ensure_ascii=False):
            return replace(message, body=_with_bytes(message.body, base64.b64encode(self.data).decode()))
        return replace(message, file=self)


def _with_bytes(tree: Any, encoded: str) -> Any:
    if isinstance(tree, dict):
        return {name: _with_bytes(value, encoded) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_with_bytes(value, encoded) for value in tree]
    return tree.replace(BYTES_HERE, encoded) if isinstance(tree, str) else tree


@dataclass(frozen=True)
class Message:
    """One request. `body` holds the variables where there is a GraphQL `document`. A file's bytes are not kept."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    document: str = ""
    file: File | None = None
    file_field: str = ""

    def kept(self) -> dict[str, Any]:
        """Return it as JSON for the ledger: secret headers masked."""
        headers = {name: MASK if _SECRET_NAME.search(name) else value for name, value in self.headers.items()}
        kept: dict[str, Any] = {"method": self.method, "path": self.path, "query": self.query, "headers": headers}
        kept |= {"body": self.body, "document": self.document}
        return kept

    def as_kept(self, kept: dict[str, Any]) -> "Message":
        """Return this message with the target and content of a kept one, so that a repetition is the same request."""
        return replace(
            self,
            method=kept["method"],
            path=kept["path"],
            query=kept["query"],
            body=kept["body"],
            document=kept["document"],
        )


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read. `body` is None where it is not JSON; `text`: an effect's, a start without secrets."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    text: str = ""

    def as_context(self) -> dict[str, Any]:
        return {"status": self.status, "headers": self.headers, "body": self.body}


def storable(value: Any) -> Any:
    """Return a JSON value that every database can keep: no NUL, no lone surrogates, no NaN; tuples become lists."""
    if isinstance(value, dict):
        return {safe_json.storable(str(name)): storable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return safe_json.storable(value)
