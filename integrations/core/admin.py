"""The base of every admin class: light lists, sentences for empty ones, read-only rows with actions."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_permission_codename
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin

from integrations.core import clock, work
from integrations.core.badges import Text, moment, sentence, state_badge
from integrations.core.wake import wake

if TYPE_CHECKING:
    PlainModelAdmin = admin.ModelAdmin[Any]
    PlainPaginator = Paginator[Any]
else:
    PlainModelAdmin, PlainPaginator = admin.ModelAdmin, Paginator

COUNTED_MAX = 10_000


class CappedPaginator(PlainPaginator):
    """Counts no further than anyone will page: a full count of a log is slower than the page itself."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNTED_MAX].count()  # type: ignore[union-attr]  # lists page querysets


class LightChangeList(ChangeList):
    """A list that leaves big columns, and secrets of related rows, in the database."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        return rows.defer(*self.model_admin.list_defer)


class ModelAdmin(PlainModelAdmin):
    """`heading` names the list as the menu does; `empty_hint` says what fills it; `list_defer` is not read for it."""

    heading: Text = ""
    intro: Text = ""
    empty_hint: Text = ""
    list_defer: Sequence[str] = ()
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    view_on_site = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LightChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words = {"title": self.heading or self.opts.verbose_name_plural.capitalize()}
        words |= {"intro": self.intro, "empty_hint": self.empty_hint}
        return super().changelist_view(request, extra_context=words | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        words = {"list_heading": self.heading or self.opts.verbose_name_plural.capitalize()}
        return super().changeform_view(request, object_id, form_url, extra_context=words | (extra_context or {}))

    def has_right(self, request: HttpRequest, verb: str) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename(verb, self.opts)}")


class HistoryAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]  # simple_history is not typed
    """A row that people configure: who changed what is kept and shown."""

    history_list_display = ("changed_fields",)

    def changed_fields(self, record: Any) -> str:
        previous = record.prev_record
        return ", ".join(record.diff_against(previous).changed_fields) if previous else ""


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the machine writes: looked at, acted on, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class WorkAdmin(ReadOnlyAdmin):
    """Rows of slow work: state, the sentence that explains it, and another try."""

    list_display: Any = ("__str__", "state_badge", "explained", "due", "attempts")
    list_filter: Any = ("state",)
    ordering: Any = ("-pk",)
    actions: Any = ("retry",)

    def has_rerun_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "rerun")

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, row: work.Work) -> SafeString:
        return state_badge(row.state, row.get_state_display())

    @admin.display(description=_("what happened"))
    def explained(self, row: work.Work) -> SafeString:
        return sentence(row.note or DEFAULT_NOTES[row.state])

    @admin.display(description=_("due"), ordering="due_at")
    def due(self, row: work.Work) -> SafeString:
        return moment(row.due_at if row.state in work.OPEN_STATES else None)

    @admin.action(description=_("Retry: run the selected rows again"), permissions=["rerun"])
    def retry(self, request: HttpRequest, queryset: work.WorkQuerySet[Any]) -> None:
        count = self.model._default_manager.filter(pk__in=list(queryset.values_list("pk", flat=True))).rerun(now=clock.now())
        wake(work.task_of(self.model))
        self.message_user(request, will_run_again(count), messages.SUCCESS)


DEFAULT_NOTES: dict[str, Text] = {
    work.WorkState.DUE: _("Waits for a free worker."),
    work.WorkState.RUNNING: _("A worker is on it."),
    work.WorkState.DONE: "",
    work.WorkState.SKIPPED: _("Nothing had to be done."),
    work.WorkState.FAILED: _("It failed; retry it, or look into the worker's log."),
}


def will_run_again(count: int) -> str:
    return ngettext("%d row will run again.", "%d rows will run again.", count) % count


def moment_column(field: str, label: Text) -> Callable[..., SafeString]:
    """Return a list column that shows a time shortly and sorts by it."""

    @admin.display(description=label, ordering=field)
    def column(self: Any, row: Any) -> SafeString:
        return moment(getattr(row, field))

    return column
