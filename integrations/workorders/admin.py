from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.connections.admin import SECRETS, connection_column
from integrations.core import clock, subjects
from integrations.core.admin import ReadOnlyAdmin, moment_column
from integrations.core.badges import badge, sentence
from integrations.core.page_actions import Link, page_action
from integrations.workorders import assigning, called, services
from integrations.workorders.links import photo_path
from integrations.workorders.models import Join, Photo, WorkOrder

subjects.register_kind("workorder", names=called.names, page=called.page)
subjects.register_search(called.search)


def order_link(order: WorkOrder | None) -> SafeString:
    """Return the link to an order whose names were read with it."""
    if order is None:
        return subjects.link("")
    return subjects.link(order.subject, ", ".join(name.external_id for name in order.external_ids.all()))


class Decided(admin.SimpleListFilter):
    """Unmatched rows by default; what was decided is one click away."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("joined", _("joined")), ("dismissed", _("dismissed")), ("all", _("all")))

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("unmatched")}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "joined":
            return queryset.filter(work_order__isnull=False)
        if self.value() == "dismissed":
            return queryset.filter(work_order__isnull=True, dismissed_at__isnull=False)
        return queryset if self.value() == "all" else queryset.unmatched()


@admin.register(Join)
class JoinAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Unmatched")
    intro = gettext_lazy("Facts without a work order. Assign one, and they are written as if the key had been there.")
    empty_hint = gettext_lazy("Good: every session and call has found its work order. One without a key waits here.")
    list_display = ("what", "state_badge", "explained", "key", "connection_shown", "occurred")
    list_filter = (Decided, "connection", "source_type")
    list_select_related = ("connection", "work_order")
    list_defer = SECRETS
    grows = True
    search_fields = ("title", "=key_read", "=work_order__external_ids__external_id")
    search_help_text = gettext_lazy("Title, key as read, or work order")
    ordering = ("-occurred_at", "-pk")
    actions = ("assign", "dismiss", "restore")
    page_actions = ("dismiss_one", "restore_one")
    fields = ("title", "connection", "key", "explained", "belongs_to", "occurred_at", "joined_at", "decided_by")
    readonly_fields = ("key", "explained", "belongs_to")
    connection_shown = connection_column
    occurred = moment_column("occurred_at", gettext_lazy("happened"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.assign_view)
        return [path("assign/", view, name="workorders_join_assign"), *super().get_urls()]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "change")

    def page_links(self, request: HttpRequest, row: Join) -> list[Link]:
        url = f"{reverse('admin:workorders_join_assign')}?ids={row.pk}"
        return [Link(_("Assign a work order"), url)] if self.has_decide_permission(request) else []

    @admin.display(description=gettext_lazy("what"), ordering="title")
    def what(self, row: Join) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("state"))
    def state_badge(self, row: Join) -> SafeString:
        if row.work_order_id:
            return badge(_("joined"), "ok")
        return badge(_("dismissed"), "quiet") if row.dismissed_at else badge(_("waits for you"), "wait")

    @admin.display(description=gettext_lazy("why"))
    def explained(self, row: Join) -> SafeString:
        if row.work_order_id:
            return sentence(format_html("{} → {}", row.get_joined_by_display(), self.belongs_to(row)))
        return sentence(row.reason or _("No work order key was found in it."))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Join]:
        return super().get_queryset(request).prefetch_related("work_order__external_ids")

    @admin.display(description=gettext_lazy("work order"))
    def belongs_to(self, row: Join) -> SafeString:
        return order_link(row.work_order)

    @admin.display(description=gettext_lazy("key as read"), ordering="key_read")
    def key(self, row: Join) -> str:
        return f"{row.key_name} = {row.key_read}" if row.key_read else "–"

    @admin.action(description=gettext_lazy("Assign a work order …"), permissions=["decide"])
    def assign(self, request: HttpRequest, queryset: QuerySet[Join]) -> HttpResponse:
        pks = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[:200])
        return HttpResponseRedirect(f"{reverse('admin:workorders_join_assign')}?ids={pks}")

    def assign_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_decide_permission(request):
            return HttpResponseRedirect(reverse("admin:workorders_join_changelist"))
        return assigning.page(self.admin_site, request)

    @admin.action(description=gettext_lazy("Dismiss: nothing is to be written"), permissions=["decide"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Join]) -> None:
        now, by = clock.now(), request.user.get_username()
        count = sum(services.dismiss(join, by=by, now=now) for join in queryset)
        words = ngettext("%d row dismissed.", "%d rows dismissed.", count) % count
        self.message_user(request, words, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Put back into Unmatched"), permissions=["decide"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Join]) -> None:
        count = sum(services.restore(join) for join in queryset)
        words = ngettext("%d row put back.", "%d rows put back.", count) % count
        self.message_user(request, words, messages.SUCCESS)

    @page_action(
        gettext_lazy("Dismiss"),
        right="change",
        tone="plain",
        shown=lambda row: row.work_order_id is None and row.dismissed_at is None,
    )
    def dismiss_one(self, request: HttpRequest, row: Join) -> str:
        services.dismiss(row, by=request.user.get_username(), now=clock.now())
        return _("Dismissed: nothing of it is written.")

    @page_action(
        gettext_lazy("Put back"),
        right="change",
        tone="plain",
        shown=lambda row: row.work_order_id is None and row.dismissed_at is not None,
    )
    def restore_one(self, request: HttpRequest, row: Join) -> str:
        services.restore(row)
        return _("It waits in Unmatched again.")


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Photos")
    intro = gettext_lazy("Pictures kept with their work order, cleaned and served by links that expire.")
    empty_hint = gettext_lazy("A session with a photo answer brings the first.")
    list_display = ("thumbnail_shown", "name", "belongs_to", "taken", "size")
    list_display_links = ("thumbnail_shown", "name")
    list_filter = ("created_at", "content_type")
    list_defer = ("metadata",)
    grows = True
    search_fields = ("label", "=external_id", "=work_order__external_ids__external_id")
    search_help_text = gettext_lazy("Label or work order")
    ordering = ("-pk",)
    fields = ("picture", "label", "belongs_to", "taken_at", "created_at", "width", "height", "bytes", "sha256")
    readonly_fields = ("picture", "belongs_to")
    taken = moment_column("taken_at", gettext_lazy("taken"))

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail_shown(self, row: Photo) -> SafeString:
        return format_html('<img class="thumb" src="{}" alt="{}" loading="lazy">', photo_path(row, size="small"), row)

    @admin.display(description=gettext_lazy("label"), ordering="label")
    def name(self, row: Photo) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, row: Photo) -> SafeString:
        return format_html('<img class="picture" src="{}" alt="{}">', photo_path(row), row)

    @admin.display(description=gettext_lazy("size"))
    def size(self, row: Photo) -> str:
        return f"{row.width} × {row.height}, {row.bytes // 1024} KiB"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        return super().get_queryset(request).prefetch_related("work_order__external_ids")

    @admin.display(description=gettext_lazy("work order"))
    def belongs_to(self, row: Photo) -> SafeString:
        return order_link(row.work_order)
