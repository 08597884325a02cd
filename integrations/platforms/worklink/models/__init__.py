"""What WorkLink told us, and what is made for it."""

from integrations.platforms.worklink.models.photos import PhotoDownload
from integrations.platforms.worklink.models.reconciliation import Reconciliation
from integrations.platforms.worklink.models.stored import CallSession, ScenarioSession, SessionType, Stored

__all__ = ["CallSession", "PhotoDownload", "Reconciliation", "ScenarioSession", "SessionType", "Stored"]
