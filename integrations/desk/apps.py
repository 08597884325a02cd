from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DeskConfig(AppConfig):
    name = "integrations.desk"
    label = "desk"
    verbose_name = "Desk"

    def ready(self) -> None:
        from integrations.desk import groups

        # The desk has the right of way over nobody: its own turn comes once, whichever apps were migrated.
        post_migrate.connect(groups.ship, sender=self, dispatch_uid="desk.groups")
