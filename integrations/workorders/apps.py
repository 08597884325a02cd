from django.apps import AppConfig


class WorkordersConfig(AppConfig):
    name = "integrations.workorders"
    label = "workorders"
    verbose_name = "Work orders"
