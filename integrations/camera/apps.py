from django.apps import AppConfig


class CameraConfig(AppConfig):
    name = "integrations.camera"
    label = "camera"
    verbose_name = "Camera"
