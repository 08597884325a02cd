from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class DeskConfig(AppConfig):
    name = "integrations.desk"
    label = "desk"
    verbose_name = "Desk"

    def ready(self) -> None:
        from integrations.desk import groups, help

        help.register()
        # Django sends the signal only for apps that have models: the owner of groups and rights stands in for us.
        post_migrate.connect(groups.ship, sender=apps.get_app_config("auth"), dispatch_uid="desk.groups")
