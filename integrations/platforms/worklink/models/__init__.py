"""What WorkLink told us, and what is made for it."""

from integrations.platforms.worklink.models.catalogs import (
    ASSET,
    CatalogObject,
    Listed,
    Scenario,
    ScenarioCatalog,
    Source,
)
from integrations.platforms.worklink.models.contacts import Contact, Licence
from integrations.platforms.worklink.models.imports import CmsImport, Lists, TableLoad
from integrations.platforms.worklink.models.photos import PhotoDownload
from integrations.platforms.worklink.models.reconciliation import Reconciliation
from integrations.platforms.worklink.models.stored import CallSession, ScenarioSession, SessionType, Stored

__all__ = [
    "ASSET",
    "CallSession",
    "CatalogObject",
    "CmsImport",
    "Contact",
    "Licence",
    "Listed",
    "Lists",
    "PhotoDownload",
    "Reconciliation",
    "Scenario",
    "ScenarioCatalog",
    "ScenarioSession",
    "SessionType",
    "Source",
    "Stored",
    "TableLoad",
]
