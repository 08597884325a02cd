"""What lower floors need from upper ones, filled in `AppConfig.ready()`: timelines, counters, retention."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Entry:
    """One line of a subject's timeline. `state` colours it; `url` leads to the row in the admin."""

    at: datetime
    kind: str
    title: str
    state: str = ""
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Counter:
    """A number on the index page, for whoever may open the list of `model`, such as "inbox.ReceivedWebhook".

    `query` narrows that list to the rows that were counted. `attention`: coloured when it is not zero.
    """

    label: str
    value: int
    model: str
    query: str = ""
    attention: bool = False
    detail: str = ""

    @property
    def right(self) -> str:
        app, name = self.model.lower().split(".")
        return f"{app}.view_{name}"

    @property
    def url(self) -> str:
        """The address of the list; "" where there is none."""
        try:
            path = reverse(f"admin:{self.model.lower().replace('.', '_')}_changelist")
        except NoReverseMatch:
            return ""
        return f"{path}?{self.query}" if self.query else path


@dataclass(frozen=True)
class Retained:
    """A kind of row that goes after a time. `expired(before)` returns the rows to go; `strip` empties them instead.

    `batch`: so many at once take less than a lease, also where each has files in a storage elsewhere.
    """

    kind: str
    label: str
    days: int
    expired: Callable[[datetime], models.QuerySet[Any]]
    strip: Callable[[models.QuerySet[Any]], int] | None = None
    batch: int = 500


Timeline = Callable[[str], Iterable[Entry]]
Counters = Callable[[], Iterable[Counter]]

Health = Callable[[], str]

_timelines: list[Timeline] = []
_counters: list[Counters] = []
_retained: dict[str, Retained] = {}
_healths: dict[str, Health] = {}


def register_timeline(contribution: Timeline) -> None:
    """Add `contribution(subject)`, which yields the entries that one app knows of a subject such as `workorder/7`."""
    _timelines.append(contribution)


def timeline(subject: str) -> list[Entry]:
    """Return all that is known of a subject, oldest first."""
    return sorted((entry for contribution in _timelines for entry in contribution(subject)), key=lambda entry: entry.at)


def register_counters(contribution: Counters) -> None:
    _counters.append(contribution)


def counters() -> list[Counter]:
    return [counter for contribution in _counters for counter in contribution()]


def register_retention(kind: Retained) -> None:
    _retained[kind.kind] = kind


def retained_kinds() -> list[Retained]:
    return list(_retained.values())


def register_health(name: str, check: Health) -> None:
    """Add a part of `/readyz`: `check()` returns why the installation cannot do its work; empty if it can."""
    _healths[name] = check


def healths() -> dict[str, Health]:
    return dict(_healths)
