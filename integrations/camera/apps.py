from django.apps import AppConfig


class CameraConfig(AppConfig):
    name = "integrations.camera"
    label = "camera"
    verbose_name = "Camera"

    def ready(self) -> None:
        from integrations.camera.models import ANALYSE_TASK, AnalysisRun
        from integrations.core import work

        work.register(AnalysisRun, task=ANALYSE_TASK)
