from django.apps import AppConfig


class WorkordersConfig(AppConfig):
    name = "integrations.workorders"
    label = "workorders"
    verbose_name = "Work orders"

    def ready(self) -> None:
        from integrations.core.registries import register_counters, register_timeline
        from integrations.workorders import contexts, counters, retention, timeline

        contexts.register()
        register_timeline(timeline.entries)
        register_counters(counters.counters)
        retention.register()
