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
        from integrations.events.services import register_sink
        from integrations.platforms.worklink import (
            auth,
            checks,
            config,
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
        from integrations.platforms.worklink.links import context as link_context
        from integrations.platforms.worklink.links import wishes
        from integrations.platforms.worklink.listings import loading, running
        from integrations.platforms.worklink.models import CmsImport, LinkWish, Lists, PhotoDownload
        from integrations.platforms.worklink.options import SETTINGS, SLUG
        from integrations.schedules import jobs
        from integrations.workorders.api import related

        platforms.register(WorkLinkAdapter())
        context.register()
        link_context.register()
        work.register(PhotoDownload, task=photos.TASK)
        work.register(LinkWish, task=wishes.TASK)
        register_sink(wishes.answer)
        contacts.register()
        loading.register(Lists.CATALOGS, CATALOGS)
        loading.register(Lists.CONTACTS, CONTACTS)
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
        registries.register_timeline(timeline.entries)
        registries.register_counters(counters.counters)
        retention.register()
        config.register_sections()
