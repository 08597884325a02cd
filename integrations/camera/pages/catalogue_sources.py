"""Where catalogues can be imported from besides CSV: platforms register a reader in `AppConfig.ready()`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.connections.models import Connection
from integrations.core.badges import Text


@dataclass(frozen=True)
class TaskRead:
    """A task as another system declares it; `rules` as they came."""

    name: str
    sentence: str = ""
    outcome_type: str = "Boolean"
    rules: Sequence[Any] = ()
    mandatory: bool = True
    only_for_dashboard: bool = False
    counts: bool = True


@dataclass(frozen=True)
class GroupRead:
    name: str
    display_name: str = ""
    description: str = ""
    tasks: Sequence[TaskRead] = ()
    examples: Sequence[str] = ()
    """Addresses of its example pictures; they may expire soon."""


@dataclass(frozen=True)
class CatalogueSource:
    """A platform whose sites have catalogues. `unknown`: what they do not tell, in sentences for whoever imports.

    `engines`: who may decide on what is imported, the first by default. `read(connection)` asks the site,
    `picture(connection, address)` for an example picture.
    """

    platform: str
    label: str
    read: Callable[[Connection], Sequence[GroupRead]]
    engines: Sequence[str]
    picture: Callable[[Connection, str], bytes]
    unknown: Sequence[Text] = field(default_factory=tuple)


_sources: dict[str, CatalogueSource] = {}


def register(source: CatalogueSource) -> None:
    _sources[source.platform] = source


def sources() -> list[CatalogueSource]:
    return list(_sources.values())


def source_of(connection: Connection) -> CatalogueSource:
    """:raises KeyError: if the connection's platform has no catalogues"""
    return _sources[connection.platform]
