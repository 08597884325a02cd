from django.apps import AppConfig


class ReadinessConfig(AppConfig):
    name = "integrations.readiness"
    label = "readiness"
    verbose_name = "Readiness"

    def ready(self) -> None:
        from integrations.core import registries, work
        from integrations.core.strays import EVERY
        from integrations.readiness import config, counters, documents, retention, trials
        from integrations.readiness.models import FieldTrial
        from integrations.schedules import jobs
        from integrations.sync.scripted import Origins, register_origins

        work.register(FieldTrial, task=trials.TASK)
        register_origins(Origins("fieldtrial", "field trial", url=trials.url_of, resume=trials.resume))
        registries.register_counters(counters.counters)
        retention.register()
        config.register_sections()
        jobs.register(
            "readiness.strays", label="Delete documents that no questionnaire names", every=EVERY, run=documents.sweep
        )
