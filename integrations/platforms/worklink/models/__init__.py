"""What WorkLink told us, what is made for it, and the links that lead to it."""

from integrations.platforms.worklink.models.links import IssuedLink, LinkTemplate, LinkWish
from integrations.platforms.worklink.models.pages import LinkPage
from integrations.platforms.worklink.models.photos import PhotoDownload
from integrations.platforms.worklink.models.reconciliation import Reconciliation
from integrations.platforms.worklink.models.stored import CallSession, LinkCheck, ScenarioSession, SessionType, Stored

__all__ = [
    "CallSession",
    "IssuedLink",
    "LinkCheck",
    "LinkPage",
    "LinkTemplate",
    "LinkWish",
    "PhotoDownload",
    "Reconciliation",
    "ScenarioSession",
    "SessionType",
    "Stored",
]
