from django.apps import AppConfig, apps
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    name = "integrations.core"
    label = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        from integrations.core import system_checks
        from integrations.core.analyst_tables import views

        # Django sends the signals only for apps that have models: one of them stands in for us.
        sender = apps.get_app_config("auth")
        pre_migrate.connect(views.drop, sender=sender, dispatch_uid="core.analyst_tables.drop")
        post_migrate.connect(views.create, sender=sender, dispatch_uid="core.analyst_tables.create")
        checks.register(system_checks.check_heic_jail)
