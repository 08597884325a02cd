from django.apps import AppConfig


class WorklinkConfig(AppConfig):
    name = "integrations.platforms.worklink"
    label = "worklink"
    verbose_name = "WorkLink"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.connections import checks as connection_checks
        from integrations.connections import scopes, setting_schema
        from integrations.core import platforms, registries, work
        from integrations.platforms.worklink import (
            auth,
            checks,
            context,
            counters,
            photos,
            reconciler,
            retention,
            timeline,
        )
        from integrations.platforms.worklink.adapter import WorkLinkAdapter
        from integrations.platforms.worklink.catalogs.loading import LOADER as CATALOGS
        from integrations.platforms.worklink.contacts import context as contacts
        from integrations.platforms.worklink.contacts.loading import LOADER as CONTACTS
        from integrations.platforms.worklink.imports import loading, running
        from integrations.platforms.worklink.models import CmsImport, Lists, PhotoDownload
        from integrations.platforms.worklink.options import SETTINGS, SLUG
        from integrations.schedules import jobs
        from integrations.workorders.api import related

        platforms.register(WorkLinkAdapter())
        context.register()
        contacts.register()
        loading.register(Lists.CATALOGS, CATALOGS)
        loading.register(Lists.CONTACTS, CONTACTS)
        work.register(PhotoDownload, task=photos.TASK)
        work.register(CmsImport, task=running.TASK)
        jobs.register(
            "worklink.reconcile",
            label="Find WorkLink sessions and calls that no webhook told of",
            every=reconciler.EVERY,
            run=reconciler.reconcile_all,
        )
        jobs.register(
            "worklink.import",
            label="Read the scenarios, catalogs and contacts of WorkLink",
            every=running.EVERY,
            run=running.want_all,
        )
        setting_schema.register(SLUG, SETTINGS)
        auth.register_auth()
        connection_checks.register(SLUG, checks.check)
        related.register(sessions="worklink:sessions", calls="worklink:calls")
        scopes.register({"sessions:read": _("read sessions"), "calls:read": _("read calls")})
        scopes.register({"catalogs:read": _("read catalogs"), "contacts:read": _("read contacts")})
        registries.register_timeline(timeline.entries)
        registries.register_counters(counters.counters)
        retention.register()
