"""What can go wrong on the way to a simulator, and when."""

import random
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any, Literal, get_args

Kind = Literal[
    "status",  # answers `status` at once; nothing is carried out
    "error_list",  # answers 200 with a list of errors; nothing is carried out
    "no_change",  # answers 204 (or `status`) as if all were well; nothing is carried out
    "slow",  # waits `delay` seconds, then works
    "drop_before",  # closes the connection; nothing is carried out
    "drop_after",  # carries the request out, then closes the connection without an answer
    "late",  # closes the connection (or holds it: `hold`), carries the request out `delay` seconds later
    "partial",  # GraphQL: answers with `field` set to null and an error beside the data
]
KINDS: frozenset[str] = frozenset(get_args(Kind))


@dataclass
class Fault:
    """One rule. Patterns are shell-style; `after` requests are let through, then at most `times` are hit."""

    kind: Kind
    method: str = "*"
    path: str = "*"
    operation: str = "*"
    after: int = 0
    times: int | None = None
    probability: float = 1.0
    status: int = 0
    retry_after: str | None = None
    delay: float = 0.0
    hold: bool = False
    field: str = "scenarioRelease"
    code: str = "simulated"
    message: str = "Simulated fault"
    seen: int = 0
    hit: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; known: {', '.join(sorted(KINDS))}")

    def concerns(self, method: str, path: str, operation: str) -> bool:
        return (
            fnmatchcase(method, self.method) and fnmatchcase(path, self.path) and fnmatchcase(operation, self.operation)
        )

    def strikes(self, dice: random.Random) -> bool:
        """Count this request, and say whether the fault hits it."""
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.hit >= self.times):
            return False
        if self.probability < 1 and dice.random() >= self.probability:
            return False
        self.hit += 1
        return True


class FaultPlan:
    """The active faults of one simulator; the first that strikes is carried out."""

    def __init__(self, seed: int = 0) -> None:
        self._lock = Lock()
        self._dice = random.Random(seed)
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self, *, seed: int | None = None) -> None:
        with self._lock:
            self._faults.clear()
            if seed is not None:
                self._dice.seed(seed)

    def pick(self, method: str, path: str, operation: str) -> Fault | None:
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.concerns(method, path, operation) and fault.strikes(self._dice):
                    return fault
        return None

    def as_list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]
