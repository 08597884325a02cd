from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "integrations.events"
    label = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        from integrations.core.drain import register_sweep
        from integrations.core.registries import register_timeline
        from integrations.events import retention, sweeps, timeline
        from integrations.events.services import SEQUENCE_TASK

        register_sweep(SEQUENCE_TASK, sweeps.events_wait)
        register_timeline(timeline.entries)
        retention.register()
