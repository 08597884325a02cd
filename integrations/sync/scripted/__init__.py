"""Writes that scripts ask for: each is a row of the ledger, sent once however often its run is tried.

A run names each of its writes by its origin (`scriptrun/12`) and ordinal; asked again, it gets the stored answer.
"""

from integrations.sync.origins import Origins, register_origins
from integrations.sync.scripted.asked import (
    Effect,
    NotDeterministic,
    Performed,
    RawRequest,
    Reply,
    Undecided,
    Waiting,
)
from integrations.sync.scripted.performing import find, perform, preview
from integrations.sync.scripted.raw import preview_raw, send_raw

__all__ = [
    "Effect",
    "NotDeterministic",
    "Origins",
    "Performed",
    "RawRequest",
    "Reply",
    "Undecided",
    "Waiting",
    "find",
    "perform",
    "preview",
    "preview_raw",
    "register_origins",
    "send_raw",
]
