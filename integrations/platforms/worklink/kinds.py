"""What sessions and calls have in common: how a reading becomes a row, a join and an event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from integrations.platforms.worklink.models import Stored
from integrations.platforms.worklink.options import Options
from integrations.platforms.worklink.pictures import Picture

Row = TypeVar("Row", bound=Stored)
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """One kind of object of the CMS. `unwanted(row)` says why nothing is made of it; `told` goes into its events.

    `noticed(row)` is called when a row is joined, before it is published, in that transaction.
    """

    resource_type: str
    source_type: str
    noun: str
    model: type[Row]
    columns: Callable[[Document, Options, float | None], dict[str, Any]]
    link_keys: Callable[[Options], Sequence[str]]
    title: Callable[[Row], str]
    pictures: Callable[[Document], list[Picture]]
    photo_count: Callable[[Document], int]
    latest_time: Callable[[Document], datetime | None]
    unwanted: Callable[[Row], str]
    told: Callable[[Row], dict[str, Any]]
    noticed: Callable[[Row], None] = lambda row: None

    @property
    def joined_event(self) -> str:
        return f"{self.noun}.joined"

    @property
    def updated_event(self) -> str:
        return f"{self.noun}.updated"

    def occurred_at(self, row: Row) -> datetime:
        """When what a row tells happened: its end, else the latest thing in it (E12: not when we were told)."""
        return row.ended_at or self.latest_time(row.document) or row.read_at
