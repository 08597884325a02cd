from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "integrations.outbox"
    label = "outbox"
    verbose_name = "Deliveries"

    def ready(self) -> None:
        from integrations.core import work
        from integrations.outbox.models import DELIVER_TASK, Destination

        work.register(Destination, task=DELIVER_TASK)
