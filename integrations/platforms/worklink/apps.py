from django.apps import AppConfig


class WorklinkConfig(AppConfig):
    name = "integrations.platforms.worklink"
    label = "worklink"
    verbose_name = "WorkLink"
