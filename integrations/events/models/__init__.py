"""The log of what happened, who is told of it, and what recognition events refer to."""

from integrations.events.models.directory import Agent, Camera, Profile, Watchlist
from integrations.events.models.log import Event, EventQuerySet, Reason, Sequence, Sighting
from integrations.events.models.pictures import PICTURE_TASK, Picture, Standing
from integrations.events.models.policy import DeletedProfile, EventPolicy, WebsocketAuth
from integrations.events.models.subscribing import Endpoint, EndpointType, EventFilter, WebsocketErrors

__all__ = [
    "PICTURE_TASK",
    "Agent",
    "Camera",
    "DeletedProfile",
    "Endpoint",
    "EndpointType",
    "Event",
    "EventFilter",
    "EventPolicy",
    "EventQuerySet",
    "Picture",
    "Profile",
    "Reason",
    "Sequence",
    "Sighting",
    "Standing",
    "Watchlist",
    "WebsocketAuth",
    "WebsocketErrors",
]
