from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core import clock
from integrations.core.admin import ModelAdmin
from integrations.core.badges import sentence
from integrations.core.generic import AnyTabularInline
from integrations.core.page_actions import Link, page_action
from integrations.scripts import admin_kept, admin_runs, forms, pages, services, words
from integrations.scripts.admin_deleting import DeletedWithCare
from integrations.scripts.forms_grants import GrantForm, GrantFormSet
from integrations.scripts.listing import with_runs
from integrations.scripts.models import Script, ScriptGrant

__all__ = ["ScriptAdmin", "admin_kept", "admin_runs"]  # their imports register them


class GrantInline(AnyTabularInline):
    model = ScriptGrant
    form = GrantForm
    formset = GrantFormSet
    template = "sync/fields_inline.html"
    formfield_overrides = ModelAdmin.formfield_overrides
    extra = 1
    verbose_name_plural = gettext_lazy("Granted connections")


@admin.register(Script)
class ScriptAdmin(DeletedWithCare):
    heading = gettext_lazy("Scripts")
    intro = gettext_lazy("JavaScript of your own, run on events, on a schedule or by hand.")
    empty_hint = gettext_lazy("Add one, start from a template, try it on an event that came in, then publish it.")
    form = forms.ScriptForm
    change_list_template = "scripts/script_list.html"
    list_display = ("name", "state", "runs_when", "published", "last_run", "failed_lately")
    list_filter = ("enabled",)
    list_select_related = ("active_version",)
    list_defer = ("secrets", "settings", "settings_schema", "active_version__source")
    search_fields = ("name", "slug")
    ordering = ("name", "pk")
    inlines = (GrantInline,)
    page_actions = ("run_now",)
    readonly_fields = ("next_runs", "settings_shown", "secrets_shown")
    prepopulated_fields = {"slug": ("name",)}

    class Media:
        css = {"all": ("script_pages/pages.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_runs(super().get_queryset(request), now=clock.now())

    def get_urls(self) -> list[URLPattern]:
        return [*pages.urls(self), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Script | None = None) -> Any:
        if not self.has_change_permission(request, obj):
            return forms.sections_to_read()
        data = request.POST if request.method == "POST" else None
        return forms.sections_to_fill(forms.schema_in_play(data, obj))

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form with the model's own fields only: those of settings and secrets are added by the form."""
        fixed = self.get_readonly_fields(request, obj)
        names = [name for name in forms.MODEL_FIELDS if name not in fixed]
        return super().get_form(request, obj, change, **kwargs | {"fields": names})

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return (*self.readonly_fields, "slug") if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return {} if obj or not self.has_add_permission(request) else self.prepopulated_fields

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.set_timer(form.instance, now=clock.now())

    def response_add(self, request: HttpRequest, obj: Script, post_url_continue: str | None = None) -> HttpResponse:
        answer = super().response_add(request, obj, post_url_continue)
        further = {"_continue", "_addanother"} & request.POST.keys()
        return answer if further else HttpResponseRedirect(pages.editor_url(obj))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"jail": pages.jail(), **(extra_context or {})})

    def lead(self, row: Script) -> list[SafeString]:
        return [words.state(row), sentence(words.triggers(row))]

    def page_links(self, request: HttpRequest, row: Script) -> list[Link]:
        runs = f"{reverse('admin:scripts_scriptrun_changelist')}?script__id__exact={row.pk}"
        links = [Link(_("Editor"), pages.editor_url(row)), Link(_("Versions"), pages.versions_url(row))]
        return [*links, Link(_("Runs"), runs)] if self.has_right(request, "scripts.view_scriptrun") else links

    @page_action(gettext_lazy("Run now"), right="scripts.rerun_scriptrun", shown=lambda row: row.active_version_id)
    def run_now(self, request: HttpRequest, row: Script) -> str:
        run = services.run_by_hand(row, by=request.user.get_username(), now=clock.now())
        return _("Run {number} waits for a free worker.").format(number=run.pk)
