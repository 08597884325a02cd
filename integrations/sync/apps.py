from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "integrations.sync"
    label = "sync"
    verbose_name = "Writes"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.connections import scopes
        from integrations.core import registries, work
        from integrations.events.services import register_sink
        from integrations.sync import config, counters, retention, script_source, sinks, timeline
        from integrations.sync.models import DRAIN_TASK, RecordLane
        from integrations.workorders.api import related

        work.register(RecordLane, task=DRAIN_TASK)
        register_sink(sinks.answer)
        related.register(writes="sync:writes")
        scopes.register(
            {"writes:read": _("read writes"), "writes:write": _("retry writes, decide about them, replay work orders")}
        )
        registries.register_timeline(timeline.entries)
        registries.register_counters(counters.counters)
        retention.register()
        config.register_sections()
        script_source.register()
