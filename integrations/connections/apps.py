from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "integrations.connections"
    label = "connections"
    verbose_name = "Connections"

    def ready(self) -> None:
        from django.core import checks

        from integrations.connections import config, counters, openapi, retention, system_checks
        from integrations.core.registries import register_counters, register_retention

        assert openapi  # its import makes the scheme known to the OpenAPI document
        checks.register(system_checks.check_installation)
        register_counters(counters.counters)
        for kind in retention.KINDS:
            register_retention(kind)
        config.register_sections()
