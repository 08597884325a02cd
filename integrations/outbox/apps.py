from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "integrations.outbox"
    label = "outbox"
    verbose_name = "Deliveries"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.connections import scopes
        from integrations.core import drain, registries, work
        from integrations.outbox import backlog, counters, retention, timeline
        from integrations.outbox.models import DELIVER_TASK, RESEND_TASK, Destination, Resend

        work.register(Destination, task=DELIVER_TASK)
        work.register(Resend, task=RESEND_TASK)
        drain.register_sweep(backlog.EXPIRE_TASK, backlog.Watch().waits)
        scopes.register(
            {
                "deliveries:read": _("read what was sent to whom, and what came of it"),
                "deliveries:write": _("send deliveries again"),
            }
        )
        registries.register_timeline(timeline.entries)
        registries.register_counters(counters.counters)
        retention.register()
