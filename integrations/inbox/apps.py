from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "integrations.inbox"
    label = "inbox"
    verbose_name = "Received"

    def ready(self) -> None:
        from integrations.core import work
        from integrations.core.registries import register_counters, register_timeline
        from integrations.inbox import config, counters, retention, timeline
        from integrations.inbox.models import ReceivedWebhook, Replay, ResourceRefresh, WebhookRelay

        work.register(ReceivedWebhook, task="inbox.process")
        work.register(ResourceRefresh, task="inbox.refresh")
        work.register(WebhookRelay, task="inbox.relay")
        work.register(Replay, task="inbox.replay")
        register_timeline(timeline.entries)
        register_counters(counters.counters)
        retention.register()
        config.register_sections()
