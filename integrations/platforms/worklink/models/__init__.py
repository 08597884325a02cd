"""What WorkLink told us, what is made for it, and the links that lead to it."""

from integrations.platforms.worklink.models.catalogs import (
    ASSET,
    CatalogObject,
    Listed,
    Scenario,
    ScenarioCatalog,
    Source,
)
from integrations.platforms.worklink.models.contacts import Contact, Licence
from integrations.platforms.worklink.models.imports import ImportJob, ImportSchedule, What
from integrations.platforms.worklink.models.links import IssuedLink, LinkTemplate, LinkWish
from integrations.platforms.worklink.models.listings import CmsImport, Lists, TableLoad
from integrations.platforms.worklink.models.pages import LinkPage
from integrations.platforms.worklink.models.photos import PhotoDownload
from integrations.platforms.worklink.models.reconciliation import Reconciliation
from integrations.platforms.worklink.models.stored import CallSession, LinkCheck, ScenarioSession, SessionType, Stored

__all__ = [
    "ASSET",
    "CallSession",
    "CatalogObject",
    "CmsImport",
    "Contact",
    "ImportJob",
    "ImportSchedule",
    "IssuedLink",
    "Licence",
    "LinkCheck",
    "LinkPage",
    "LinkTemplate",
    "LinkWish",
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
    "What",
]
