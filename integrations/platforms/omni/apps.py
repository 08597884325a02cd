from django.apps import AppConfig


class OmniConfig(AppConfig):
    name = "integrations.platforms.omni"
    label = "omni"
    verbose_name = "OMNI Platform"

    def ready(self) -> None:
        from integrations.connections import checks as connection_checks
        from integrations.connections import setting_schema
        from integrations.core import platforms, registries, work
        from integrations.events.services import register_sink
        from integrations.platforms.omni import (
            auth,
            checks,
            config,
            context,
            counters,
            options,
            retention,
            sinks,
            timeline,
        )
        from integrations.platforms.omni.adapter import OmniAdapter
        from integrations.platforms.omni.models import JOIN_TASK, Recognition

        platforms.register(OmniAdapter())
        setting_schema.register(options.SLUG, options.SETTINGS)
        auth.register_auth()
        connection_checks.register(options.SLUG, checks.check)
        work.register(Recognition, task=JOIN_TASK)
        register_sink(sinks.answer)
        context.register()
        config.register_sections()
        retention.register()
        registries.register_timeline(timeline.entries)
        registries.register_counters(counters.counters)
