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
        from integrations.platforms.worklink.models import CallSession, PhotoDownload
        from integrations.platforms.worklink.options import SETTINGS, SLUG
        from integrations.schedules import jobs
        from integrations.workorders import calls
        from integrations.workorders.api import related

        platforms.register(WorkLinkAdapter())
        context.register()
        work.register(PhotoDownload, task=photos.TASK)
        jobs.register(
            "worklink.reconcile",
            label="Find WorkLink sessions and calls that no webhook told of",
            every=reconciler.EVERY,
            run=reconciler.reconcile_all,
        )
        setting_schema.register(SLUG, SETTINGS)
        auth.register_auth()
        connection_checks.register(SLUG, checks.check)
        related.register(sessions="worklink:sessions", calls="worklink:calls")
        scopes.register({"sessions:read": _("read sessions"), "calls:read": _("read calls")})
        registries.register_timeline(timeline.entries)
        registries.register_counters(counters.counters)
        calls.register("worklink.call", CallSession.objects.all)
        retention.register()
