from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.models import AnalysisRun, FieldOrder, HandOver, Input, TaskGroup, WorkItem
from integrations.camera.pages import correcting, order_panel, shown
from integrations.core import panels, subjects
from integrations.core.admin import ReadOnlyAdmin, WorkAdmin, moment_column
from integrations.core.badges import Text, facts, moment, pretty_json
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo

MOST_GROUPS = 200
panels.register("workorders.WorkOrder", order_panel.panel)


class Score(admin.SimpleListFilter):
    title = gettext_lazy("score")
    parameter_name = "score"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("full", "100"), ("high", "50–99"), ("low", "0–49"), ("none", _("none")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted: dict[str | None, dict[str, Any]] = {
            "full": {"score": 100},
            "high": {"score__gte": 50, "score__lt": 100},
            "low": {"score__lt": 50},
            "none": {"score__isnull": True},
        }
        return queryset.filter(**wanted.get(self.value(), {}))


class OfGroup(admin.SimpleListFilter):
    """Task groups by name: each version of a catalogue has rows of its own."""

    title = gettext_lazy("task group")
    parameter_name = "group"
    path = "group__name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        names = TaskGroup.objects.filter(version__published_at__isnull=False).order_by("name")
        return [(name, name) for name in names.values_list("name", flat=True).distinct()[:MOST_GROUPS]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class Status(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "status"
    path = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("analysis_ok", "analysis_ok"), ("analysis_ko", "analysis_ko"), ("none", _("no verdict yet")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        asked = {"none": ""}.get(self.value() or "", self.value())
        return queryset if asked is None else queryset.filter(**{self.path: asked})


class _OfOrders:
    """The same question of an order: whether one of its items is so."""

    path: str

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        items: Any = super().queryset(request, WorkItem.objects.all())  # type: ignore[misc]  # a filter's, beside it
        return queryset.filter(pk__in=items.values("order")) if self.value() else queryset  # type: ignore[attr-defined]


class StatusOfItems(_OfOrders, Status):
    pass


class GroupOfItems(_OfOrders, OfGroup):
    pass


class ScoreOfItems(_OfOrders, Score):
    pass


class Items(ReadOnlyAdmin):
    """A page of photos: an order's or an item's."""

    change_form_template = "camera/admin/order.html"

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return []  # the page is its own

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if row := kwargs.get("obj"):
            context |= {"items": shown.items_of(self.items(row))}
        return super().render_change_form(request, context, *args, **kwargs)

    def items(self, row: Any) -> Any:
        """Return the items whose photos the page shows."""
        raise NotImplementedError


@admin.register(FieldOrder)
class FieldOrderAdmin(Items):
    heading = gettext_lazy("Field orders")
    intro = gettext_lazy("Orders as the camera sees them, with their expected photos and the verdicts.")
    empty_hint = gettext_lazy("The first visit of a field app makes one, or a request to the REST API.")
    list_display = ("name", "site", "belongs_to", "progress", "created", "changed")
    list_filter = (StatusOfItems, GroupOfItems, ScoreOfItems, "site", "created_at")
    list_select_related = ("site",)
    list_defer = ("metadata", "tags", "user_group_ids", "site__metadata_schema")
    search_fields = ("=name", "=uuid", "=correlation_id")
    search_help_text = gettext_lazy("Name, id or correlation id")
    ordering = ("-pk",)
    created = moment_column("created_at", gettext_lazy("made"))
    changed = moment_column("changed_at", gettext_lazy("changed"))

    def items(self, row: FieldOrder) -> Any:
        return row.items.all()

    @admin.display(description=gettext_lazy("work order"), ordering="subject")
    def belongs_to(self, row: FieldOrder) -> SafeString:
        return subjects.link_of(row)

    @admin.display(description=gettext_lazy("progress"), ordering="progress_score")
    def progress(self, row: FieldOrder) -> str:
        return f"{row.progress_score}\N{NO-BREAK SPACE}%"

    def facts(self, row: FieldOrder) -> SafeString:
        pairs: list[tuple[Text, Any]] = [
            (_("Work order"), self.belongs_to(row)),
            (_("Site"), row.site),
            (_("Catalogue"), row.version),
            (_("Progress"), self.progress(row)),
            (_("Types"), ", ".join(map(str, row.type_names)) or "–"),
            (_("Made"), moment(row.created_at)),
            (_("Deleted"), moment(row.deleted_at)),
            ("id", row.uuid),
            *([(_("id at the vendor"), row.external_id)] if row.external_id else []),
            (_("Correlation id"), row.correlation_id or "–"),
        ]
        return facts(pairs) + (pretty_json(row.metadata, label=_("Metadata")) if row.metadata else SafeString(""))


@admin.register(WorkItem)
class WorkItemAdmin(Items):
    heading = gettext_lazy("Work items")
    intro = gettext_lazy("Each expected photo of an order, with its status and score.")
    empty_hint = gettext_lazy("They come with the field orders.")
    list_display = ("photo_shown", "group", "order_link", "status_shown", "score", "changed")
    list_display_links = ("photo_shown", "group")
    list_filter = (Status, OfGroup, Score, "order__site")
    list_select_related = ("group", "order")
    list_defer = ("order__metadata", "group__texts", "group__checks", "group__engine_settings")
    search_fields = ("=order__name", "=uuid")
    search_help_text = gettext_lazy("Order's name, or the item's id")
    ordering = ("-pk",)
    changed = moment_column("changed_at", gettext_lazy("changed"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(correcting.page, self))
        return [path("correct/<int:pk>/", view, name="camera_workitem_correct"), *super().get_urls()]

    def may_correct(self, request: HttpRequest) -> bool:
        """Whoever decides in the place of an engine also corrects one."""
        return self.has_right(request, "camera.rerun_analysisrun")

    def get_queryset(self, request: HttpRequest) -> Any:
        last = Input.objects.filter(item=OuterRef("pk"), photo_id__isnull=False).order_by("-number")
        return super().get_queryset(request).annotate(last_photo=Subquery(last.values("photo_id")[:1]))

    @admin.display(description=gettext_lazy("photo"))
    def photo_shown(self, row: WorkItem) -> SafeString:
        if row.last_photo is None:  # type: ignore[attr-defined]  # annotated
            return SafeString("–")
        link = photo_path(Photo(pk=row.last_photo), size="small")  # type: ignore[attr-defined]
        return format_html('<img class="thumb" src="{}" alt="{}" loading="lazy">', link, row.group.name)

    def items(self, row: WorkItem) -> Any:
        return WorkItem.objects.filter(pk=row.pk)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_shown(self, row: WorkItem) -> SafeString:
        return shown.status_badge(row)

    @admin.display(description=gettext_lazy("order"), ordering="order__name")
    def order_link(self, row: WorkItem) -> SafeString:
        url = reverse("admin:camera_fieldorder_change", args=[row.order_id])
        return format_html('<a href="{}">{}</a>', url, row.order.name)

    def facts(self, row: WorkItem) -> SafeString:
        return facts([(_("Order"), self.order_link(row)), (_("Changed"), moment(row.changed_at))])


@admin.register(AnalysisRun)
class AnalysisRunAdmin(WorkAdmin):
    heading = gettext_lazy("Analysis runs")
    intro = gettext_lazy("The slow work of each analysis.")
    empty_hint = gettext_lazy("The first photo makes one.")


@admin.register(HandOver)
class HandOverAdmin(WorkAdmin):
    heading = gettext_lazy("Hand-overs")
    intro = gettext_lazy("Users who went on to a vendor's own camera: getting ready, and reading what they took there.")
    empty_hint = gettext_lazy("A visit to a task group that is handed over brings the first.")
    list_display = ("__str__", "phase", "state_badge", "explained", "belongs_to", "due", "attempts")
    list_filter = (*WorkAdmin.list_filter, "phase")
    list_defer = ("marks", "said")
    search_fields = ("=uuid", "=visit__uuid")
    search_help_text = gettext_lazy("Id of the hand-over or of the visit")
    exclude = ("claim_token",)
