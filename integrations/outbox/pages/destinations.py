"""Destinations in the admin: how each is doing, what it may take, its secret, and what to do about its backlog."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.core import clock
from integrations.core.admin import HistoryAdmin
from integrations.core.badges import facts, moment, sentence
from integrations.core.page_actions import Link, page_action
from integrations.core.wake import wake
from integrations.outbox import shown
from integrations.outbox.forms import DestinationForm, SecretForm
from integrations.outbox.models import DELIVER_TASK, Delivery, Destination
from integrations.outbox.services import destinations, trying

CHANGE, RERUN = "outbox.change_destination", "outbox.rerun_destination"


def is_kept(row: Destination) -> bool:
    return row.retired_at is None


@admin.register(Destination)
class DestinationAdmin(HistoryAdmin):
    heading = gettext_lazy("Destinations")
    intro = gettext_lazy("Where messages go. Each belongs to an endpoint, which says what it is told of.")
    empty_hint = gettext_lazy("An endpoint of the type webhook makes the first one.")
    form = DestinationForm
    list_display = ("name", "standing", "depth", "last_result", "explained", "url_shown")
    list_filter = ("enabled", ("suspended_at", admin.EmptyFieldListFilter), "workspace")
    list_defer = ("secrets", "headers")
    search_fields = ("name", "url", "=uid")
    ordering = ("name",)
    page_actions = ("test", "try_now", "enable", "disable")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        rows: QuerySet[Destination] = super().get_queryset(request)
        return rows.filter(retired_at__isnull=True).annotate(depth=shown.DEPTH)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an endpoint makes it: without one, nothing is sent there

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        own = ("own_headers",) if self.has_change_permission(request, obj) else ()
        return [
            (None, {"fields": ("url", "method", *own)}),
            (_("Limits"), {"fields": ("rate_per_second", "concurrency", "connect_seconds", "total_seconds")}),
        ]

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | {"fields": DestinationForm.Meta.fields})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/secret/", view(self.secret_view), name="outbox_destination_secret"),
            path("<int:pk>/drop/", view(self.drop_view), name="outbox_destination_drop"),
        ]
        return [*own, *super().get_urls()]

    def lead(self, row: Destination) -> Sequence[SafeString]:
        return (shown.standing(row), sentence(row.note))

    def facts(self, row: Destination) -> SafeString:
        until = row.previous_until if row.secrets.get("previous") else None
        signs = _("yes, with two secrets until {at}") if until and until > clock.now() else _("yes")
        pairs = [
            (_("Waiting"), shown.depth(row)),
            (_("Last attempt"), shown.last_result(row)),
            (_("Failures in a row"), row.failures),
            (_("Suspended since"), moment(row.suspended_at)),
            (_("Endpoint id"), format_html("<code>{}</code>", row.uid)),
            (_("Signed"), signs.format(at=f"{until:%Y-%m-%d %H:%M} UTC" if until else "") if row.secrets else _("no")),
        ]
        return facts(pairs)

    def page_links(self, request: HttpRequest, row: Destination) -> list[Link]:
        log = reverse("admin:outbox_delivery_changelist")
        links = [Link(_("Deliveries"), f"{log}?destination__id__exact={row.pk}")]
        if request.user.has_perm("outbox.rerun_delivery"):
            links.append(
                Link(_("Send a time range again"), f"{reverse('admin:outbox_resend_ask')}?destination={row.pk}")
            )
        if request.user.has_perm(CHANGE):
            links.append(Link(_("New secret"), reverse("admin:outbox_destination_secret", args=[row.pk])))
            links.append(Link(_("Drop the backlog"), reverse("admin:outbox_destination_drop", args=[row.pk])))
        return links

    @admin.display(description=gettext_lazy("state"))
    def standing(self, row: Destination) -> SafeString:
        return shown.standing(row)

    @admin.display(description=gettext_lazy("waiting"))
    def depth(self, row: Destination) -> str:
        return shown.depth(row)

    @admin.display(description=gettext_lazy("last attempt"), ordering="last_at")
    def last_result(self, row: Destination) -> SafeString:
        return shown.last_result(row)

    @admin.display(description=gettext_lazy("what happens"))
    def explained(self, row: Destination) -> SafeString:
        return sentence(row.note)

    @admin.display(description=gettext_lazy("address"), ordering="url")
    def url_shown(self, row: Destination) -> str:
        return f"{row.method} {row.url.partition('?')[0]}"[:80]

    @page_action(gettext_lazy("Send a test"), right=CHANGE, shown=is_kept)
    def test(self, request: HttpRequest, row: Destination) -> str:
        delivery = trying.send_test(row, by=request.user.get_username(), now=clock.now())
        url = reverse("admin:outbox_delivery_change", args=[delivery.pk])
        return format_html('{} <a href="{}">{}</a>', delivery.note, url, _("Request and answer"))

    @page_action(gettext_lazy("Try now"), right=RERUN, tone="plain", shown=lambda row: bool(row.failures))
    def try_now(self, request: HttpRequest, row: Destination) -> str:
        Destination.objects.filter(pk=row.pk).hurry(now=clock.now())
        wake(DELIVER_TASK)
        return _("What waits longest is tried now.")

    @page_action(gettext_lazy("Enable"), right=CHANGE, shown=lambda row: not row.enabled)
    def enable(self, request: HttpRequest, row: Destination) -> str:
        destinations.switch(row, enabled=True, now=clock.now())
        return _("It sends again, beginning with what has waited.")

    @page_action(gettext_lazy("Disable"), right=CHANGE, tone="plain", shown=lambda row: row.enabled)
    def disable(self, request: HttpRequest, row: Destination) -> str:
        destinations.switch(row, enabled=False, now=clock.now())
        return _("Nothing is sent. What comes waits, for 24 hours.")

    def secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give it a new secret; its value is shown this once."""
        row = self._row(request, pk)
        form = SecretForm(request.POST or None)
        context = self.admin_site.each_context(request) | {"title": _("New secret"), "row": row, "form": form}
        if request.method == "POST" and form.is_valid():
            made = destinations.rotate_secret(row, secret=form.cleaned_data["secret"], keep=form.keep, now=clock.now())
            context |= {"value": made, "title": _("Copy the secret now")}
        answer = TemplateResponse(request, "outbox/secret.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    def drop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what would be lost, and drop it once that is confirmed."""
        row = self._row(request, pk)
        if request.method == "POST":
            count = destinations.drop_backlog(row, by=request.user.get_username(), now=clock.now())
            words = ngettext("%d delivery was dropped.", "%d deliveries were dropped.", count) % count
            self.message_user(request, words, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:outbox_destination_change", args=[pk]))
        waiting = Delivery.objects.open().filter(destination=row)
        oldest = waiting.order_by("pk").values_list("queued_at", flat=True).first()
        context = {"title": _("Drop the backlog"), "row": row, "count": waiting.count(), "oldest": oldest}
        return TemplateResponse(request, "outbox/drop.html", self.admin_site.each_context(request) | context)

    def _row(self, request: HttpRequest, pk: int) -> Destination:
        """:raises PermissionDenied: :raises Http404:"""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        row: Destination | None = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        return row
