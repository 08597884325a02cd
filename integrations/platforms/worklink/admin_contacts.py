"""Contacts in the admin: who can be called, by whom, and by which link."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.core import clock, panels
from integrations.core.page_actions import Link, page_action
from integrations.core.panels import Panel
from integrations.core.tables import csv_response
from integrations.events.models import Reason
from integrations.platforms.worklink.admin_catalogs import ListedAdmin
from integrations.platforms.worklink.contacts import publishing
from integrations.platforms.worklink.contacts.linking import link_to, list_link
from integrations.platforms.worklink.contacts.matrix import MAY_CALL, callers_of
from integrations.platforms.worklink.models import Contact, Licence, Lists

AGAIN = gettext_lazy("Write into the systems of record again")
CSV = ("call_id", "name", "email", "group", "licence", "link")


def is_there(row: Contact) -> bool:
    return row.gone_at is None


def is_entered_and_there(row: Contact) -> bool:
    return is_there(row) and not row.is_of_the_cms


@admin.register(Contact)
class ContactAdmin(ListedAdmin):
    heading = gettext_lazy("Contacts")
    intro = gettext_lazy("Users who can be called by a link. Mappings write them into other systems' contact lists.")
    empty_hint = gettext_lazy("The import from the CMS fills this list where it shows call ids; else bring a table.")
    list_display = ("name", "call_id", "email", "group", "licence_shown", "state", "connection_shown")
    list_filter = (*ListedAdmin.list_filter, "licence")
    search_fields = ("name", "=call_id", "=email")
    search_help_text = gettext_lazy("Name, call id or e-mail")
    fields = ("connection", "name", "call_id", "email", "group", "licence", "database_id")
    own_fields = ("connection", "name", "call_id", "email", "database_id")
    actions = ("write_again",)
    page_actions = ("write_one_again", "mark_gone")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download)
        return [path("csv/", view, name="worklink_contact_csv"), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """The call id of an entered contact is what other systems may know it by."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed or (("connection", "call_id") if obj is not None else ())

    def list_links(self, request: HttpRequest) -> list[Link]:
        load = f"{reverse('admin:worklink_tableload_bring')}?lists={Lists.CONTACTS}"
        return [
            *([Link(_("Bring a table"), load)] if self.has_right(request, "worklink.add_tableload") else []),
            Link(_("Import from the CMS"), f"{reverse('admin:worklink_cmsimport_changelist')}?lists={Lists.CONTACTS}"),
            Link(_("Download CSV"), reverse("admin:worklink_contact_csv")),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Who is gone may go: other systems were told."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.gone_at is not None)

    def has_write_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "sync.rerun_recordwrite")

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        """Save, and tell the systems that keep a list of contacts."""
        obj.changed_at = clock.now()
        super().save_model(request, obj, form, change)
        if form.changed_data:
            publishing.changed(obj, form.changed_data, at=obj.changed_at)

    def download(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send all who can be called; a table brings the same columns back, the link left out."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Contact.objects.there().order_by("name", "pk")
        return csv_response("contacts.csv", CSV, _lines(rows))

    @admin.action(description=AGAIN, permissions=["write"])
    def write_again(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        count = _publish_again(queryset.select_related("connection"))
        words = ngettext("%d contact is published again.", "%d contacts are published again.", count) % count
        self.message_user(request, words, messages.SUCCESS)

    @page_action(AGAIN, right="sync.rerun_recordwrite", tone="plain", shown=is_there)
    def write_one_again(self, request: HttpRequest, row: Contact) -> str:
        _publish_again([row])
        return _("It is published again. What is there already is not written twice.")

    @page_action(gettext_lazy("Mark as gone"), right="change", tone="plain", shown=is_entered_and_there)
    def mark_gone(self, request: HttpRequest, row: Contact) -> str:
        with transaction.atomic():
            now = clock.now()
            if Contact.objects.there().filter(pk=row.pk).update(gone_at=now, changed_at=now):
                publishing.vanished(row, at=now)
        return _("It is marked as gone, and other systems are told.")

    @admin.display(description=gettext_lazy("licence"), ordering="licence")
    def licence_shown(self, row: Contact) -> str:
        return str(row.get_licence_display()) if row.licence else "–"


@transaction.atomic
def _publish_again(rows: Any) -> int:
    now, count = clock.now(), 0
    for row in rows:
        if is_there(row):
            publishing.changed(row, (), at=now, reason=Reason.REPLAY)
            count += 1
    return count


def _lines(rows: Any) -> Iterator[list[str]]:
    for row in rows.iterator(chunk_size=1_000):
        licence = str(row.get_licence_display()) if row.licence else ""
        yield [row.call_id, row.name, row.email, row.group, licence, link_to(row)]


def call_panel(row: Contact) -> Panel | None:
    """Return the ready links of a contact, and who may call it."""
    if row.gone_at is not None or not link_to(row):
        return None
    pairs = [
        (_("Everywhere"), _copyable("deferred", link_to(row))),
        (_("In the app"), _copyable("direct", link_to(row, direct=True))),
        (_("The whole list"), _copyable("list", list_link(row.connection_id))),
        (_("May be called by"), _named(callers_of(row.licence)) if row.licence else _("not known without a licence")),
        (_("May call"), _named(MAY_CALL.get(row.licence, ())) if row.licence else _("not known without a licence")),
    ]
    return Panel(_("Call this contact"), pairs)


def _named(licences: Any) -> str:
    return ", ".join(str(Licence(each).label) for each in licences) or _("nobody")


def _copyable(form: str, link: str) -> SafeString:
    return format_html(
        '<span class="copyable"><code id="link-{0}">{1}</code> <button type="button" class="button plain" '
        'data-copy="link-{0}" data-copied="{2}">{3}</button></span>',
        form,
        link,
        _("Copied"),
        _("Copy"),
    )


panels.register("worklink.Contact", call_panel)
