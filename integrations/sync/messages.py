"""A request as it is meant to leave, and an answer as it came. What is kept of them holds no secrets."""

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

from integrations.core import safe_json

MASK = "•••"
_SECRET_NAME = re.compile(r"auth|token|secret|password|api.?key|cookie|signature", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """Bytes to attach."""

    name: str
    content_type: str
    data: bytes
    sha256: str

    def facts(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "content_type": self.content_type,
            "size": len(self.data),
            "sha256": self.sha256,
        }


@dataclass(frozen=True)
class Message:
    """One request. `body` holds the variables where there is a GraphQL `document`."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    document: str = ""
    file: File | None = None
    file_field: str = ""

    def kept(self) -> dict[str, Any]:
        """Return it as JSON for the ledger: secret headers masked, a file by its facts."""
        headers = {name: MASK if _SECRET_NAME.search(name) else value for name, value in self.headers.items()}
        kept: dict[str, Any] = {"method": self.method, "path": self.path, "query": self.query, "headers": headers}
        kept |= {"body": self.body, "document": self.document}
        return kept | ({"file": self.file.facts()} if self.file else {})

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
    """An HTTP answer, read. `body` is None where it is not JSON; `text` is a start of it without secrets."""

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
