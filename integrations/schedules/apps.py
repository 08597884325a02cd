from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    name = "integrations.schedules"
    label = "schedules"
    verbose_name = "Schedules"
