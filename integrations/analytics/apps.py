from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "integrations.analytics"
    label = "analytics"
    verbose_name = "Reports"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.analytics import config, jobs, retention, sinks
        from integrations.connections import scopes
        from integrations.events.services import register_sink
        from integrations.schedules import jobs as scheduled

        register_sink(sinks.answer)
        scopes.register({"reports:read": _("read reports")})
        scheduled.register(
            "analytics.measure", label="Measure jobs for the report", every=jobs.EVERY, run=jobs.measure_jobs
        )
        retention.register()
        config.register_sections()
