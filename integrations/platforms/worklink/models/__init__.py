"""What WorkLink told us, and what is made for it."""

from integrations.platforms.worklink.models.imports import ImportJob, ImportSchedule, What
from integrations.platforms.worklink.models.photos import PhotoDownload
from integrations.platforms.worklink.models.reconciliation import Reconciliation
from integrations.platforms.worklink.models.stored import CallSession, ScenarioSession, SessionType, Stored

__all__ = [
    "CallSession",
    "ImportJob",
    "ImportSchedule",
    "PhotoDownload",
    "Reconciliation",
    "ScenarioSession",
    "SessionType",
    "Stored",
    "What",
]
