"""What was asked of a simulator."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Request:
    """One request as it was answered; status 0: the connection was closed without an answer."""

    at: str
    method: str
    path: str
    operation: str
    status: int
    fault: str = ""


class TrafficLog:
    """The latest requests, and counts of all: by operation and by "METHOD path"."""

    def __init__(self, keep: int = 20_000) -> None:
        self.requests: deque[Request] = deque(maxlen=keep)
        self.operations: Counter[str] = Counter()
        self.total = 0

    def add(self, request: Request) -> None:
        self.requests.append(request)
        self.operations[request.operation or f"{request.method} {request.path}"] += 1
        self.total += 1

    def clear(self) -> None:
        self.requests.clear()
        self.operations.clear()
        self.total = 0

    def as_dict(self, *, last: int = 200) -> dict[str, Any]:
        latest = list(self.requests)[-last:] if last else []
        operations = dict(self.operations.most_common(1000))
        return {"total": self.total, "operations": operations, "requests": [asdict(request) for request in latest]}
