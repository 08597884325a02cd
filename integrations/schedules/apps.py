from datetime import timedelta

from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    name = "integrations.schedules"
    label = "schedules"
    verbose_name = "Schedules"

    def ready(self) -> None:
        from integrations.core import work
        from integrations.schedules import config, jobs, retention
        from integrations.schedules.models import ScheduledJob

        work.register(ScheduledJob, task="schedules.run")
        jobs.register("retention", label="Delete what is old", every=timedelta(hours=1), run=retention.apply_retention)
        config.register_sections()
