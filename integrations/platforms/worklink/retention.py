"""How long WorkLink's objects are kept: as long as the ledger of what was written from them; what is gone, a while."""

from datetime import datetime

from django.db.models import QuerySet

from integrations.core.registries import Retained, register_retention
from integrations.core.work import ENDED_STATES
from integrations.platforms.worklink.models import (
    CallSession,
    Contact,
    ImportJob,
    IssuedLink,
    LinkWish,
    PhotoDownload,
    Reconciliation,
    Scenario,
    ScenarioCatalog,
    ScenarioSession,
    TableLoad,
)


def _old_sessions(before: datetime) -> "QuerySet[ScenarioSession]":
    return ScenarioSession.objects.filter(read_at__lt=before).order_by("id")


def _old_calls(before: datetime) -> "QuerySet[CallSession]":
    return CallSession.objects.filter(read_at__lt=before).order_by("id")


def _old_downloads(before: datetime) -> "QuerySet[PhotoDownload]":
    return PhotoDownload.objects.filter(state__in=ENDED_STATES, finished_at__lt=before).order_by("id")


def _old_runs(before: datetime) -> "QuerySet[Reconciliation]":
    return Reconciliation.objects.filter(finished_at__lt=before).order_by("id")


def _gone_catalogs(before: datetime) -> "QuerySet[ScenarioCatalog]":
    return ScenarioCatalog.objects.filter(gone_at__lt=before).order_by("id")


def _gone_scenarios(before: datetime) -> "QuerySet[Scenario]":
    return Scenario.objects.filter(gone_at__lt=before).order_by("id")


def _gone_contacts(before: datetime) -> "QuerySet[Contact]":
    return Contact.objects.filter(gone_at__lt=before).order_by("id")


def _old_tables(before: datetime) -> "QuerySet[TableLoad]":
    return TableLoad.objects.filter(brought_at__lt=before).order_by("id")


def _old_imports(before: datetime) -> "QuerySet[ImportJob]":
    return ImportJob.objects.filter(state__in=ENDED_STATES, finished_at__lt=before).order_by("id")


def _old_links(before: datetime) -> "QuerySet[IssuedLink]":
    return IssuedLink.objects.filter(issued_at__lt=before).order_by("id")


def _old_wishes(before: datetime) -> "QuerySet[LinkWish]":
    return LinkWish.objects.filter(state__in=ENDED_STATES, finished_at__lt=before).order_by("id")


def register() -> None:
    for kind, label, days, expired in (
        ("worklink.session", "WorkLink sessions", 730, _old_sessions),
        ("worklink.call", "WorkLink calls", 730, _old_calls),
        # A photo is kept once, whether the row of its download is there or not.
        ("worklink.download", "WorkLink photo downloads", 730, _old_downloads),
        # A session from a link that went counts as foreign: prints hang at machines for years.
        ("worklink.link", "WorkLink issued links", 3650, _old_links),
        # A wish that went is made again when its order changes.
        ("worklink.wish", "WorkLink automatic links", 90, _old_wishes),
        ("worklink.reconciliation", "WorkLink reconciliations", 30, _old_runs),
        ("worklink.catalog", "WorkLink catalogs that are gone", 730, _gone_catalogs),
        ("worklink.scenario", "WorkLink scenarios that are gone", 730, _gone_scenarios),
        ("worklink.contact", "WorkLink contacts that are gone", 180, _gone_contacts),
        ("worklink.table", "Tables of catalogs and contacts", 30, _old_tables),
        ("worklink.import", "WorkLink imports", 365, _old_imports),
    ):
        register_retention(Retained(kind=kind, label=label, days=days, expired=expired))
