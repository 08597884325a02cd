from django.apps import AppConfig
from django.core import checks


class CoreConfig(AppConfig):
    name = "integrations.core"
    label = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        from integrations.core import system_checks

        checks.register(system_checks.check_heic_jail)
