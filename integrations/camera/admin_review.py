from functools import partial

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.models import Analysis
from integrations.camera.pages import review, shown
from integrations.core.admin import ReadOnlyAdmin, moment_column
from integrations.core.badges import pretty_json, sentence
from integrations.core.page_actions import Link


@admin.register(Analysis)
class AnalysisAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Analyses")
    intro = gettext_lazy("What was said of each photo. Those that wait for a person are decided under Manual review.")
    empty_hint = gettext_lazy("The first photo makes one.")
    list_display = ("photo", "order_link", "state_shown", "engine", "explained", "created")
    list_filter = ("state", "engine", "input__item__group__name")
    list_select_related = ("input__item__group", "input__item__order")
    list_defer = ("conformity_messages", "input__measures", "input__item__order__metadata")
    search_fields = ("=input__item__order__name", "=uuid")
    search_help_text = gettext_lazy("Order's name, or the analysis's id")
    ordering = ("-pk",)
    fields = ("photo", "order_link", "state_shown", "engine", "note", "messages_shown", "created_at", "finished_at")
    readonly_fields = ("photo", "order_link", "state_shown", "messages_shown")
    created = moment_column("created_at", gettext_lazy("made"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(review.page, self))
        return [path("review/", view, name="camera_analysis_review"), *super().get_urls()]

    def may_review(self, request: HttpRequest) -> bool:
        """Whoever may have analyses run again also decides in the place of an engine."""
        return self.has_right(request, "camera.rerun_analysisrun")

    def list_links(self, request: HttpRequest) -> list[Link]:
        return [Link(_("Manual review"), reverse("admin:camera_analysis_review"))] if self.may_review(request) else []

    @admin.display(description=gettext_lazy("photo"))
    def photo(self, row: Analysis) -> str:
        return _("Photo {number} of {group}").format(number=row.input.number, group=row.input.item.group.name)

    @admin.display(description=gettext_lazy("order"), ordering="input__item__order__name")
    def order_link(self, row: Analysis) -> SafeString:
        order = row.input.item.order
        return format_html('<a href="{}">{}</a>', reverse("admin:camera_fieldorder_change", args=[order.pk]), order)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, row: Analysis) -> SafeString:
        return shown.state_badge(row)

    @admin.display(description=gettext_lazy("what happened"))
    def explained(self, row: Analysis) -> SafeString:
        return sentence(row.note)

    @admin.display(description=gettext_lazy("messages"))
    def messages_shown(self, row: Analysis) -> SafeString:
        return pretty_json(row.conformity_messages, label=_("Messages"))
