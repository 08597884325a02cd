"""Asks the running portal whether it is ready, as any monitor would."""

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
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


def ask(url: str, *, authority: Path | None = None) -> Readiness:
    """Ask the web server at this address; by https it must show a certificate of this authority."""
    try:
        trust = ssl.create_default_context(cafile=authority) if authority else None
        with urllib.request.urlopen(f"{url}/readyz", timeout=TIMEOUT, context=trust) as answer:  # noqa: S310  our own
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
