from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "integrations.events"
    label = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.connections import scopes
        from integrations.core import work
        from integrations.core.drain import register_sweep
        from integrations.core.registries import register_timeline
        from integrations.core.strays import EVERY
        from integrations.events import access, config, retention, sinks, strays, sweeps, timeline
        from integrations.events.models import PICTURE_TASK, Picture
        from integrations.events.services import SEQUENCE_TASK, register_sink
        from integrations.schedules import jobs

        register_sink(sinks.answer)
        register_sweep(SEQUENCE_TASK, sweeps.events_wait)
        work.register(Picture, task=PICTURE_TASK)
        jobs.register(
            "events.strays", label="Delete files that no picture names", every=EVERY, run=strays.delete_strays
        )
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
