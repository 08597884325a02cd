from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core import clock
from integrations.core.admin import HistoryAdmin, moment_column
from integrations.core.badges import badge, facts, moment
from integrations.events import admin_deleting, conditions
from integrations.events.admin_endpoints import copyable
from integrations.events.forms import LISTS, FilterForm
from integrations.events.ids import matching_ids
from integrations.events.models import EventFilter
from integrations.events.selectors.explaining import preview
from integrations.events.services import directory, filtering

LIST_FIELDS = tuple(name for listed, more, _kind in LISTS.values() for name in (listed, more))
FILTER = "admin:events_eventfilter"


@admin.register(EventFilter)
class EventFilterAdmin(HistoryAdmin):
    heading = gettext_lazy("Event filters")
    intro = gettext_lazy("Which events an endpoint receives. Of several filters one that matches is enough.")
    empty_hint = gettext_lazy("Add one, and link it to endpoints. Until then each endpoint receives everything.")
    form = FilterForm
    change_form_template = "events/filter_form.html"
    list_display = ("named", "short", "conditions_shown", "linked", "created", "modified", "workspace")
    list_filter = ("workspace",)
    list_select_related = ("workspace",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name, or ids: whole, or their first eight characters, several with spaces")
    ordering = ("-created_at", "pk")
    created = moment_column("created_at", gettext_lazy("created"))
    modified = moment_column("modified_at", gettext_lazy("modified"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventFilter]:
        rows: QuerySet[EventFilter] = super().get_queryset(request)
        return rows.annotate(endpoint_count=Count("endpoints"))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        if (ids := matching_ids(search_term)) is not None:
            return queryset.filter(ids), False
        return super().get_search_results(request, queryset, search_term)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        own = [
            path("preview/", view, name="events_eventfilter_preview"),
            path("<uuid:pk>/preview/", view, name="events_eventfilter_preview_of"),
        ]
        return [*own, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: EventFilter | None = None) -> Any:
        if not self.has_change_permission(request, obj) and obj:
            return [(None, {"fields": ("name",)})]
        return [
            (None, {"fields": (*(() if obj else ("workspace",)), "name", "endpoints")}),
            (_("Recognition events"), {"fields": ("recognised", *LIST_FIELDS)}),
            (_("Events of Fieldport"), {"fields": ("own", "work_order_fields")}),
            (None, {"fields": ("everything",)}),
        ]

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        names = ("name", "endpoints") if obj else ("workspace", "name", "endpoints")
        return super().get_form(request, obj, change, **kwargs | {"fields": names})

    def get_actions(self, request: HttpRequest) -> Any:
        return {}  # each deletion is looked at by itself: what it widens is said before

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = {"name": form.cleaned_data["name"], "given": form.given(), "now": clock.now()}
        data["endpoint_ids"] = [each.pk for each in form.cleaned_data["endpoints"]]
        if change:
            saved = filtering.update_filter(obj.workspace_id, obj.pk, **data)
        else:
            saved = filtering.create_filter(obj.workspace_id, **data)
            obj.pk = saved.filter.pk
        self._warn(request, saved.warnings)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has linked the endpoints."""

    def delete_model(self, request: HttpRequest, obj: EventFilter) -> None:
        self._warn(request, filtering.delete_filters(obj.workspace_id, [obj.pk]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        *_listed, missing, protected = super().get_deleted_objects(objs, request)
        return *admin_deleting.of_filters(objs), missing, protected

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        if request.method == "GET" and row is not None:
            self._warn(request, filtering.warnings_of(row, endpoint_ids=()))
        return super().delete_view(request, object_id, extra_context)

    def _warn(self, request: HttpRequest, warnings: Any) -> None:
        for each in warnings:
            self.message_user(request, each, messages.WARNING)

    def preview_view(self, request: HttpRequest, pk: Any = None) -> HttpResponse:
        """Show what the filter, as it is typed, would have let through, and what saving it does to its endpoints."""
        row = self.get_object(request, str(pk)) if pk else None
        if pk and row is None:
            raise Http404
        if not (self.has_change_permission(request, row) if row else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, row, change=bool(row))(request.POST or None, instance=row)
        context = self.admin_site.each_context(request) | {"form": form, "list_heading": self._heading()}
        context |= {"title": _("What it would have matched"), "back": self._address(row)}
        if form.is_valid():
            given = form.given()
            meant = EventFilter(**conditions.blank() | conditions.read(given))
            found = preview(form.space, conditions.rule_of(meant), now=clock.now())
            ids = [each.pk for each in form.cleaned_data["endpoints"]]
            warnings = filtering.warnings_of(row or EventFilter(workspace_id=form.space), endpoint_ids=ids)
            context |= {"found": found, "warnings": warnings, "hidden": _hidden(request)}
        return TemplateResponse(request, "events/filter_preview.html", context)

    def _address(self, row: EventFilter | None) -> str:
        return reverse(f"{FILTER}_change", args=[row.pk]) if row else reverse(f"{FILTER}_add")

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        there = reverse(f"{FILTER}_preview_of", args=[row.pk]) if row else reverse(f"{FILTER}_preview")
        context["preview_url"] = there
        return super().render_change_form(request, context, *args, **kwargs)

    def facts(self, row: EventFilter) -> SafeString:
        pairs: list[tuple[Any, Any]] = [
            (_("Id"), copyable("filter-id", shown=str(row.pk)[:8], full=str(row.pk), label=_("Copy the id")))
        ]
        for name, (_listed, _more, kind) in LISTS.items():
            ids = getattr(row, conditions.COLUMNS[name])
            known = directory.names_of(kind, row.workspace_id, ids)
            if ids:
                pairs.append((name, ", ".join(known.get(each, _("{id} (missing)").format(id=each)) for each in ids)))
        return facts([*pairs, (_("Created"), moment(row.created_at)), (_("Modified"), moment(row.modified_at))])

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def named(self, row: EventFilter) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("id"))
    def short(self, row: EventFilter) -> SafeString:
        return format_html('<code class="short" title="{}">{}</code>', row.pk, str(row.pk)[:8])

    @admin.display(description=gettext_lazy("conditions"))
    def conditions_shown(self, row: EventFilter) -> Any:
        wanted = {name: values for name, values in conditions.rule_of(row).conditions.items() if values}
        if not wanted:
            return badge(_("everything"), "wait")
        return "; ".join(f"{name}: {_few(sorted(values))}" for name, values in wanted.items())

    @admin.display(description=gettext_lazy("endpoints"))
    def linked(self, row: Any) -> Any:
        return row.endpoint_count or badge(_("none"), "quiet")


def _few(values: list[str], most: int = 3) -> str:
    shown = ", ".join(value[:36] for value in values[:most])
    return shown if len(values) <= most else _("{shown} and {more} more").format(shown=shown, more=len(values) - most)


def _hidden(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was typed, to be sent again when it is saved."""
    return [
        (name, value) for name in request.POST for value in request.POST.getlist(name) if name != "csrfmiddlewaretoken"
    ]
