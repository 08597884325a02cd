"""The base of every admin class: light lists, sentences for empty ones, read-only rows with actions."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin

from integrations.core import clock, panels, searching, subjects, work
from integrations.core.badges import Text, moment, sentence, state_badge
from integrations.core.lists import LightChangeList, batches, gives_an_order
from integrations.core.page_actions import PageActions, page_action
from integrations.core.wake import wake


class MomentInput(forms.DateTimeInput):
    """The browser's own input for a time: one field, with its label, instead of two without."""

    input_type = "datetime-local"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M:%S", attrs={"step": "1"})


class OptionalJSON(forms.JSONField):
    """JSON that may be left empty, and is shown so, instead of as null."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class ModelAdmin(PageActions):
    """`heading` names the list as the menu does; `empty_hint` says what fills it; `list_defer` is not read for it."""

    heading: ClassVar[Text] = ""
    intro: ClassVar[Text] = ""
    empty_hint: ClassVar[Text] = ""
    list_defer: ClassVar[Sequence[str]] = ()
    # With what happens: each field that is searched has an index, or is a text; only what an index orders is sorted by.
    grows: ClassVar[bool] = False
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a count per choice reads the whole log
    view_on_site = False
    formfield_overrides = {
        models.DateTimeField: {"form_class": forms.DateTimeField, "widget": MomentInput},
        models.JSONField: {"form_class": OptionalJSON},
    }

    @property
    def has_subject(self) -> bool:
        return any(field.name == "subject" for field in self.opts.fields)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LightChangeList

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Return the columns that sort the list: where it grows, those that an index keeps in order."""
        shown = super().get_sortable_by(request)
        return [name for name in shown if gives_an_order(self.model, self._sorted_by(name))] if self.grows else shown

    def _sorted_by(self, column: Any) -> Any:
        made = getattr(self, column, None) if isinstance(column, str) else column
        return getattr(made, "admin_order_field", column)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Add what upper floors offer on this list."""
        more = [each for each in panels.actions_of(self.opts.label) if request.user.has_perm(each.right)]
        return {**super().get_actions(request), **{each.name: (each.run, each.name, each.label) for each in more}}

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Look in `search_fields`, and for the subjects that are called so."""
        if self.grows:
            pks = searching.found_in(queryset, self.search_fields, search_term)
            found, distinct = (queryset.filter(pk__in=pks) if search_term.strip() else queryset), False
        else:
            found, distinct = super().get_search_results(request, queryset, search_term)
        meant = subjects.matching(search_term.strip()) if self.has_subject and search_term.strip() else set()
        return (found | queryset.filter(subject__in=meant) if meant else found), distinct

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words: dict[str, Any] = {"title": self._heading(), "intro": self.intro, "empty_hint": self.empty_hint}
        words |= {"selection_note_all": _("All rows that match are selected"), "links": self.list_links(request)}
        return super().changelist_view(request, extra_context=words | (extra_context or {}))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context |= {"list_heading": self._heading(), "has_history": isinstance(self, SimpleHistoryAdmin)}
        row = kwargs.get("obj")
        context["more_links"] = panels.links_of(self.opts.label, row)
        if row is not None:
            context |= {"buttons": self.buttons(request, row), "links": self.page_links(request, row)}
            context |= {"panels": panels.of(row), "lead": self.lead(row), "facts": self.facts(row)}
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        words = {"list_heading": self._heading()}
        return super().history_view(request, object_id, extra_context=words | (extra_context or {}))

    def lead(self, row: Any) -> Sequence[SafeString]:
        """Return what stands under the page's title: badges, the sentence that explains the row."""
        return ()

    def facts(self, row: Any) -> SafeString:
        """Return the labelled values that stand in a box of their own above the form."""
        return SafeString("")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Leave out the small icons beside a choice: they open windows that lose what was typed."""
        made = super().formfield_for_dbfield(db_field, request, **kwargs)
        if made is not None and isinstance(made.widget, RelatedFieldWidgetWrapper):
            made.widget = made.widget.widget
        return made

    def _heading(self) -> Text:
        return self.heading or capfirst(str(self.opts.verbose_name_plural))


class HistoryAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]  # simple_history is not typed
    """A row that people configure: who changed what is kept and shown."""

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # a revert would go past the checks that a save makes today

    def has_view_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the machine writes: looked at, acted on, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def has_ended(row: Any) -> bool:
    return row.state in work.ENDED_STATES


class WorkAdmin(ReadOnlyAdmin):
    """Rows of slow work: state, the sentence that explains it, and another try."""

    list_display: Any = ("__str__", "state_badge", "explained", "due", "attempts")
    list_filter: ClassVar[Any] = ("state",)
    ordering: ClassVar[Any] = ("-pk",)
    actions: Any = ("retry",)
    page_actions: ClassVar[Sequence[str]] = ("retry_one",)

    def has_rerun_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "rerun")

    def lead(self, row: Any) -> Sequence[SafeString]:
        return (self.state_badge(row), self.explained(row))

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, row: Any) -> SafeString:
        return state_badge(row.state, row.get_state_display())

    @admin.display(description=_("what happened"))
    def explained(self, row: Any) -> SafeString:
        return sentence(row.note or DEFAULT_NOTES[row.state])

    @admin.display(description=_("work order"), ordering="subject")
    def belongs_to(self, row: Any) -> SafeString:
        return subjects.link_of(row)

    @admin.display(description=_("due"), ordering="due_at")
    def due(self, row: Any) -> SafeString:
        return moment(row.due_at if row.state in work.OPEN_STATES else None)

    @admin.action(description=_("Run the selected rows again"), permissions=["rerun"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        count = self.rerun(queryset.values_list("pk", flat=True))
        self.message_user(request, will_run_again(count), messages.SUCCESS)

    @page_action(_("Run again"), right="rerun", shown=has_ended)
    def retry_one(self, request: HttpRequest, row: Any) -> str:
        return will_run_again(self.rerun([row.pk]))

    def rerun(self, pks: Any) -> int:
        """Make the ended ones of these rows due now, and wake a worker; return how many."""
        rows: work.WorkQuerySet[Any] = self.model._default_manager.all()
        count = sum(rows.filter(pk__in=batch).rerun(now=clock.now()) for batch in batches(pks))
        wake(work.task_of(self.model))
        return count


DEFAULT_NOTES: dict[str, Text] = {
    work.WorkState.DUE: _("Waits for a free worker."),
    work.WorkState.RUNNING: _("A worker is on it."),
    work.WorkState.DONE: "",
    work.WorkState.SKIPPED: _("Nothing had to be done."),
    work.WorkState.FAILED: _("It failed. Run it again, or look into the worker's log."),
}


def will_run_again(count: int) -> str:
    return ngettext("%d row will run again.", "%d rows will run again.", count) % count


def moment_column(field: str, label: Any) -> Callable[..., SafeString]:
    """Return a list column that shows a time shortly and sorts by it."""

    @admin.display(description=label, ordering=field)
    def column(self: Any, row: Any) -> SafeString:
        return moment(getattr(row, field))

    return column
