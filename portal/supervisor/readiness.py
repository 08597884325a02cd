"""Asks the running portal whether it is ready, as any monitor would."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

TIMEOUT = 2.0


@dataclass(frozen=True)
class Readiness:
    """`answers`: the web server does; `lacking`: which parts do not work yet."""

    answers: bool
    lacking: list[str]

    @property
    def ready(self) -> bool:
        return self.answers and not self.lacking


def ask(port: int, *, host: str) -> Readiness:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  our own web server
            return _read(answer.read())
    except urllib.error.HTTPError as error:
        return _read(error.read())
    except OSError:
        return Readiness(answers=False, lacking=[])


def _read(body: bytes) -> Readiness:
    try:
        parts: dict[str, Any] = json.loads(body)
    except ValueError:
        return Readiness(answers=True, lacking=["web"])
    states = {name: part["state"] for name, part in parts.items() if isinstance(part, dict)}
    return Readiness(answers=True, lacking=[name for name, state in states.items() if state != "ok"])
