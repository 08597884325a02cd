from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "integrations.inbox"
    label = "inbox"
    verbose_name = "Received"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from integrations.connections import scopes
        from integrations.core import work
        from integrations.core.registries import register_counters, register_timeline
        from integrations.inbox import config, counters, retention, timeline
        from integrations.inbox.models import ReceivedWebhook, Replay, ResourceRefresh, WebhookRelay

        work.register(ReceivedWebhook, task="inbox.process")
        work.register(ResourceRefresh, task="inbox.refresh")
        work.register(WebhookRelay, task="inbox.relay")
        work.register(Replay, task="inbox.replay")
        scopes.register(
            {
                "webhooks:read": _("read which webhooks were received, and what came of them"),
                "webhooks:write": _("replay webhooks"),
                "bodies:read": _("read what webhooks brought: headers and bodies"),
            }
        )
        register_timeline(timeline.entries)
        register_counters(counters.counters)
        retention.register()
        config.register_sections()
