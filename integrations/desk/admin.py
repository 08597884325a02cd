from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple, SelectMultiple
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.core import subjects
from integrations.core.admin import ModelAdmin, ReadOnlyAdmin, moment_column
from integrations.core.badges import badge, moment
from integrations.core.page_actions import page_action
from integrations.desk import case
from integrations.sync import services as sync
from integrations.workorders.models import WorkOrder

if TYPE_CHECKING:
    AnyUserAdmin = UserAdmin[User]
else:
    AnyUserAdmin = UserAdmin

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(WorkOrder)
class WorkOrderAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Work orders")
    intro = gettext_lazy("Each order of field work with all that is known of it: what came in, what was written.")
    empty_hint = gettext_lazy("They come from the systems of record by the REST API, a feed, or a session's link key.")
    change_form_template = "desk/case.html"
    page_actions = ("replay",)
    list_display = ("called", "title", "state", "asset", "site", "assignee", "priority", "changed")
    list_display_links = ("called",)
    list_filter = ("closed", "status", "stub", "changed_at")
    grows = True
    search_fields = ("external_ids__external_id__istartswith", "title", "=asset", "=site")
    search_help_text = gettext_lazy("External key, session id, title, asset or site")
    ordering = ("-changed_at", "-pk")
    fields = ("title", "status", "asset", "site", "assignee", "priority", "opened", "resolved", "changed")
    readonly_fields = ("opened", "resolved", "changed")
    opened = moment_column("opened_at", gettext_lazy("opened"))
    resolved = moment_column("resolved_at", gettext_lazy("resolved"))
    changed = moment_column("changed_at", gettext_lazy("last moved"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkOrder]:
        return super().get_queryset(request).prefetch_related("external_ids")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        found, distinct = super().get_search_results(request, queryset, search_term)
        meant = subjects.matching(search_term.strip()) if search_term.strip() else set()
        pks = [subject.partition("/")[2] for subject in meant if subject.startswith("workorder/")]
        return (found | queryset.filter(pk__in=pks) if pks else found), distinct

    def lead(self, row: WorkOrder) -> list[SafeString]:
        return [self.state(row), moment(row.changed_at)]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("obj"):
            context |= case.context(kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)

    @page_action(gettext_lazy("Replay: write all of it again"), right="sync.rerun_recordwrite", tone="plain")
    def replay(self, request: HttpRequest, row: WorkOrder) -> str:
        count = sync.replay(row)
        words = ngettext("%d fact is published again.", "%d facts are published again.", count) % count
        return words + " " + _("What is there already is not written twice.")

    @admin.display(description=gettext_lazy("work order"))
    def called(self, row: WorkOrder) -> str:
        return ", ".join(name.external_id for name in row.external_ids.all()) or f"#{row.pk}"

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, row: WorkOrder) -> SafeString:
        if row.stub:
            return badge(_("known by its key only"), "wait")
        return badge(row.status or (_("closed") if row.closed else _("open")), "quiet" if row.closed else "busy")


@admin.register(User)
class AccountAdmin(AnyUserAdmin, ModelAdmin):
    heading = gettext_lazy("Users")
    intro = gettext_lazy("Who may sign in. Give rights by groups; tick “staff” so that the admin opens.")
    list_display = ("username", "email", "last_login", "is_active", "is_staff")

    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined"), "classes": ("collapse",)}),
    )

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **kwargs | {"widget": CheckboxSelectMultiple})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Only a superuser sees superusers: whoever may set passwords must not take over an account above them."""
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(is_superuser=False)

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return ("last_login", "date_joined", *(() if request.user.is_superuser else ("is_superuser",)))


@admin.register(Group)
class RightsAdmin(GroupAdmin, ModelAdmin):
    heading = gettext_lazy("Groups")
    intro = gettext_lazy("Rights by role. The four shipped ones are set again at each update; copy one to change it.")
    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        rights = SelectMultiple(attrs={"size": 24})
        return super().formfield_for_manytomany(db_field, request, **kwargs | {"widget": rights})
