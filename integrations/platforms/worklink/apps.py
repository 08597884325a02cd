from django.apps import AppConfig


class WorklinkConfig(AppConfig):
    name = "integrations.platforms.worklink"
    label = "worklink"
    verbose_name = "WorkLink"

    def ready(self) -> None:
        from integrations.platforms.worklink.registering import register_all

        register_all()
