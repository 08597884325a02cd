from django.apps import AppConfig


class GenericConfig(AppConfig):
    name = "integrations.platforms.generic"
    label = "generic"
    verbose_name = "Any system"

    def ready(self) -> None:
        from integrations.connections import checks as connection_checks
        from integrations.connections import setting_schema
        from integrations.core import platforms, work
        from integrations.core.registries import register_counters
        from integrations.platforms.generic import checks, config, counters
        from integrations.platforms.generic.adapter import GenericAdapter
        from integrations.platforms.generic.models import WorkOrderFeed
        from integrations.platforms.generic.services import POLL_TASK

        platforms.register(GenericAdapter())
        connection_checks.register(GenericAdapter.slug, checks.check)
        setting_schema.register(GenericAdapter.slug, checks.SETTINGS)
        work.register(WorkOrderFeed, task=POLL_TASK)
        register_counters(counters.counters)
        config.register_sections()
