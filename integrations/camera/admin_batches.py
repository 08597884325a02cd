from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.models import Batch, BatchRun, FieldOrder
from integrations.core.admin import WorkAdmin
from integrations.core.badges import Text, facts, moment

MOST_SHOWN = 200


@admin.register(BatchRun)
class BatchRunAdmin(WorkAdmin):
    """There is no "Run again": the file is gone when a batch has ended, and whoever sent it sends it anew."""

    heading = gettext_lazy("Batches")
    intro = gettext_lazy("ZIP files of many orders that programs sent, once all of the file is here.")
    empty_hint = gettext_lazy("A program that sends a batch by the camera's REST API makes the first.")
    list_display = ("file", "site", "state_badge", "progress", "explained", "sent")
    list_filter = (*WorkAdmin.list_filter, "batch__key__site")
    list_select_related = ("batch__key__site",)
    list_defer = ("batch__orders", "batch__problems", "batch__key__key_hash", "batch__key__site__metadata_schema")
    search_fields = ("batch__filename", "=batch__uuid")
    search_help_text = gettext_lazy("File name or id of the batch")
    actions = ()
    page_actions = ()
    fields = ("problems_shown", "orders_shown")
    readonly_fields = fields

    def get_actions(self, request: HttpRequest) -> Any:
        return {}

    def facts(self, row: BatchRun) -> SafeString:
        batch = row.batch
        pairs: list[tuple[Text, Any]] = [
            (_("File"), batch),
            (_("Id"), batch.uuid),
            (_("Site"), batch.key.site),
            (_("API key"), batch.key.name),
            (_("Size"), filesizeformat(batch.received)),
            (_("Photos"), self.progress(row)),
            (_("Orders"), len(batch.orders)),
            (_("Sent"), moment(batch.created_at)),
            (_("Last step"), moment(batch.changed_at)),
        ]
        return facts(pairs)

    @admin.display(description=gettext_lazy("file"), ordering="batch__filename")
    def file(self, row: BatchRun) -> str:
        return str(row.batch)

    @admin.display(description=gettext_lazy("site"), ordering="batch__key__site__name")
    def site(self, row: BatchRun) -> str:
        return str(row.batch.key.site)

    @admin.display(description=gettext_lazy("photos"))
    def progress(self, row: BatchRun) -> str:
        batch: Batch = row.batch
        return _("{taken} of {all}").format(taken=batch.taken, all=batch.photos) if batch.photos else "–"

    @admin.display(description=gettext_lazy("sent"), ordering="batch__created_at")
    def sent(self, row: BatchRun) -> SafeString:
        return moment(row.batch.created_at)

    @admin.display(description=gettext_lazy("what was not taken, and why"))
    def problems_shown(self, row: BatchRun) -> SafeString:
        return _listed([(problem,) for problem in row.batch.problems], _("Nothing was refused."))

    @admin.display(description=gettext_lazy("orders that were made"))
    def orders_shown(self, row: BatchRun) -> SafeString:
        ids = [each["id"] for each in row.batch.orders[:MOST_SHOWN]]
        known = FieldOrder.objects.filter(uuid__in=ids).in_bulk(field_name="uuid")
        pks = {str(uuid): order.pk for uuid, order in known.items()}
        return _listed([(_order(each, pks),) for each in row.batch.orders], _("None yet."))


def _order(made: dict[str, str], pks: dict[str, int]) -> Any:
    if made["id"] not in pks:
        return made["name"]
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:camera_fieldorder_change", args=[pks[made["id"]]]), made["name"]
    )


def _listed(rows: list[tuple[Any]], nothing: Text) -> SafeString:
    if not rows:
        return format_html("{}", nothing)
    left = len(rows) - MOST_SHOWN
    more = format_html("<p>{}</p>", _("and {count} more").format(count=left)) if left > 0 else ""
    return format_html("<ul>{}</ul>{}", format_html_join("", "<li>{}</li>", rows[:MOST_SHOWN]), more)
