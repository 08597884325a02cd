from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.core import clock
from integrations.core.admin import HistoryAdmin, moment_column
from integrations.core.badges import badge, facts, moment, sentence
from integrations.core.page_actions import page_action
from integrations.events import admin_deleting
from integrations.events.addresses import websocket_url
from integrations.events.forms import EndpointForm
from integrations.events.ids import matching_ids
from integrations.events.models import Endpoint, EndpointType, EventPolicy, WebsocketAuth
from integrations.events.services import subscribing
from integrations.events.services.changing import changed
from integrations.events.sockets import presence
from integrations.outbox.models import Delivery

WAITING = ("WAITING", "RETRYING")


def copyable(name: str, *, shown: str, full: str, label: str) -> SafeString:
    """Return a button that copies the whole text, which stands beside it and can be selected."""
    markup = (
        '<span class="copyable"><button type="button" class="button plain" data-copy="{0}" data-copied="{3}" '
        'title="{2}" aria-label="{4}">{1}</button> <code id="{0}">{2}</code></span>'
    )
    return format_html(markup, name, shown, full, _("Copied"), label)


def is_keyed(row: Endpoint) -> bool:
    return row.is_websocket and row.auth == WebsocketAuth.TOKEN


@admin.register(Endpoint)
class EndpointAdmin(HistoryAdmin):
    heading = gettext_lazy("Endpoints")
    intro = gettext_lazy("Where events go: websockets that connect with an id, and addresses that they are sent to.")
    empty_hint = gettext_lazy("Add one. Without an event filter it receives every event of its workspace.")
    form = EndpointForm
    pk_route = "uuid"
    list_display = ("name", "short", "type_shown", "receives", "created", "workspace")
    list_filter = ("type", "workspace")
    list_select_related = ("workspace",)
    list_defer = ("access",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name, or ids: whole, or their first eight characters")
    ordering = ("-created_at", "pk")
    page_actions = ("renew_key",)
    created = moment_column("created_at", gettext_lazy("created"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        rows: QuerySet[Endpoint] = super().get_queryset(request)
        return rows.annotate(filter_count=Count("filters"))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        if (ids := matching_ids(search_term)) is not None:
            return queryset.filter(ids), False
        return super().get_search_results(request, queryset, search_term)

    def get_fieldsets(self, request: HttpRequest, obj: Endpoint | None = None) -> Any:
        first = ("name",) if obj else ("workspace", "type", "name")
        if not self.has_change_permission(request, obj) and obj:
            return [(None, {"fields": ("name", *(("auth", "ws_errors") if obj.is_websocket else ()))})]
        parts = {EndpointType.WEB_SOCKET: ("auth", "ws_errors"), EndpointType.WEB_HOOK: ("url", "method")}
        own = parts[EndpointType(obj.type)] if obj else tuple(name for names in parts.values() for name in names)
        return [(None, {"fields": (*first, *own)})]

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        model_fields = ("name", "auth", "ws_errors") if obj else ("workspace", "type", "name", "auth", "ws_errors")
        return super().get_form(request, obj, change, **kwargs | {"fields": model_fields})

    def get_actions(self, request: HttpRequest) -> Any:
        return {}  # each deletion is looked at by itself: what it widens is said before

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now, values = clock.now(), form.values()
        if change:
            subscribing.update_endpoint(obj.workspace_id, obj.pk, now=now, **values)
            return
        make = subscribing.create_webhook if form.is_hook else subscribing.create_websocket
        obj.pk = make(obj.workspace_id, now=now, **values).pk

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        by = request.user.get_username()
        subscribing.delete_endpoints(obj.workspace_id, [obj.pk], by=by, now=clock.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        *_listed, missing, protected = super().get_deleted_objects(objs, request)
        return *admin_deleting.of_endpoints(objs), missing, protected

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if request.method == "GET":
            said = _("Its sockets are closed, and what waits to be sent is dropped. Its filters stay.")
            self.message_user(request, said, messages.WARNING)
        return super().delete_view(request, object_id, extra_context)

    def lead(self, row: Any) -> list[SafeString]:
        return [self.type_shown(row), sentence(_("Receives {what}.").format(what=self.receives(row)))]

    def facts(self, row: Endpoint) -> SafeString:
        return self.card(row, with_key=False)

    def card(self, row: Endpoint, *, with_key: bool) -> SafeString:
        """Return what stands above the form; the address with its key for those who may change the endpoint."""
        pairs: list[tuple[Any, Any]] = [
            (_("Id"), copyable("endpoint-id", shown=row.short_id, full=str(row.pk), label=_("Copy the id"))),
        ]
        pairs += self._of_socket(row, with_key=with_key) if row.is_websocket else self._of_hook(row)
        names = [str(each) for each in row.filters.order_by("created_at")[:20]]
        return facts([*pairs, (_("Filters"), ", ".join(names) or _("none: every event")), *self._times(row)])

    def _of_socket(self, row: Endpoint, *, with_key: bool) -> list[tuple[Any, Any]]:
        url = websocket_url(row, with_key=with_key)
        shown = copyable("endpoint-url", shown=_("Copy"), full=url, label=_("Copy the address"))
        note = "" if with_key or not is_keyed(row) else _(" The key is shown to those who may change the endpoint.")
        count = presence.connected(str(row.pk))
        open_now = _("not known: the broker does not answer") if count is None else count
        return [(_("Address"), format_html("{}{}", shown, note)), (_("Open sockets"), open_now)]

    def _of_hook(self, row: Endpoint) -> list[tuple[Any, Any]]:
        destination = row.destination
        if destination is None:
            return []
        waiting = Delivery.objects.filter(destination=destination, state__in=WAITING).count()
        last = destination.last_status or destination.last_note or _("nothing sent yet")
        at = moment(destination.last_at) if destination.last_at else ""
        return [
            (_("Address"), f"{destination.method} {destination.url}"),
            (
                _("Last delivery"),
                format_html("{} {}", last, at),
            ),
            (_("Waiting"), waiting),
        ]

    def _times(self, row: Endpoint) -> list[tuple[Any, Any]]:
        return [(_("Created"), moment(row.created_at)), (_("Modified"), moment(row.modified_at))]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: TemplateResponse = super().render_change_form(request, context, *args, **kwargs)  # type: ignore[assignment]
        row = kwargs.get("obj")
        if row is not None and self.has_change_permission(request, row):
            answer.context_data = (answer.context_data or {}) | {"facts": self.card(row, with_key=True)}
            answer["Cache-Control"] = "no-store"
        return answer

    @page_action(gettext_lazy("New key"), right="change", tone="danger", shown=is_keyed)
    def renew_key(self, request: HttpRequest, row: Endpoint) -> str:
        subscribing.renew_access(row.workspace_id, row.pk, now=clock.now())
        return _("A new key was made: the address below has it, and the old one opens nothing any more.")

    @admin.display(description=gettext_lazy("id"))
    def short(self, row: Endpoint) -> SafeString:
        return format_html('<code class="short" title="{}">{}</code>', row.pk, row.short_id)

    @admin.display(description=gettext_lazy("type"), ordering="type")
    def type_shown(self, row: Endpoint) -> SafeString:
        return badge(row.get_type_display(), "quiet")

    @admin.display(description=gettext_lazy("receives"))
    def receives(self, row: Any) -> str:
        if not row.filter_count:
            return _("every event")
        words: str = ngettext("what %d filter lets through", "what %d filters let through", row.filter_count)
        return str(words % row.filter_count)


@admin.register(EventPolicy)
class EventPolicyAdmin(HistoryAdmin):
    heading = gettext_lazy("Event policies")
    intro = gettext_lazy("How a workspace treats what it passes on: deleted profiles, credentials, pictures.")
    empty_hint = gettext_lazy("Without one the defaults hold: pass on, mask, signed links, keys for websockets.")
    list_display = ("workspace", "deleted_profile", "mask_credentials", "open_images", "websocket_auth")
    list_select_related = ("workspace",)
    ordering = ("workspace__name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return ("workspace",) if obj else ()

    def save_model(self, request: HttpRequest, obj: EventPolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        changed(obj.workspace_id)

    def delete_model(self, request: HttpRequest, obj: EventPolicy) -> None:
        super().delete_model(request, obj)
        changed(obj.workspace_id)
