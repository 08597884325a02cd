from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "integrations.events"
    label = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.connections import scopes
        from integrations.core.drain import register_sweep
        from integrations.core.registries import register_timeline
        from integrations.events import access, config, retention, sinks, sweeps, timeline
        from integrations.events.services import SEQUENCE_TASK, register_sink

        register_sink(sinks.answer)
        register_sweep(SEQUENCE_TASK, sweeps.events_wait)
        register_timeline(timeline.entries)
        retention.register()
        config.register_sections()
        scopes.register(
            {
                access.READ: _("read events and their pictures"),
                access.WRITE: _("hand in recognition events"),
                access.MANAGE_READ: _("read endpoints and event filters"),
                access.MANAGE: _("make, change and delete endpoints and event filters"),
            }
        )
