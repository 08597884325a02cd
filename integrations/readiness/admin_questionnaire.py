from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, connection_column, named
from integrations.connections.models import Connection
from integrations.core import panels
from integrations.core.admin import HistoryAdmin, ModelAdmin
from integrations.core.badges import badge, moment, sentence
from integrations.core.generic import AnyTabularInline
from integrations.core.page_actions import Link, page_action
from integrations.core.panels import Panel
from integrations.readiness import judging, services
from integrations.readiness.forms import ADDING, SECTIONS, ItemForm, QuestionnaireForm
from integrations.readiness.models import Item, Questionnaire
from integrations.readiness.pages import document, live, mapping, summary, trying

PAGES = {"document": document, "mapping": mapping, "live": live, "try": trying, "summary": summary}


class ItemInline(AnyTabularInline):
    model = Item
    form = ItemForm
    template = "readiness/items_inline.html"
    formfield_overrides = ModelAdmin.formfield_overrides
    extra = 0
    can_delete = False
    verbose_name_plural = gettext_lazy("4 and 5 · Its fields, and how each is updated")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # question 3 adds and removes them


@admin.register(Questionnaire)
class QuestionnaireAdmin(HistoryAdmin):
    heading = gettext_lazy("Readiness")
    intro = gettext_lazy("What each system of record can do, asked before anything is written to it: five questions.")
    empty_hint = gettext_lazy("Add one for the connection of a system of record, and answer what you know.")
    form = QuestionnaireForm
    change_form_template = "readiness/questionnaire.html"
    list_display = ("connection_shown", "state", "live", "api", "produced_shown")
    list_select_related = ("connection",)
    list_defer = (*SECRETS, "document", "read_document")
    search_fields = ("connection__name",)
    ordering = ("connection__name",)
    inlines = (ItemInline,)
    page_actions = ("hold_back",)
    connection_shown = connection_column

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("items")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(self._view(page)), name=f"readiness_{name}")
            for name, page in PAGES.items()
        ]
        return [*own, *super().get_urls()]

    def _view(self, page: Any) -> Any:
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            answer: HttpResponse = page.page(self, request, pk)
            return answer

        return view

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return SECTIONS if obj else ADDING

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form; "collected" is no field of the model, and is added by the form itself."""
        shown = [name for _title, options in self.get_fieldsets(request, obj) for name in options["fields"]]
        return super().get_form(
            request, obj, change, **kwargs | {"fields": [name for name in shown if name != "collected"]}
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return () if not obj or self.has_change_permission(request, obj) else ("collected",)

    @admin.display(description=gettext_lazy("collected"))
    def collected(self, row: Questionnaire) -> SafeString:  # shown to someone who may only look
        return sentence(", ".join(str(item) for item in row.items.all()) or "–")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and "collected" in form.cleaned_data:
            services.choose_facts(form.instance, form.cleaned_data["collected"])

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        self.message_user(request, _("Answer what you know; what is open can wait."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:readiness_questionnaire_change", args=[obj.pk]))

    def page_links(self, request: HttpRequest, row: Questionnaire) -> list[Link]:
        labels = {"mapping": _("Mapping"), "try": _("Try a field"), "document": _("Documentation")}
        links = [Link(label, reverse(f"admin:readiness_{name}", args=[row.pk])) for name, label in labels.items()]
        links.append(Link(_("Summary"), reverse("admin:readiness_summary", args=[row.pk])))
        if self.has_right(request, "connections.change_connection"):
            links.insert(0, Link(_("Go live …"), reverse("admin:readiness_live", args=[row.pk])))
        return links

    @page_action(
        gettext_lazy("Hold writes back"),
        right="connections.change_connection",
        tone="plain",
        shown=lambda row: row.live_at is not None,
    )
    def hold_back(self, request: HttpRequest, row: Questionnaire) -> str:
        services.hold_back(row)
        return _("Writes of this connection are recorded from now on, and not sent.")

    def lead(self, row: Questionnaire) -> list[SafeString]:
        return [self.live(row), named(row.connection), self.state(row)]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None:
            context |= {"judged": judging.judge(row, list(row.items.all())), "blockers": services.what_blocks(row)}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("answers"))
    def state(self, row: Questionnaire) -> SafeString:
        judged = judging.judge(row, list(row.items.all()))
        states = [each.state for each in judged]
        if judging.BLOCKS in states:
            return badge(_("blocks go-live"), "bad", title=" ".join(judging.blockers(judged)))
        open_ = states.count(judging.OPEN)
        return badge(_("{count} open").format(count=open_), "wait") if open_ else badge(_("answered"), "ok")

    @admin.display(description=gettext_lazy("live"))
    def live(self, row: Questionnaire) -> SafeString:
        if row.live_at is None:
            return badge(_("not live"), "quiet")
        if row.connection.capture:
            return badge(_("live, and writes held back"), "wait")
        said = _("by {name}").format(name=row.live_by)
        return format_html("{} {}", badge(_("live"), "ok", title=said), moment(row.live_at))

    @admin.display(description=gettext_lazy("mappings made"))
    def produced_shown(self, row: Questionnaire) -> int:
        return len(row.produced)


def connection_panel(connection: Connection) -> Panel | None:
    """Return how ready a system of record is, for its connection's page."""
    row = Questionnaire.objects.filter(connection=connection).prefetch_related("items").first()
    if row is None:
        return None
    judged = judging.judge(row, list(row.items.all()))
    rows = [(f"{each.number}", badge(each.word, each.tone, title=each.answer)) for each in judged]
    return Panel(
        _("Readiness"), rows, _("Questionnaire"), reverse("admin:readiness_questionnaire_change", args=[row.pk])
    )


panels.register("connections.Connection", connection_panel)
