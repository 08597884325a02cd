from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.forms_catalogue import SECTIONS, TO_READ, ExampleForm, TaskForm, TaskGroupForm
from integrations.camera.models import CatalogueVersion, Example, Task, TaskGroup
from integrations.camera.pages import catalogue, catalogue_sources, csv_page, site_page
from integrations.camera.services import examples
from integrations.camera.services.links import example_links
from integrations.core import clock
from integrations.core.admin import ModelAdmin, moment_column
from integrations.core.badges import badge, pretty_json, sentence
from integrations.core.generic import AnyTabularInline
from integrations.core.page_actions import Link, page_action


def is_draft(row: CatalogueVersion) -> bool:
    return row.published_at is None


def is_active(row: CatalogueVersion) -> bool:
    return row.pk == row.site.active_version_id


@admin.register(CatalogueVersion)
class CatalogueVersionAdmin(ModelAdmin):
    heading = gettext_lazy("Catalogues")
    intro = gettext_lazy("What is photographed, in versions: a draft is edited, then activated; orders keep theirs.")
    empty_hint = gettext_lazy("Add the first draft of a camera site, then its task groups by hand or from a table.")
    list_display = ("__str__", "state", "note", "author", "created", "published")
    list_filter = ("site",)
    list_select_related = ("site",)
    list_defer = ("site__metadata_schema",)
    ordering = ("-pk",)
    page_actions = ("activate", "copy")
    created = moment_column("created_at", gettext_lazy("made"))
    published = moment_column("published_at", gettext_lazy("first activated"))

    def get_urls(self) -> list[URLPattern]:
        csv, site = (self.admin_site.admin_view(partial(each.page, self)) for each in (csv_page, site_page))
        return [
            path("<int:pk>/csv/", csv, name="camera_catalogueversion_csv"),
            path("<int:pk>/site/", site, name="camera_catalogueversion_site"),
            *super().get_urls(),
        ]

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return ("note",) if obj else ("site", "note")

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and is_draft(obj)

    def save_model(self, request: Any, obj: CatalogueVersion, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made = catalogue.draft_of(obj.site, like=None, author=request.user.get_username())
        made.note = obj.note
        made.save(update_fields=["note"])
        obj.pk, obj.number = made.pk, made.number

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            sites: Any = made.base_fields["site"]
            sites.queryset = sites.queryset.exclude(versions__published_at__isnull=True, versions__isnull=False)
            sites.help_text = _("Sites without a draft. To begin from an activated version, open it and copy it.")
        return made

    def lead(self, row: CatalogueVersion) -> list[SafeString]:
        return [self.state(row), *(sentence(each) for each in catalogue.problems(row))]

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: CatalogueVersion) -> SafeString:
        if is_active(row):
            return badge(_("active"), "ok")
        return badge(_("draft"), "wait") if is_draft(row) else badge(_("earlier"), "quiet")

    def facts(self, row: CatalogueVersion) -> SafeString:
        lines = [
            (reverse("admin:camera_taskgroup_change", args=[group.pk]), group.name, group.text("display_name", "en"))
            for group in row.groups.all()
        ]
        shown = format_html_join("", '<li><a href="{}">{}</a> <span class="grow quiet">{}</span></li>', lines)
        return format_html('<h2>{}</h2><ul class="rows">{}</ul>', _("Task groups"), shown) if lines else SafeString("")

    def page_links(self, request: HttpRequest, row: CatalogueVersion) -> list[Link]:
        if not (is_draft(row) and self.has_right(request, "camera.change_taskgroup")):
            return []
        add = f"{reverse('admin:camera_taskgroup_add')}?version={row.pk}"
        csv = reverse("admin:camera_catalogueversion_csv", args=[row.pk])
        site = reverse("admin:camera_catalogueversion_site", args=[row.pk])
        labels = [source.label for source in catalogue_sources.sources()]
        sites = [Link(_("Import from a {platform} site").format(platform=label), site) for label in labels]
        return [Link(_("Add a task group"), add), Link(_("Import a table"), csv), *sites]

    @page_action(gettext_lazy("Activate"), right="change", shown=lambda row: not is_active(row))
    def activate(self, request: HttpRequest, row: CatalogueVersion) -> str:
        catalogue.activate(row, now=clock.now())
        return _("Active: new orders begin with version {number}.").format(number=row.number)

    @page_action(gettext_lazy("Copy to a new draft"), right="add", tone="plain", shown=lambda row: not is_draft(row))
    def copy(self, request: HttpRequest, row: CatalogueVersion) -> str:
        made = catalogue.draft_of(row.site, like=row, author=request.user.get_username())
        return _("{draft} is the new draft.").format(draft=made)


class OfGroup(AnyTabularInline):
    """What belongs to a task group is changed with the right to the group."""

    template = "admin/edit_inline/stacked.html"
    formfield_overrides = ModelAdmin.formfield_overrides
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return request.user.has_perm("camera.view_taskgroup")

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return request.user.has_perm("camera.change_taskgroup") and (obj is None or is_draft(obj.version))

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self.has_change_permission(request, obj)


class TaskInline(OfGroup):
    model = Task
    form = TaskForm
    verbose_name_plural = gettext_lazy("Tasks")
    fields = (
        ("name", "order"), "sentence_en", "sentence_fr", "outcome_type", "outcome_validation",
        "mandatory", "conformity_status", "only_for_dashboard", "type_names",
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fields
        return ("name", "order", "sentences", "outcome_type", "outcome_validation", "mandatory", "conformity_status")


class ExampleInline(OfGroup):
    model = Example
    form = ExampleForm
    verbose_name_plural = gettext_lazy("Example pictures")
    readonly_fields = ("shown",)

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return ("shown", "upload", "position") if self.has_change_permission(request, obj) else ("shown", "position")

    @admin.display(description=gettext_lazy("picture"))
    def shown(self, row: Example) -> SafeString:
        if not row.pk:
            return SafeString("–")
        links = example_links(row)
        alt = _("Example {number}").format(number=row.position)
        return format_html('<a href="{}"><img class="thumb" src="{}" alt="{}"></a>', *links.values(), alt)


@admin.register(TaskGroup)
class TaskGroupAdmin(ModelAdmin):
    heading = gettext_lazy("Task groups")
    intro = gettext_lazy("A type of photo: what the worker sees, what each photo must pass, who decides on its tasks.")
    empty_hint = gettext_lazy("Open a draft under Catalogues and add one, or import a table there.")
    form = TaskGroupForm
    list_display = ("name", "version", "engine", "state")
    list_filter = ("version__site", "engine")
    list_select_related = ("version__site",)
    list_defer = ("texts", "checks", "engine_settings", "version__site__metadata_schema")
    search_fields = ("name",)
    ordering = ("-version", "order", "pk")
    inlines = (TaskInline, ExampleInline)
    readonly_fields = ("texts_shown", "checks_shown")

    class Media:
        css = {"all": ("camera_admin/camera.css",)}

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": (*TO_READ, "texts_shown", "checks_shown")})]
        return SECTIONS

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Keep example pictures before the transaction of the page begins; its form says what was refused."""
        if request.method == "POST" and self.has_change_permission(request):
            examples.keep_sent(request.FILES)
        return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form with the model's own fields: the texts and checks are added by the form itself."""
        return super().get_form(request, obj, change, **kwargs | {"fields": TO_READ})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"version": request.GET.get("version", "")}

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_draft(obj.version))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or is_draft(obj.version))

    def lead(self, row: TaskGroup) -> list[SafeString]:
        return [self.state(row), *(sentence(each) for each in catalogue.lacks(row))]

    def page_links(self, request: HttpRequest, row: TaskGroup) -> list[Link]:
        return [Link(str(row.version), reverse("admin:camera_catalogueversion_change", args=[row.version_id]))]

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: TaskGroup) -> SafeString:
        if is_active(row.version):
            return badge(_("active"), "ok")
        return badge(_("draft"), "wait") if is_draft(row.version) else badge(_("earlier"), "quiet")

    @admin.display(description=gettext_lazy("texts"))
    def texts_shown(self, row: TaskGroup) -> SafeString:
        return pretty_json(row.texts, label=_("Texts"))

    @admin.display(description=gettext_lazy("checks"))
    def checks_shown(self, row: TaskGroup) -> SafeString:
        return pretty_json(row.checks, label=_("Checks"))
