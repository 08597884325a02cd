from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "integrations.sync"
    label = "sync"
    verbose_name = "Writes"

    def ready(self) -> None:
        from integrations.core import work
        from integrations.events.services import register_sink
        from integrations.sync import sinks
        from integrations.sync.models import DRAIN_TASK, RecordLane

        work.register(RecordLane, task=DRAIN_TASK)
        register_sink(sinks.answer)
