from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import HistoryAdmin, ReadOnlyAdmin, WorkAdmin, moment_column
from integrations.inbox.models import (
    QuarantinedWebhook,
    ReceivedWebhook,
    ResourceRefresh,
    WebhookRelay,
    WebhookSource,
)

# Read for no list: ciphertext that would have to be opened row by row.
CONNECTION_SECRETS = ("connection__credentials", "connection__token_cache", "connection__probe")


@admin.register(WebhookSource)
class WebhookSourceAdmin(HistoryAdmin):
    heading = _("Sources")
    list_display = ("name", "connection", "verification", "enabled")
    list_select_related = ("connection",)
    list_defer = ("secrets", *CONNECTION_SECRETS)
    exclude = ("secrets",)


@admin.register(ReceivedWebhook)
class ReceivedWebhookAdmin(WorkAdmin):
    heading = _("Received")
    list_display = ("__str__", "state_badge", "explained", "source", "received")
    list_select_related = ("source",)
    list_defer = ("body", "headers", "source__secrets")
    exclude = ("body", "headers")
    received = moment_column("received_at", _("received"))


@admin.register(QuarantinedWebhook)
class QuarantinedWebhookAdmin(ReadOnlyAdmin):
    heading = _("Quarantine")
    list_display = ("reason", "source", "received")
    list_select_related = ("source",)
    list_defer = ("body", "headers", "source__secrets")
    exclude = ("body", "headers")
    received = moment_column("received_at", _("received"))


@admin.register(ResourceRefresh)
class ResourceRefreshAdmin(WorkAdmin):
    heading = _("Resource reads")
    list_select_related = ("connection",)
    list_defer = CONNECTION_SECRETS


@admin.register(WebhookRelay)
class WebhookRelayAdmin(WorkAdmin):
    heading = _("Relayed webhooks")
