"""Data stores and their loads in the admin."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core.admin import HistoryAdmin, WorkAdmin, has_ended, moment_column
from integrations.core.badges import badge, facts, moment, progress_bar, sentence, state_badge
from integrations.core.errors import FieldportError
from integrations.core.page_actions import Link, page_action
from integrations.core.work import WorkState
from integrations.stores import asking, library
from integrations.stores.destinations import sink_of
from integrations.stores.forms import ACCOUNT, LABELS, PLACE, WHEN, PeriodForm, StoreForm
from integrations.stores.models import DataStore, Mode, StoreLoad

RIGHT = "stores.rerun_storeload"


@admin.register(DataStore)
class DataStoreAdmin(HistoryAdmin):
    heading = gettext_lazy("Data stores")
    intro = gettext_lazy("Where sessions, answers, calls, jobs and runs are loaded for reports of your own.")
    empty_hint = gettext_lazy("Add one: a DuckDB file needs nothing but a name.")
    form = StoreForm
    list_display = ("name", "kind", "cron", "enabled", "next_run", "last_load")
    list_defer = ("secrets",)
    search_fields = ("name", "slug")
    ordering = ("name",)
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}
    page_actions = ("try_it", "load_now")
    readonly_fields = ("loads_shown",)
    next_run = moment_column("next_at", gettext_lazy("next load"))

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        found = [
            (None, {"fields": PLACE}),
            (_("Where it is"), {"fields": ACCOUNT}),
            (_("When"), {"fields": WHEN}),
        ]
        if not self.has_change_permission(request, obj):
            found[1] = (_("Where it is"), {"fields": tuple(name for name in ACCOUNT if name not in LABELS)})
        return [*found, (_("Loads"), {"fields": ("loads_shown",)})] if obj else found

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form with the model's own fields only: the secrets are added by the form itself."""
        own = [field.name for field in DataStore._meta.fields if field.editable and field.name not in ("id", "secrets")]
        return super().get_form(request, obj, change, **kwargs | {"fields": own})

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return {} if obj or not self.has_add_permission(request) else self.prepopulated_fields

    def lead(self, row: DataStore) -> list[SafeString]:
        shown = [badge(row.get_kind_display(), "quiet")]
        shown += [] if row.enabled else [badge(_("switched off"), "wait")]
        return shown if library.is_installed() else [*shown, sentence(library.MISSING)]

    def page_links(self, request: HttpRequest, row: Any) -> list[Link]:
        if not request.user.has_perm(RIGHT):
            return []
        return [Link(_("Load a period again"), reverse("admin:stores_load_ask", args=[row.pk]))]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.ask_view)
        return [path("<int:pk>/load/", view, name="stores_load_ask"), *super().get_urls()]

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a period to be loaded again."""
        store = self.get_object(request, str(pk))
        if store is None:
            raise Http404
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        form = PeriodForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and (load := self._asked(request, store, form)):
            return HttpResponseRedirect(reverse("admin:stores_storeload_change", args=[load.pk]))
        shown = {"title": _("Load a period again"), "form": form, "store": store}
        shown["zone"] = timezone.get_current_timezone_name()
        return TemplateResponse(request, "stores/ask.html", self.admin_site.each_context(request) | shown)

    def _asked(self, request: HttpRequest, store: DataStore, form: PeriodForm) -> StoreLoad | None:
        by = request.user.get_username()
        try:
            load = asking.start(store, by=by, mode=Mode.PERIOD, **form.cleaned_data)
        except FieldportError as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        self.message_user(request, _("A worker has begun. This page shows how far it has come."), messages.SUCCESS)
        return load

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataStore]:
        """Add what the last load of each store came to: one query for the whole list."""
        last = StoreLoad.objects.filter(store=OuterRef("pk")).order_by("-pk")
        told = {f"last_{name}": Subquery(last.values(name)[:1]) for name in ("pk", "state", "created_at", "note")}
        found: QuerySet[DataStore] = super().get_queryset(request).annotate(**told)
        return found

    @admin.display(description=gettext_lazy("last load"))
    def last_load(self, row: Any) -> SafeString:
        if row.last_pk is None:
            return sentence(_("None yet."))
        load = StoreLoad(pk=row.last_pk, state=row.last_state, created_at=row.last_created_at, note=row.last_note)
        return _load_line(load)

    @admin.display(description=gettext_lazy("last loads"))
    def loads_shown(self, row: DataStore) -> SafeString:
        loads = row.loads.order_by("-pk")[:5]
        lines = format_html_join("", "<li>{}</li>", ((_load_line(load),) for load in loads))
        return format_html('<ul class="plain">{}</ul>', lines) if lines else sentence(_("None yet."))

    @page_action(gettext_lazy("Test it"), right="change")
    def try_it(self, request: HttpRequest, row: DataStore) -> str:
        return sink_of(row).check()

    @page_action(gettext_lazy("Load now"), right=RIGHT)
    def load_now(self, request: HttpRequest, row: DataStore) -> str:
        asking.start(row, by=request.user.get_username())
        return _("A worker has begun; see the last loads below.")


def _load_line(load: StoreLoad) -> SafeString:
    url = reverse("admin:stores_storeload_change", args=[load.pk])
    parts = (state_badge(load.state, load.get_state_display()), url, moment(load.created_at), load.note)
    return format_html('{} <a href="{}">{}</a> {}', *parts)


def may_stop(row: StoreLoad) -> bool:
    return not has_ended(row) and not row.stopped_by


def may_go_on(row: StoreLoad) -> bool:
    return row.state in (WorkState.SKIPPED, WorkState.FAILED)


@admin.register(StoreLoad)
class StoreLoadAdmin(WorkAdmin):
    heading = gettext_lazy("Loads into data stores")
    intro = gettext_lazy("What was loaded, by the clock or because someone asked.")
    empty_hint = gettext_lazy("“Load now” on the page of a data store asks for the first.")
    change_form_template = "stores/load.html"
    list_display = ("__str__", "state_badge", "explained", "mode", "progress", "asker", "asked")
    list_filter: ClassVar[Any] = ("state", "store", "mode")
    list_select_related = ("store",)
    list_defer = ("store__secrets",)
    actions = ()
    page_actions = ("stop", "go_on")
    fields = ()
    asked = moment_column("created_at", gettext_lazy("asked"))

    @admin.display(description=gettext_lazy("asked by"), ordering="asked_by")
    def asker(self, row: StoreLoad) -> str:
        return row.asked_by or _("the schedule")

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, row: StoreLoad) -> SafeString:
        return progress_bar(done=row.loaded, total=row.total or 0, ended=row.state == WorkState.DONE)

    def facts(self, row: StoreLoad) -> SafeString:
        pairs = [(_("Data store"), row.store.name), (_("What"), row.get_mode_display())]
        if row.mode == Mode.PERIOD:
            pairs += [
                (_("Happened from"), moment(row.since) if row.since else _("the first there is")),
                (_("until before"), moment(row.until) if row.until else _("now")),
            ]
        return facts([*pairs, (_("Asked by"), self.asker(row)), (_("Asked"), moment(row.created_at))])

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs["obj"]
        minutes = None if row.seconds_left is None or has_ended(row) else round(row.seconds_left / 60)
        context |= {"progress": self.progress(row), "live": not has_ended(row), "minutes": minutes}
        context["counts"] = sorted(row.counts.items())
        return super().render_change_form(request, context, *args, **kwargs)

    @page_action(gettext_lazy("Stop"), right="rerun", tone="plain", shown=may_stop)
    def stop(self, request: HttpRequest, row: StoreLoad) -> str:
        asking.stop(row, by=request.user.get_username())
        return _("It stops after the portion at hand. What was loaded stays.")

    @page_action(gettext_lazy("Go on"), right="rerun", shown=may_go_on)
    def go_on(self, request: HttpRequest, row: StoreLoad) -> str:
        asking.go_on(row)
        return _("It goes on where it stopped.")
