from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.connections.admin import connection_column, named
from integrations.core import clock, platforms, subjects
from integrations.core.admin import HistoryAdmin, ModelAdmin, ReadOnlyAdmin, WorkAdmin, moment_column
from integrations.core.badges import Text, badge, code, facts, moment, pretty_json, sentence, state_badge
from integrations.core.generic import AnyTabularInline
from integrations.core.page_actions import Link, page_action
from integrations.sync import services
from integrations.sync.compared import compare
from integrations.sync.forms import SECTIONS, FieldMappingForm, FieldMappingFormSet, OperationForm
from integrations.sync.guarantee import guarantee_of
from integrations.sync.models import (
    FieldMapping,
    Operation,
    OperationKind,
    RecordLane,
    RecordWrite,
    Verdict,
    WriteState,
)
from integrations.sync.origins import origins_of
from integrations.sync.preview import preview

CONNECTION_BLOBS = ("credentials", "token_cache", "probe", "settings")
OPERATION_TEXTS = ("document", "body", "readback_document", "readback_body", "update_document", "query", "headers")
LONGEST_SHOWN = 20_000
WRITE_TEXTS = ("content", "request", "answer", "read_back", "candidates", "given", "reply")
OF_LANE = tuple(f"lane__connection__{name}" for name in CONNECTION_BLOBS)
OF_OPERATION = tuple(f"operation__{name}" for name in OPERATION_TEXTS)
OF_CONNECTION = tuple(f"connection__{name}" for name in CONNECTION_BLOBS)
DEFAULT_NOTES: dict[str, Text] = {
    "WAITING": gettext_lazy("Waits for its turn in the record's lane."),
    "SENT": gettext_lazy("Sent; whether it arrived is being found out."),
    "CONFIRMED": gettext_lazy("Read back and found equal."),
    "UNVERIFIED": gettext_lazy("The system answered with success; nothing is read back."),
    "DRIFTED": gettext_lazy("What was read back differs. Look at both below, then send it again or leave it."),
    "CAPTURED": gettext_lazy("Recorded, not sent, because writes are held back."),
    "UNSURE": gettext_lazy("It is not known whether it arrived. Look at the record there, then decide."),
    "FAILED": gettext_lazy("Refused for good. Look at the answer, correct the cause, then send it again."),
}


class FieldMappingInline(AnyTabularInline):
    model = FieldMapping
    form = FieldMappingForm
    formset = FieldMappingFormSet
    template = "sync/fields_inline.html"
    formfield_overrides = ModelAdmin.formfield_overrides
    extra = 1
    verbose_name_plural = gettext_lazy("Fields")


@admin.register(Operation)
class OperationAdmin(HistoryAdmin):
    heading = gettext_lazy("Mappings")
    intro = gettext_lazy(
        "What is done on a system of record: look a record up, update it, add a note, a file, a child."
    )
    empty_hint = gettext_lazy("Add a look-up that finds the record, then an update that says which field goes where.")
    form = OperationForm
    change_form_template = "sync/operation.html"
    list_display = ("name", "kind", "connection_shown", "source_shown", "promise", "state")
    list_filter = ("connection", "kind", "enabled", "source_type")
    list_select_related = ("connection",)
    list_defer = OF_CONNECTION
    search_fields = ("name", "path")
    ordering = ("connection__name", "name")
    inlines = (FieldMappingInline,)
    fieldsets = SECTIONS
    connection_shown = connection_column

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("<int:pk>/preview/", view, name="sync_operation_preview"), *super().get_urls()]

    def page_links(self, request: HttpRequest, row: Operation) -> list[Link]:
        if row.kind == OperationKind.LOOKUP:
            return []
        return [Link(_("Preview"), reverse("admin:sync_operation_preview", args=[row.pk]))]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        operation = get_object_or_404(Operation, pk=pk)
        shown = preview(operation)
        context = self.admin_site.each_context(request) | {"title": _("Preview"), "operation": operation}
        context |= {"preview": shown, "request_shown": pretty_json(shown.request) if shown.request else ""}
        return TemplateResponse(request, "sync/preview.html", context)

    def lead(self, row: Operation) -> list[SafeString]:
        return [self.state(row), named(row.connection), self.promise(row)]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context["kinds"] = platforms.context_kinds()
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("source"), ordering="source_type")
    def source_shown(self, row: Operation) -> str:
        labels = {kind.source_type: str(kind.label) for kind in platforms.context_kinds()}
        return labels.get(row.source_type, row.source_type or "–")

    @admin.display(description=gettext_lazy("promise"))
    def promise(self, row: Operation) -> SafeString:
        return sentence(guarantee_of(row).sentence)

    @admin.display(description=gettext_lazy("state"), ordering="enabled")
    def state(self, row: Operation) -> SafeString:
        return badge(_("on"), "ok") if row.enabled else badge(_("off"), "quiet")


@admin.register(RecordLane)
class RecordLaneAdmin(WorkAdmin):
    heading = gettext_lazy("Lanes")
    intro = gettext_lazy("One per record of a system. Its holder alone sends, so writes to a record keep their order.")
    empty_hint = gettext_lazy("The first write to a record makes its lane.")
    list_display = ("record_key", "state_badge", "explained", "connection_shown", "due", "attempts")
    list_filter = ("state", "connection")
    list_select_related = ("connection",)
    list_defer = OF_CONNECTION
    grows = True
    search_fields = ("record_key__istartswith",)
    search_help_text = gettext_lazy("External key of the record")
    connection_shown = connection_column


def is_undecided(row: RecordWrite) -> bool:
    return row.state == WriteState.UNSURE


def is_in_doubt(row: RecordWrite) -> bool:
    """It may have arrived; asking which of several records is meant is another question."""
    return is_undecided(row) and not row.candidates


def may_be_retried(row: RecordWrite) -> bool:
    return row.state in (WriteState.FAILED, WriteState.SKIPPED) or (
        row.state == WriteState.DONE and row.verdict != Verdict.CONFIRMED and not row.is_raw
    )


def decided(decide: Any, row: RecordWrite, request: HttpRequest) -> Any:
    """Carry out a decision. :raises ValidationError: saying why it can no longer be"""
    try:
        return decide(row, by=request.user.get_username(), now=clock.now())
    except services.NotUndecided as error:
        raise ValidationError(_("It does not wait for a decision any more. Look at it again.")) from error
    except ValueError as error:
        raise ValidationError(str(error)) from error


def answer_shown(row: RecordWrite) -> SafeString | str:
    """The whole answer of a script's own request, as the script got it; the start of any other."""
    text = str((row.reply or {}).get("text") or "") or row.answer
    return code(text[:LONGEST_SHOWN], label=_("Answer")) if text else ""


def origin_shown(row: RecordWrite) -> list[tuple[Text, Any]]:
    """The run of a script that asked for a write."""
    kind = origins_of(row.origin)
    if kind is None:
        return [(_("Asked for by"), row.origin)] if row.origin else []
    return [(_("Asked for by"), format_html('<a href="{}">{} {}</a>', kind.url(row.origin), kind.label, row.origin))]


class WriteColumns(ReadOnlyAdmin):
    """How a write is shown in lists and on its page."""

    @admin.display(description=gettext_lazy("record"), ordering="lane__record_key")
    def record(self, row: RecordWrite) -> SafeString:
        markup = '<span class="record">{}</span><span class="quiet">{}</span>'
        return format_html(markup, row.lane.record_key, row.called)

    @admin.display(description=gettext_lazy("system"), ordering="lane__connection__name")
    def system(self, row: RecordWrite) -> SafeString:
        return named(row.lane.connection)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: RecordWrite) -> SafeString:
        if row.verdict:
            return state_badge(row.verdict, row.get_verdict_display())
        return state_badge(row.state, row.get_state_display())

    @admin.display(description=gettext_lazy("what happened"))
    def explained(self, row: RecordWrite) -> SafeString:
        return sentence(row.note or DEFAULT_NOTES.get(row.verdict) or DEFAULT_NOTES.get(row.state, ""))

    @admin.display(description=gettext_lazy("work order"), ordering="subject")
    def belongs_to(self, row: RecordWrite) -> SafeString:
        return subjects.link_of(row)


@admin.register(RecordWrite)
class RecordWriteAdmin(WriteColumns):
    heading = gettext_lazy("Writes")
    intro = gettext_lazy("Every intended effect on a system of record, from intent to verdict.")
    empty_hint = gettext_lazy("A mapping that fits an event of a joined session makes the first write.")
    change_form_template = "sync/write.html"
    actions = ("retry",)
    page_actions = ("retry_one", "mark_as_done", "send_again", "give_up", "choose")
    list_display = ("record", "state_badge", "explained", "belongs_to", "system", "created")
    list_filter = ("state", "verdict", "kind", "lane__connection", "operation", "created_at")
    list_select_related = ("lane__connection", "operation")
    list_defer = (*WRITE_TEXTS, *OF_LANE, *OF_OPERATION)
    grows = True
    search_fields = ("=lane__record_key", "=key", "=target_id", "=correlation_id", "=origin")
    search_help_text = gettext_lazy("Work order or external key, session id, target id, correlation id or script run")
    ordering = ("-pk",)
    created = moment_column("created_at", gettext_lazy("made"))

    def lead(self, row: RecordWrite) -> list[SafeString]:
        return [self.state_badge(row), self.explained(row)]

    def has_rerun_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "rerun")

    @admin.action(description=gettext_lazy("Try again, with the newest content"), permissions=["rerun"])
    def retry(self, request: HttpRequest, queryset: QuerySet[RecordWrite]) -> None:
        self.message_user(request, self._retried(request, queryset.values_list("pk", flat=True)), messages.SUCCESS)

    @page_action(gettext_lazy("Try again"), right="rerun", shown=may_be_retried)
    def retry_one(self, request: HttpRequest, row: RecordWrite) -> str:
        return self._retried(request, [row.pk])

    def _retried(self, request: HttpRequest, pks: Any) -> str:
        rows = RecordWrite.objects.filter(pk__in=list(pks))
        count = services.retry(rows, by=request.user.get_username(), now=clock.now())
        words = ngettext("%d write is tried again.", "%d writes are tried again.", count) % count
        return words if count else words + " " + _("What is confirmed, or waits for a decision, is left alone.")

    @page_action(gettext_lazy("It is there: mark as done"), right="rerun", shown=is_in_doubt)
    def mark_as_done(self, request: HttpRequest, row: RecordWrite) -> str:
        decided(services.mark_as_done, row, request)
        return _("Marked as done.")

    @page_action(gettext_lazy("It is not there: send again"), right="rerun", shown=is_in_doubt)
    def send_again(self, request: HttpRequest, row: RecordWrite) -> str:
        decided(services.send_again, row, request)
        return _("It is sent again with the same key.")

    @page_action(gettext_lazy("Do not write it"), right="rerun", tone="plain", shown=is_undecided)
    def give_up(self, request: HttpRequest, row: RecordWrite) -> str:
        decided(services.give_up, row, request)
        return _("Decided: it is not written.")

    @page_action(gettext_lazy("Choose the record"), right="rerun", shown=is_undecided, form=True)
    def choose(self, request: HttpRequest, row: RecordWrite) -> str:
        chosen = request.POST.get("record", "")
        count: int = decided(lambda row, **who: services.choose_record(row, chosen, **who), row, request)
        return ngettext("%d write goes on.", "%d writes go on.", count) % count

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row:
            context |= {"request_shown": pretty_json(row.request) if row.request else ""}
            context |= {"answer_shown": answer_shown(row), "given_shown": pretty_json(row.given) if row.given else ""}
            context |= {"compared": compare(row.content, row.read_back)}
            context |= {"read_back_shown": pretty_json(row.read_back) if row.read_back else ""}
            context |= {"decide": is_undecided(row) and self.has_rerun_permission(request)}
            context |= {"choose_url": self.action_url(row, "choose")}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return []  # the page is its own

    def facts(self, row: RecordWrite) -> SafeString:
        pairs: list[tuple[Text, Any]] = [
            (_("System"), named(row.lane.connection)),
            (_("Record"), row.lane.record_key),
            (_("Target id"), row.target_id or "–"),
            (_("Work order"), self.belongs_to(row)),
            (_("Asked for as") if row.is_raw else _("Mapping"), row.called),
            *origin_shown(row),
            (_("Because of"), f"{row.event_type} ({row.reason})"),
            (_("Happened"), moment(row.occurred_at)),
            (_("First tried"), moment(row.first_tried_at)),
            (_("Sent"), f"{row.sends} ×"),
            (_("Ended"), moment(row.ended_at)),
            (_("Key"), row.key or "–"),
            (_("Correlation id"), row.correlation_id or "–"),
        ]
        return facts(pairs)
