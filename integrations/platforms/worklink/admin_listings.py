"""Lists read from the CMS and tables that people bring, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.connections.admin import SECRETS, connection_column
from integrations.connections.models import Connection
from integrations.core import clock, panels
from integrations.core.admin import ReadOnlyAdmin, WorkAdmin, has_ended, moment_column
from integrations.core.badges import badge, facts, moment, progress_bar
from integrations.core.page_actions import page_action
from integrations.core.panels import Panel
from integrations.core.tables import TableRefused, read_upload
from integrations.core.work import WorkState
from integrations.platforms.worklink.listings import loading, running
from integrations.platforms.worklink.models import CmsImport, Lists, TableLoad
from integrations.platforms.worklink.options import SLUG

LIGHT = ("credentials", "token_cache", "probe", "settings")
SHOWN = 200
RIGHTS = {Lists.CATALOGS: "worklink.change_scenariocatalog", Lists.CONTACTS: "worklink.change_contact"}


@admin.register(CmsImport)
class CmsImportAdmin(WorkAdmin):
    heading = gettext_lazy("Lists read from the CMS")
    intro = gettext_lazy("What each CMS lists is read every 6 hours, and at once by a button.")
    empty_hint = gettext_lazy("The scheduler makes a row for each list of each WorkLink connection.")
    change_form_template = "worklink/listing.html"
    list_display = ("__str__", "state_badge", "explained", "progress", "finished", "due")
    list_filter = ("state", "lists", "connection")
    list_select_related = ("connection",)
    list_defer = SECRETS
    page_actions = ("import_now", "import_and_accept")
    fields = ()
    finished = moment_column("last_finished_at", gettext_lazy("last read whole"))

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, row: CmsImport) -> SafeString:
        return progress_bar(done=row.seen, total=row.total, ended=row.state == WorkState.DONE)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs["obj"]
        context |= {"progress": self.progress(row), "live": not has_ended(row)}
        return super().render_change_form(request, context, *args, **kwargs)

    @page_action(gettext_lazy("Import now"), right="rerun", shown=has_ended)
    def import_now(self, request: HttpRequest, row: CmsImport) -> str:
        running.want(row)
        return _("A worker reads the list. This page shows how far it has come.")

    @page_action(gettext_lazy("Import and accept what is missing"), right="rerun", tone="plain", shown=has_ended)
    def import_and_accept(self, request: HttpRequest, row: CmsImport) -> str:
        running.want(row, accept_loss=True)
        return _("A worker reads the list; what is not in it is marked as gone, however much it is.")


class BringForm(forms.Form):
    """A table, and what it is for. The file itself is read by content."""

    connection = forms.ModelChoiceField(
        Connection.objects.filter(platform=SLUG).defer(*LIGHT).order_by("name"), label=gettext_lazy("Connection")
    )
    lists = forms.ChoiceField(label=gettext_lazy("What it holds"), choices=Lists.choices)


def is_waiting(row: TableLoad) -> bool:
    return row.loaded_at is None


@admin.register(TableLoad)
class TableLoadAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Tables")
    intro = gettext_lazy("Catalogs and contacts that people brought: shown first, loaded whole or not at all.")
    empty_hint = gettext_lazy("“Bring a table” on the pages Scenario catalogs and Contacts makes the first.")
    change_form_template = "worklink/table.html"
    list_display = ("name", "lists", "state", "brought_by", "brought", "connection_shown")
    list_filter = ("lists", "connection")
    list_select_related = ("connection",)
    list_defer = (*SECRETS, "rows")
    ordering = ("-pk",)
    page_actions = ("load",)
    fields = ()
    connection_shown = connection_column
    brought = moment_column("brought_at", gettext_lazy("brought"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.bring_view)
        return [path("bring/", view, name="worklink_tableload_bring"), *super().get_urls()]

    def bring_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file, keep what it says, and show it; nothing is loaded yet."""
        if not self.has_right(request, "add"):
            raise PermissionDenied
        form = BringForm(
            request.POST if request.method == "POST" else None, initial={"lists": request.GET.get("lists")}
        )
        problem = ""
        if request.method == "POST" and form.is_valid():
            try:
                return self._brought(request, form)
            except TableRefused as refusal:
                problem = str(refusal)
        context = self.admin_site.each_context(request) | {
            "title": _("Bring a table"),
            "form": form,
            "problem": problem,
        }
        return TemplateResponse(
            request, "worklink/bring.html", context | {"columns": _columns(), "limits": loading.LIMITS}
        )

    def _brought(self, request: HttpRequest, form: BringForm) -> HttpResponse:
        """:raises TableRefused:"""
        file, lists = request.FILES.get("file"), Lists(form.cleaned_data["lists"])
        if file is None:
            raise TableRefused("empty", _("Choose a file."))
        load = loading.bring(
            read_upload(file, columns=loading.columns_of(lists), by=request.POST, limits=loading.LIMITS),
            connection=form.cleaned_data["connection"],
            lists=lists,
            name=file.name or "",
            by=request.user.get_username(),
            now=clock.now(),
        )
        return HttpResponseRedirect(reverse("admin:worklink_tableload_change", args=[load.pk]))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row: TableLoad = kwargs["obj"]
        context |= {"plan": None} if row.loaded_at else _planned(row)
        return super().render_change_form(request, context, *args, **kwargs)

    def buttons(self, request: HttpRequest, row: TableLoad) -> Any:
        """The page has the button where the preview ends."""
        return []

    def facts(self, row: TableLoad) -> SafeString:
        pairs = [
            (_("File"), row.name),
            (_("Read as"), row.form),
            (_("For"), f"{row.connection}: {row.get_lists_display()}"),
            (_("Brought by"), row.brought_by),
            (_("Brought"), moment(row.brought_at)),
            (_("Loaded"), moment(row.loaded_at)),
        ]
        return facts(pairs)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: TableLoad) -> SafeString:
        return badge(_("loaded"), "ok") if row.loaded_at else badge(_("only looked at"), "wait")

    def lead(self, row: TableLoad) -> list[SafeString]:
        return [self.state(row), SafeString("")] if not row.note else [self.state(row), badge(row.note, "quiet")]

    @page_action(gettext_lazy("Load it"), right="add", shown=is_waiting)
    def load(self, request: HttpRequest, row: TableLoad) -> str:
        if not request.user.has_perm(RIGHTS[Lists(row.lists)]):
            raise PermissionDenied
        return loading.write(row, now=clock.now())


def _columns() -> list[tuple[str, list[tuple[str, bool]]]]:
    """Return the columns of each kind of table, and whether each is needed."""
    found = []
    for value, label in Lists.choices:
        columns = loading.columns_of(value)
        found.append((str(label), [(name, name in columns.needed) for name in columns.known]))
    return found


def _planned(row: TableLoad) -> dict[str, Any]:
    """Return what the preview shows: rows with errors first, then the others, not more than a page can hold."""
    plan = loading.plan_of(row)
    shown = [*plan.faulty, *(line for line in plan.lines if not line.errors)][:SHOWN]
    names = [name for name in loading.columns_of(row.lists).known if any(line.cells[name] for line in shown)]
    lines = [(line, [line.cells[name] for name in names]) for line in shown]
    count, faulty = len(plan.lines), len(plan.faulty)
    return {
        "plan": plan,
        "names": names,
        "lines": lines,
        "rest": count - len(shown),
        "faulty": faulty,
        "counted": ngettext("%d row", "%d rows", count) % count,
        "do_url": reverse("admin:worklink_tableload_do", args=[row.pk, "load"]),
    }


def connection_panel(connection: Connection) -> Panel | None:
    """Return how far the lists of a WorkLink connection were read, for its page."""
    if connection.platform != SLUG:
        return None
    imports = CmsImport.objects.filter(connection=connection.pk).order_by("lists")
    rows = [(row.get_lists_display(), row.note or row.get_state_display()) for row in imports]
    url = f"{reverse('admin:worklink_cmsimport_changelist')}?connection__id__exact={connection.pk}"
    return Panel(_("Catalogs and contacts"), rows, _("Lists read"), url) if rows else None


panels.register("connections.Connection", connection_panel)
