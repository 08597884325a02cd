from django.apps import AppConfig


class WorkordersConfig(AppConfig):
    name = "integrations.workorders"
    label = "workorders"
    verbose_name = "Work orders"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.connections import scopes
        from integrations.core import files
        from integrations.core.registries import register_counters, register_health, register_timeline
        from integrations.core.strays import EVERY
        from integrations.core.subjects import register_facts
        from integrations.schedules import jobs
        from integrations.workorders import called, contexts, counters, retention, strays, tables, timeline
        from integrations.workorders.api import related

        contexts.register()
        related.register(photos="workorders:photos", webhooks="inbox:webhooks")
        scopes.register(
            {
                "workorders:read": _("read work orders and what happened to them"),
                "workorders:write": _("create and update work orders"),
                "photos:read": _("read photos"),
                "unmatched:read": _("read facts without a work order"),
                "unmatched:write": _("assign or dismiss facts without a work order"),
            }
        )
        register_timeline(timeline.entries)
        register_facts("workorder", called.facts)
        register_counters(counters.counters)
        register_health("storage", files.problem)
        retention.register()
        tables.register_tables()
        jobs.register(
            "workorders.strays", label="Delete files that no photo names", every=EVERY, run=strays.delete_strays
        )
