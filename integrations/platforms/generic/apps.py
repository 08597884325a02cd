from django.apps import AppConfig


class GenericConfig(AppConfig):
    name = "integrations.platforms.generic"
    label = "generic"
    verbose_name = "Any system"
