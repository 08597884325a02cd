"""What WorkLink hands to the registries of the floors below. Imported when all apps are loaded."""

from django.utils.translation import gettext_lazy as _

from integrations.connections import checks as connection_checks
from integrations.connections import scopes, setting_schema
from integrations.core import platforms, registries, work
from integrations.events.services import register_sink
from integrations.platforms.worklink import (
    asking,
    auth,
    checks,
    config,
    context,
    counters,
    importing,
    photos,
    reconciler,
    retention,
    timeline,
    translating,
)
from integrations.platforms.worklink.adapter import WorkLinkAdapter
from integrations.platforms.worklink.catalogs.loading import LOADER as CATALOGS
from integrations.platforms.worklink.contacts import context as contacts
from integrations.platforms.worklink.contacts.loading import LOADER as CONTACTS
from integrations.platforms.worklink.links import context as link_context
from integrations.platforms.worklink.links import wishes
from integrations.platforms.worklink.listings import loading, running
from integrations.platforms.worklink.models import (
    CallSession,
    CmsImport,
    ImportJob,
    LinkWish,
    Lists,
    PhotoDownload,
)
from integrations.platforms.worklink.options import SETTINGS, SLUG
from integrations.platforms.worklink.tables import views
from integrations.schedules import jobs
from integrations.workorders import calls
from integrations.workorders.api import related


def register_all() -> None:
    platforms.register(WorkLinkAdapter())
    _register_settings()
    _register_facts()
    _register_work()
    _register_jobs()
    _register_api()
    retention.register()


def _register_settings() -> None:
    setting_schema.register(SLUG, SETTINGS)
    auth.register_auth()
    connection_checks.register(SLUG, checks.check)
    config.register_sections()


def _register_facts() -> None:
    """What mappings, scripts, reports, pages and analysts see."""
    context.register()
    link_context.register()
    contacts.register()
    calls.register("worklink.call", CallSession.objects.all)
    views.register_tables()
    registries.register_timeline(timeline.entries)
    registries.register_counters(counters.counters)


def _register_work() -> None:
    work.register(PhotoDownload, task=photos.TASK)
    work.register(LinkWish, task=wishes.TASK)
    register_sink(wishes.answer)
    loading.register(Lists.CATALOGS, CATALOGS)
    loading.register(Lists.CONTACTS, CONTACTS)
    work.register(CmsImport, task=running.TASK)
    work.register(ImportJob, task=importing.TASK)


def _register_jobs() -> None:
    jobs.register(
        "worklink.reconcile",
        label="Find WorkLink sessions and calls that no webhook told of",
        every=reconciler.EVERY,
        run=reconciler.reconcile_all,
    )
    jobs.register(
        "worklink.listings",
        label="Read the scenarios, catalogs and contacts of WorkLink",
        every=running.EVERY,
        run=running.want_all,
    )
    jobs.register("worklink.imports", label="Start the imports that are due", every=asking.EVERY, run=asking.start_due)
    jobs.register(
        "worklink.translate",
        label="Translate WorkLink sessions and calls for analysts again after an update",
        every=translating.EVERY,
        run=translating.translate_all,
    )


def _register_api() -> None:
    related.register(sessions="worklink:sessions", calls="worklink:calls")
    scopes.register(
        {
            "sessions:read": _("read sessions"),
            "calls:read": _("read calls"),
            "links:read": _("read links of work orders, and their QR codes"),
            "links:issue": _("issue links of work orders"),
            "catalogs:read": _("read catalogs"),
            "contacts:read": _("read contacts"),
        }
    )
