from django.apps import AppConfig


class WorkordersConfig(AppConfig):
    name = "integrations.workorders"
    label = "workorders"
    verbose_name = "Work orders"

    def ready(self) -> None:
        from integrations.core.registries import register_counters, register_timeline
        from integrations.schedules import jobs
        from integrations.workorders import contexts, counters, retention, strays, timeline

        contexts.register()
        register_timeline(timeline.entries)
        register_counters(counters.counters)
        retention.register()
        jobs.register(
            "workorders.strays", label="Delete files that no photo names", every=strays.EVERY, run=strays.delete_strays
        )
