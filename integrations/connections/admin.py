from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.connections import breaker, forms, installation, services
from integrations.connections.models import ApiToken, Connection, Installation, Workspace
from integrations.connections.token_form import ApiTokenForm, issued_page
from integrations.core import clock
from integrations.core.admin import HistoryAdmin, ModelAdmin, ReadOnlyAdmin, moment_column
from integrations.core.badges import Text, badge, moment, pretty_json, sentence, state_badge
from integrations.core.page_actions import page_action

# What lists of rows that hang on a connection leave in the database: ciphertext, opened row by row, and documents.
SECRETS = ("connection__credentials", "connection__token_cache", "connection__probe", "connection__settings")


def environment_badge(connection: Connection) -> SafeString:
    return badge(connection.get_environment_display(), connection.environment.lower())


def health_badge(connection: Connection) -> SafeString:
    return state_badge(connection.health, connection.get_health_display())


def held_back_badge(connection: Connection) -> SafeString:
    if connection.next_try_at is None:
        return SafeString("")
    return badge(_("held back"), "wait", title=breaker.sentence(connection, now=clock.now()))


def named(connection: Connection) -> SafeString:
    """Return the connection's name with the badge of its environment: they always go together."""
    return format_html('<span class="named">{} {}</span>', connection.name, environment_badge(connection))


@admin.display(description=gettext_lazy("connection"), ordering="connection__name")
def connection_column(self: Any, row: Any) -> SafeString:
    return named(row.connection)


@admin.register(Connection)
class ConnectionAdmin(HistoryAdmin):
    heading = gettext_lazy("Connections")
    intro = gettext_lazy("One account on another system each: a platform that sends, or a system of record.")
    empty_hint = gettext_lazy(
        "Add one for the platform that sends and one for the system of record that is written to."
    )
    form = forms.ConnectionForm
    list_display = ("name", "platform_label", "environment_shown", "health_shown", "health_sentence", "switches")
    list_filter = ("platform", "environment", "health", "paused")
    list_defer = ("credentials", "token_cache", "probe", "settings")
    search_fields = ("name", "slug", "base_url")
    ordering = ("name",)
    actions = ("pause", "resume")
    page_actions = ("test_connection", "pause_one", "resume_one")
    readonly_fields = ("settings_shown", "probe_shown")
    prepopulated_fields = {"slug": ("name",)}

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        if not self.has_change_permission(request, obj):
            return forms.sections_to_read()
        return forms.sections_to_fill()

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form with the model's own fields only: those of the schemas are added by the form itself."""
        return super().get_form(request, obj, change, **kwargs | {"fields": forms.MODEL_FIELDS})

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return {} if obj or not self.has_add_permission(request) else self.prepopulated_fields

    def lead(self, row: Connection) -> list[SafeString]:
        shown = [environment_badge(row), health_badge(row)]
        shown += [badge(_("paused"), "wait")] if row.paused else []
        shown += [badge(_("capture: writes are recorded, not sent"), "wait")] if row.capture else []
        shown += [sentence(row.health_note)] if row.health_note else []
        shown += [sentence(breaker.sentence(row, now=clock.now()))] if row.next_try_at else []
        return [*shown, moment(row.health_at)] if row.health_at else shown

    @admin.display(description=gettext_lazy("platform"), ordering="platform")
    def platform_label(self, row: Connection) -> str:
        return dict(forms.platform_choices()).get(row.platform, row.platform)

    @admin.display(description=gettext_lazy("environment"), ordering="environment")
    def environment_shown(self, row: Connection) -> SafeString:
        return environment_badge(row)

    @admin.display(description=gettext_lazy("health"), ordering="health")
    def health_shown(self, row: Connection) -> SafeString:
        return health_badge(row)

    @admin.display(description=gettext_lazy("last result"))
    def health_sentence(self, row: Connection) -> SafeString:
        return sentence(row.health_note or (_("Open it and press “Test connection”.") if not row.health_at else ""))

    @admin.display(description=gettext_lazy("switches"))
    def switches(self, row: Connection) -> SafeString:
        paused = badge(_("paused"), "wait") if row.paused else SafeString("")
        capture = badge(_("capture"), "quiet") if row.capture else SafeString("")
        return paused + capture + held_back_badge(row)

    @admin.display(description=gettext_lazy("settings"))
    def settings_shown(self, row: Connection) -> SafeString:
        return pretty_json(row.settings)

    @admin.display(description=gettext_lazy("capability probe"))
    def probe_shown(self, row: Connection) -> Text:
        return pretty_json(row.probe) if row.probe else _("Not run yet: “Test connection” runs it.")

    @page_action(gettext_lazy("Test connection"), right="change")
    def test_connection(self, request: HttpRequest, row: Connection) -> str:
        return services.check(row)

    @page_action(gettext_lazy("Pause"), right="change", tone="plain", shown=lambda row: not row.paused)
    def pause_one(self, request: HttpRequest, row: Connection) -> str:
        set_paused(row, True)
        return _("Paused: nothing is sent or read. Work waits, and none of it counts as a failure.")

    @page_action(gettext_lazy("Resume"), right="change", shown=lambda row: row.paused)
    def resume_one(self, request: HttpRequest, row: Connection) -> str:
        set_paused(row, False)
        return _("Resumed: waiting work goes on within a minute.")

    @admin.action(description=gettext_lazy("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self._switch(request, queryset, paused=True)

    @admin.action(description=gettext_lazy("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self._switch(request, queryset, paused=False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Connection], *, paused: bool) -> None:
        rows = list(queryset.filter(paused=not paused))
        for row in rows:
            set_paused(row, paused)
        words = ngettext("%d connection switched.", "%d connections switched.", len(rows)) % len(rows)
        self.message_user(request, words, messages.SUCCESS)


def set_paused(connection: Connection, paused: bool) -> None:
    """Row by row, so that the history keeps who did it."""
    connection.paused = paused
    connection.save(update_fields=["paused"])


@admin.register(ApiToken)
class ApiTokenAdmin(HistoryAdmin):
    heading = gettext_lazy("API tokens")
    intro = gettext_lazy("Keys for the REST API. The value is shown once, when it is made; only its hash is kept.")
    empty_hint = gettext_lazy("Add one for each system that sends work orders or reads them.")
    form = ApiTokenForm
    list_display = ("name", "prefix", "usable", "scopes_shown", "expires", "last_used")
    list_filter = ("expires_at",)
    list_defer = ("token_hash",)
    search_fields = ("name", "prefix")
    ordering = ("-pk",)
    page_actions = ("revoke",)
    fields = ("workspace", "name", "scopes", "expires_at")

    expires = moment_column("expires_at", gettext_lazy("expires"))
    last_used = moment_column("last_used_at", gettext_lazy("last used"))

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return False  # a token is made and revoked, never altered under its holder

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("state"))
    def usable(self, row: ApiToken) -> SafeString:
        if row.revoked_at:
            return badge(_("revoked"), "quiet")
        expired = row.expires_at and row.expires_at <= timezone.now()
        return badge(_("expired"), "wait") if expired else badge(_("valid"), "ok")

    @admin.display(description=gettext_lazy("scopes"))
    def scopes_shown(self, row: ApiToken) -> str:
        return ", ".join(row.scopes)

    def save_model(self, request: Any, obj: ApiToken, form: ApiTokenForm, change: bool) -> None:
        form.issue(obj, by=request.user)

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        return issued_page(self.admin_site, request, obj)

    @page_action(gettext_lazy("Revoke"), right="change", tone="danger", shown=lambda row: row.revoked_at is None)
    def revoke(self, request: HttpRequest, row: ApiToken) -> str:
        services.revoke_token(row, now=timezone.now())
        return _("Revoked: requests with this token are refused from now on.")


@admin.register(Installation)
class InstallationAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Installation")
    intro = gettext_lazy("What this database knows of the installation that serves it.")
    empty_hint = gettext_lazy("The first start of the server fills this.")
    list_display = ("public_url", "key_fingerprint", "capture_reason", "started")
    list_defer = ("key_proof",)
    fields = ("public_url", "key_fingerprint", "capture_reason", "started_at", "outbound")
    readonly_fields = ("outbound",)
    page_actions = ("send_again",)
    started = moment_column("started_at", gettext_lazy("started"))

    @admin.display(description="OUTBOUND")
    def outbound(self, row: Installation) -> str:
        value: str = settings.OUTBOUND
        return value

    @page_action(gettext_lazy("Let writes leave again"), right="change", shown=lambda row: bool(row.capture_reason))
    def send_again(self, request: HttpRequest, row: Installation) -> str:
        installation.end_capture()
        return _("Writes leave again from this address.")


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin):
    heading = gettext_lazy("Workspaces")
    intro = gettext_lazy("The tenant boundary: events, tokens, rights and retention belong to one.")
    list_display = ("name", "slug")
