"""Secrets of a script: it sees placeholders, the values are put in when a request leaves, and masked where shown."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.conf import settings

from integrations.core.answers import MASK

SHORTEST_MASKED = 4


class Secrets:
    """The secrets of one script, by name."""

    def __init__(self, slug: str, values: Mapping[str, str], *, others: Iterable[str] = ()) -> None:
        self._slug = slug
        self._values = dict(values)
        self._others = [each for each in others if len(each) >= SHORTEST_MASKED]

    @cached_property
    def placeholders(self) -> dict[str, str]:
        """What the script sees, by name. It is the same in every run, and nobody outside can guess it.

        So text that comes from outside and names a secret is not taken for one.
        """
        key = hmac.new(settings.SECRET_KEY.encode(), f"script-secret/{self._slug}".encode(), hashlib.sha256)
        mark = key.hexdigest()[:16]
        return {name: f"⟦secret:{name}:{mark}⟧" for name in self._values}

    def fill(self, value: Any) -> Any:
        """Return the value with the secrets put in, in every text of it."""
        return _replaced(value, {self.placeholders[name]: secret for name, secret in self._values.items()})

    def used_in(self, value: Any) -> bool:
        return bool(self.fill(value) != value)

    def mask(self, value: Any) -> Any:
        """Return the value with the secrets, and the credentials of the connections, masked."""
        hidden = [each for each in self._values.values() if len(each) >= SHORTEST_MASKED] + self._others
        shown = {self.placeholders[name]: f"{MASK}{name}{MASK}" for name in self._values}
        longest_first = sorted(hidden, key=len, reverse=True)
        return _replaced(value, {**dict.fromkeys(longest_first, MASK), **shown})


def _replaced(value: Any, by: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for old, new in by.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {_replaced(key, by): _replaced(item, by) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(item, by) for item in value]
    return value


def texts_in(value: Any) -> Iterable[str]:
    """Yield every text in a JSON value: of credentials, what must not be shown."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
