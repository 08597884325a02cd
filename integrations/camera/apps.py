from django.apps import AppConfig


class CameraConfig(AppConfig):
    name = "integrations.camera"
    label = "camera"
    verbose_name = "Camera"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.camera import config, contexts, counters, disk, jobs, options, retention, timeline
        from integrations.camera.engines import installed
        from integrations.camera.models import (
            ANALYSE_TASK,
            BATCH_TASK,
            HAND_OVER_TASK,
            AnalysisRun,
            BatchRun,
            HandOver,
        )
        from integrations.connections import scopes
        from integrations.core import registries, work
        from integrations.schedules import jobs as schedule
        from integrations.workorders.api import related

        work.register(AnalysisRun, task=ANALYSE_TASK)
        work.register(BatchRun, task=BATCH_TASK)
        work.register(HandOver, task=HAND_OVER_TASK)
        installed.register()
        contexts.register()
        options.register()
        related.register(items="camera:items")
        scopes.register({"items:read": _("read expected photos and their verdicts")})
        config.register_sections()
        schedule.register(
            "camera.abandoned",
            label="Note visits whose user never came back",
            every=jobs.EVERY,
            run=jobs.end_abandoned,
        )
        schedule.register(
            "camera.uploads",
            label="Clean up uploads that nobody goes on with",
            every=jobs.DAILY,
            run=jobs.clean_uploads,
        )
        registries.register_timeline(timeline.entries)
        registries.register_counters(counters.counters)
        registries.register_health("disk", disk.problem)
        retention.register()
