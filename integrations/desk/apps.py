from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "integrations.desk"
    label = "desk"
    verbose_name = "Desk"
