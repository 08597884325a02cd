from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import ApiToken, Connection, Installation, Workspace
from integrations.core.admin import HistoryAdmin, ModelAdmin, ReadOnlyAdmin
from integrations.core.badges import badge, state_badge


def environment_badge(connection: Connection) -> SafeString:
    return badge(connection.get_environment_display(), connection.environment.lower())


def health_badge(connection: Connection) -> SafeString:
    return state_badge(connection.health, connection.get_health_display())


@admin.register(Connection)
class ConnectionAdmin(HistoryAdmin):
    heading = _("Connections")
    list_display = ("name", "platform", "environment", "health", "paused")
    list_defer = ("credentials", "token_cache", "probe")
    exclude = ("credentials",)


@admin.register(ApiToken)
class ApiTokenAdmin(HistoryAdmin):
    heading = _("API tokens")
    list_display = ("name", "prefix", "expires_at")


@admin.register(Installation)
class InstallationAdmin(ReadOnlyAdmin):
    heading = _("Installation")
    list_display = ("public_url", "key_fingerprint", "capture_reason")
    exclude = ("key_proof",)


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin):
    heading = _("Workspaces")
    list_display = ("name", "slug")
