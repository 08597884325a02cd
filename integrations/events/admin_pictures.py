from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, named
from integrations.core.admin import DEFAULT_NOTES, WorkAdmin, has_ended, moment_column
from integrations.core.badges import badge, facts, moment, sentence
from integrations.core.lists import batches
from integrations.core.page_actions import page_action
from integrations.events.links import picture_path
from integrations.events.models import Event, Picture, Standing
from integrations.events.selectors.pictures import pictures_of

TONES = {Standing.WAITING: "busy", Standing.STORED: "ok", Standing.FAILED: "bad", Standing.EXPIRED: "quiet"}
ROLES = {"image": gettext_lazy("face"), "original_image": gettext_lazy("whole frame")}


def standing_badge(row: Picture) -> SafeString:
    return badge(row.standing.label, TONES[row.standing])


def can_be_fetched(row: Picture) -> bool:
    return has_ended(row) and not row.expired_at


@admin.register(Picture)
class PictureAdmin(WorkAdmin):
    heading = gettext_lazy("Pictures of events")
    intro = gettext_lazy("Faces, frames and samples of recognition events, fetched before the platform drops them.")
    empty_hint = gettext_lazy("The first event of an OMNI Platform with a picture brings one.")
    list_display = ("short", "standing", "explained", "connection_shown", "last_named")
    list_filter = ("state", "workspace")
    list_select_related = ("connection",)
    list_defer = ("address", *SECRETS)
    search_fields = ("image_id",)
    search_help_text = gettext_lazy("Id of the picture")
    fields = ("shown",)
    readonly_fields = ("shown",)
    page_actions = ("fetch_again",)
    last_named = moment_column("named_at", gettext_lazy("last named"))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        try:
            return queryset.filter(image_id=UUID(search_term.strip())), False
        except ValueError:
            return (queryset.none() if search_term.strip() else queryset), False

    def lead(self, row: Any) -> Sequence[SafeString]:
        return (standing_badge(row), self.explained(row))

    def facts(self, row: Picture) -> SafeString:
        connection = row.connection
        return facts(
            [
                (_("Id"), row.image_id),
                (_("Connection"), connection.name if connection else _("deleted")),
                (_("Size"), self.size(row)),
                (_("Attempts"), row.attempts),
                (_("First named"), moment(row.created_at)),
                (_("Last named"), moment(row.named_at)),
                (_("Stored"), moment(row.stored_at)),
                (_("Expired"), moment(row.expired_at)),
            ]
        )

    def rerun(self, pks: Any) -> int:
        """What retention took is not fetched again, unless an event names it again."""
        kept = (Picture.objects.filter(pk__in=batch, expired_at=None) for batch in batches(pks))
        return super().rerun(pk for rows in kept for pk in rows.values_list("pk", flat=True))

    @page_action(gettext_lazy("Fetch again"), right="rerun", shown=can_be_fetched)
    def fetch_again(self, request: HttpRequest, row: Any) -> str:
        return self.retry_one(request, row)

    @admin.display(description=gettext_lazy("id"))
    def short(self, row: Picture) -> SafeString:
        return format_html('<code class="short" title="{}">{}</code>', row.image_id, str(row.image_id)[:8])

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, row: Picture) -> SafeString:
        return standing_badge(row)

    @admin.display(description=gettext_lazy("connection"), ordering="connection__name")
    def connection_shown(self, row: Picture) -> SafeString:
        return named(row.connection) if row.connection else sentence(_("deleted"))

    def size(self, row: Picture) -> str:
        return f"{row.width} × {row.height}, {(row.bytes or 0) // 1024} KiB" if row.file else "–"

    @admin.display(description=gettext_lazy("picture"))
    def shown(self, row: Picture) -> SafeString:
        return picture_shown(row, label=str(row))


def picture_shown(row: Picture, *, label: str) -> SafeString:
    """Return the picture itself, or why there is none."""
    if row.standing == Standing.STORED:
        return format_html('<img class="picture" src="{}" alt="{}" loading="lazy">', picture_path(row), label)
    return sentence(row.note or DEFAULT_NOTES[row.state])


def pictures_shown(event: Event) -> SafeString:
    """Return what an event's page shows of its pictures: each with its role and state, and what became of it."""
    given = event.payload.get("event") or {}
    roles = {given.get(name): str(role) for name, role in ROLES.items()}
    found = pictures_of(event).items()
    rows = [(_one(image, row, roles.get(image) or _("sample of a profile")),) for image, row in found]
    return format_html_join("", '<figure class="named-picture">{}</figure>', rows) or sentence(_("It names none."))


def _one(image: str, row: Picture | None, role: str) -> SafeString:
    if row is None:
        why = _("Not fetched: its event did not come through a connection that keeps pictures.")
        return format_html("<figcaption>{} <code>{}</code></figcaption>{}", role, image, sentence(why))
    url = reverse("admin:events_picture_change", args=[row.pk])
    caption = format_html('<a href="{}">{}</a> <code>{}</code> {}', url, role, image, standing_badge(row))
    return format_html("<figcaption>{}</figcaption>{}", caption, picture_shown(row, label=role))
