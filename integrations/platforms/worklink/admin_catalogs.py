"""Scenarios and catalogs in the admin, and the pages beside them: gaps, tables, downloads."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, connection_column
from integrations.core.admin import ModelAdmin, moment_column
from integrations.core.badges import badge, moment
from integrations.core.generic import AnyTabularInline
from integrations.core.page_actions import Link
from integrations.core.tables import csv_response
from integrations.platforms.worklink.catalogs import gaps_page
from integrations.platforms.worklink.catalogs.loading import COLUMNS
from integrations.platforms.worklink.forms_catalogs import CatalogForm, ServedForm
from integrations.platforms.worklink.models import CatalogObject, Listed, Lists, Scenario, ScenarioCatalog, Source

TONES = {Source.CMS: "ok", Source.HAND: "quiet", Source.FILE: "quiet"}


class IsThere(admin.SimpleListFilter):
    """What vanished from the CMS is one click away."""

    title = gettext_lazy("in the CMS")
    parameter_name = "there"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("gone", _("gone")), ("there", _("there")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = {"gone": False, "there": True}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(gone_at__isnull=wanted)


class ListedAdmin(ModelAdmin):
    """Rows that the CMS lists, and that a person may enter instead: its own are not edited here."""

    list_select_related: ClassVar[Any] = ("connection",)
    list_filter: ClassVar[Any] = (IsThere, "source", "connection")
    list_defer: ClassVar[Any] = SECRETS
    ordering: ClassVar[Any] = ("name", "pk")
    own_fields: ClassVar[tuple[str, ...]] = ()
    connection_shown = connection_column
    seen = moment_column("seen_at", gettext_lazy("last seen"))

    @admin.display(description=gettext_lazy("source"), ordering="source")
    def state(self, row: Listed) -> SafeString:
        if row.gone_at:
            return badge(_("gone from the CMS"), "wait")
        return badge(row.get_source_display(), TONES.get(Source(row.source), "quiet"))

    def lead(self, row: Listed) -> list[SafeString]:
        return [self.state(row), moment(row.gone_at or row.seen_at)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        own = obj is not None and obj.is_of_the_cms
        return self.own_fields if own else super().get_readonly_fields(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        made = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if made is not None and made.queryset is not None and db_field.name == "connection":
            made.queryset = made.queryset.defer("credentials", "token_cache", "probe", "settings")
        return made

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """What the CMS lists would come back; what is gone, or was entered here, may go."""
        kept = obj is not None and obj.is_of_the_cms and obj.gone_at is None
        return not kept and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> Any:
        return {name: each for name, each in super().get_actions(request).items() if name != "delete_selected"}


class ServedObjects(AnyTabularInline):
    model = CatalogObject
    form = ServedForm
    template = "sync/fields_inline.html"
    extra = 1
    verbose_name_plural = gettext_lazy("Objects that it serves beside its external asset id")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("worklink.view_scenariocatalog")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("worklink.change_scenariocatalog")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)


@admin.register(ScenarioCatalog)
class ScenarioCatalogAdmin(ListedAdmin):
    heading = gettext_lazy("Scenario catalogs")
    intro = gettext_lazy("Which scenarios can be picked for which object of yours. A link opens one by its asset id.")
    empty_hint = gettext_lazy("The import from the CMS fills this list; or add a catalog, or bring a table of them.")
    form = CatalogForm
    inlines = (ServedObjects,)
    list_display = ("name", "external_asset_id", "objects", "held", "state", "connection_shown", "seen")
    search_fields = ("name", "=external_asset_id", "=database_id", "=served__object_id")
    search_help_text = gettext_lazy("Name, asset id, object id or number in the CMS")
    own_fields = ("connection", "name", "database_id", "external_asset_id", "scenarios_shown")

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        shown = obj is not None and (obj.is_of_the_cms or not self.has_change_permission(request, obj))
        return (*self.own_fields[:-1], "scenarios_shown" if shown else "scenario_names")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return super().get_readonly_fields(request, obj) or ("scenarios_shown",)

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        fields = [name for name in self.own_fields[:-1] if name not in self.get_readonly_fields(request, obj)]
        return super().get_form(request, obj, change, **kwargs | {"fields": fields})

    def get_queryset(self, request: HttpRequest) -> Any:
        counted = {"held_count": Count("scenarios", distinct=True), "served_count": Count("served", distinct=True)}
        return super().get_queryset(request).annotate(**counted)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("gaps/", view(partial(gaps_page.page, self)), name="worklink_scenariocatalog_gaps"),
            path("gaps/csv/", view(partial(gaps_page.download, self)), name="worklink_scenariocatalog_gaps_csv"),
            path("csv/", view(self.download), name="worklink_scenariocatalog_csv"),
            *super().get_urls(),
        ]

    def list_links(self, request: HttpRequest) -> list[Link]:
        load = f"{reverse('admin:worklink_tableload_bring')}?lists={Lists.CATALOGS}"
        return [
            Link(_("Gap report"), reverse("admin:worklink_scenariocatalog_gaps")),
            *([Link(_("Bring a table"), load)] if self.has_right(request, "worklink.add_tableload") else []),
            Link(_("Import from the CMS"), f"{reverse('admin:worklink_cmsimport_changelist')}?lists={Lists.CATALOGS}"),
            Link(_("Download CSV"), reverse("admin:worklink_scenariocatalog_csv")),
        ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if isinstance(form, CatalogForm) and not form.instance.is_of_the_cms:
            form.hold_scenarios()

    def download(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send all that is there, in the columns that a table brings back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return csv_response("scenario-catalogs.csv", COLUMNS.known, _lines(super().get_queryset(request)))

    @admin.display(description=gettext_lazy("scenarios"))
    def held(self, row: Any) -> int:
        return int(row.held_count)

    @admin.display(description=gettext_lazy("further objects"))
    def objects(self, row: Any) -> int:
        return int(row.served_count)

    @admin.display(description=gettext_lazy("scenarios"))
    def scenarios_shown(self, row: ScenarioCatalog) -> SafeString:
        held = row.scenarios.order_by("name")[:200] if row.pk else ()
        links = ((reverse("admin:worklink_scenario_change", args=[each.pk]), each.name) for each in held)
        return format_html_join(SafeString("<br>"), '<a href="{}">{}</a>', links) or SafeString("–")


def _lines(rows: Any) -> Iterator[list[str]]:
    """Yield a line for each object and each scenario of each catalog, and one for a catalog without any."""
    for row in rows.prefetch_related("served", "scenarios").order_by("name", "pk").iterator(chunk_size=500):
        own = [row.name, row.database_id, row.external_asset_id]
        told = [[*own, each.kind, each.object_id, "", ""] for each in row.served.all()]
        told += [[*own, "", "", each.name, each.database_id] for each in row.scenarios.all()]
        yield from told or [[*own, "", "", "", ""]]


@admin.register(Scenario)
class ScenarioAdmin(ListedAdmin):
    heading = gettext_lazy("Scenarios")
    intro = gettext_lazy("Sets of work instructions, as the CMS lists them or a catalog names them.")
    empty_hint = gettext_lazy("The import from the CMS fills this list; scenarios also come with a table of catalogs.")
    list_display = ("name", "group", "state", "connection_shown", "seen")
    search_fields = ("name", "=database_id")
    search_help_text = gettext_lazy("Name or number in the CMS")
    fields = ("connection", "name", "database_id", "group", "catalogs_shown")
    readonly_fields = ("catalogs_shown",)
    own_fields = fields

    @admin.display(description=gettext_lazy("catalogs"))
    def catalogs_shown(self, row: Scenario) -> SafeString:
        held = row.catalogs.order_by("name")[:200] if row.pk else ()
        links = [(reverse("admin:worklink_scenariocatalog_change", args=[each.pk]), each.name) for each in held]
        return format_html_join(SafeString("<br>"), '<a href="{}">{}</a>', links) if links else format_html("–")
