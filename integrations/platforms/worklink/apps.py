from django.apps import AppConfig


class WorklinkConfig(AppConfig):
    name = "integrations.platforms.worklink"
    label = "worklink"
    verbose_name = "WorkLink"

    def ready(self) -> None:
        from integrations.connections import setting_schema
        from integrations.core import platforms, work
        from integrations.platforms.worklink import auth, photos
        from integrations.platforms.worklink.adapter import WorkLinkAdapter
        from integrations.platforms.worklink.models import PhotoDownload
        from integrations.platforms.worklink.options import SETTINGS, SLUG

        platforms.register(WorkLinkAdapter())
        work.register(PhotoDownload, task=photos.TASK)
        setting_schema.register(SLUG, SETTINGS)
        auth.register_auth()
