"""The settings of an OMNI Platform connection, and what follows from them."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from integrations.connections.models import Connection
from integrations.connections.schema import Field

SLUG, LABEL = "omni", "3DiVi OMNI Platform"
WEBSOCKET, WEBHOOK = "websocket", "webhook"
PREFIX = "fieldport:"
MAIN_API = "/api/v2/"
GRAPHQL = "/event-service/graphql"
TYPES = ("IDENTIFICATION", "NON_IDENTIFICATION", "HAR", "ROI", "CROSSING", "FACE_HIDE_CONTROL")

SETTINGS = (
    Field(
        "receive",
        "Events come by",
        type="choice",
        default=WEBSOCKET,
        choices=[(WEBSOCKET, "websocket: Fieldport connects"), (WEBHOOK, "webhook: the platform connects")],
        help="A webhook needs a source of this connection, and an address that the platform reaches.",
    ),
    Field("camera_ids", "Only these cameras", type="list", default=[], help="Ids; empty: all."),
    Field("agent_ids", "Only these agents", type="list", default=[], help="Ids; empty: all."),
    Field("watchlist_ids", "Only these watchlists", type="list", default=[], help="Ids; empty: all."),
    Field("event_types", "Only these event types", type="list", default=[], help=f"Of {', '.join(TYPES)}; empty: all."),
    Field(
        "pictures",
        "Keep pictures",
        type="boolean",
        default=True,
        help="Faces, frames and samples are fetched when an event names them; off: they stay at the platform.",
    ),
    Field(
        "prefix",
        "Name prefix",
        default=PREFIX,
        help="What we make there is named with it; nothing without it is changed or deleted.",
    ),
    Field("main_api", "Path of the main API", default=MAIN_API, help="Cameras and profiles are read there."),
)


@dataclass(frozen=True)
class Conditions:
    """Which events are wanted; an empty list is no constraint."""

    cameras: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    watchlists: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def as_input(self) -> dict[str, list[str]]:
        """Return them as the vendor's `in` has them; only what constrains."""
        named = {
            "cameraIds": self.cameras,
            "agentIds": self.agents,
            "profileGroupIds": self.watchlists,
            "eventTypes": self.types,
        }
        return {name: list(values) for name, values in named.items() if values}


def conditions_of(connection: Connection) -> Conditions:
    """:raises ValueError: naming a value that is no id or no type of events"""
    return Conditions(
        cameras=_ids(connection, "camera_ids"),
        agents=_ids(connection, "agent_ids"),
        watchlists=_ids(connection, "watchlist_ids"),
        types=tuple(_type(each) for each in _texts(connection, "event_types")),
    )


def workspace_of(connection: Connection) -> int:
    """Return the workspace that its events belong to."""
    return cast(int, connection.workspace_id)


def pictures_from(connection: Connection) -> int | None:
    """Return the connection that pictures are fetched from; None where they stay at the platform."""
    return connection.pk if connection.setting("pictures") else None


def name_of(connection: Connection) -> str:
    """Return what our endpoint and our filter are called there."""
    return f"{connection.setting('prefix')}{connection.slug}"


def is_ours(connection: Connection, name: str | None) -> bool:
    return (name or "").startswith(str(connection.setting("prefix")))


def _ids(connection: Connection, setting: str) -> tuple[str, ...]:
    return tuple(uuids_in(_texts(connection, setting)))


def uuids_in(texts: Any) -> list[str]:
    """Return ids in their usual spelling, each once. :raises ValueError: naming what is none"""
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise ValueError("This is a list of ids.")
    found = []
    for text in texts:
        try:
            found.append(str(UUID(text)))
        except ValueError:
            raise ValueError(f"“{text[:60]}” is not an id; ids are UUIDs.") from None
    return list(dict.fromkeys(found))


def _type(text: str) -> str:
    if text.upper() not in TYPES:
        raise ValueError(f"“{text[:60]}” is not a type of events. Known: {', '.join(TYPES)}.")
    return text.upper()


def _texts(connection: Connection, setting: str) -> list[str]:
    return [each.strip() for each in connection.setting(setting) or [] if each.strip()]
