"""The set-up page of a WorkLink connection: what its CMS can do, and the webhook subscriptions of generation B."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.connections.models import Connection
from integrations.core.errors import FieldportError
from integrations.core.panels import Panel
from integrations.inbox.models import WebhookSource
from integrations.platforms.worklink import probing, pruning, subscriptions
from integrations.platforms.worklink.models import Reconciliation
from integrations.platforms.worklink.options import SLUG


def page(site: AdminSite, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the page; a POST subscribes or unsubscribes. :raises PermissionDenied:"""
    if not request.user.has_perm("connections.change_connection"):
        raise PermissionDenied
    connection = get_object_or_404(Connection, pk=pk, platform=SLUG)
    if request.method == "POST":
        _act(request, connection)
        return HttpResponseRedirect(request.path)
    context = site.each_context(request) | {"title": _("Webhook subscriptions"), "connection": connection}
    context |= {"sources": list(connection.sources.defer("secrets").order_by("name"))}
    offered = _offered(connection)
    if "expected" in request.GET and "sight" in offered:
        offered["compared"] = pruning.compared(offered["sight"], request.GET["expected"])
        offered["expected"] = request.GET["expected"]
    return TemplateResponse(request, "worklink/setting_up.html", context | offered)


def _offered(connection: Connection) -> dict[str, Any]:
    """Ask the CMS what there is; what does not answer becomes a sentence on the page."""
    try:
        own = {source.address: source.name for source in connection.sources.all()}
        rows = [(each, own.get(each.address, "")) for each in subscriptions.subscriptions(connection)]
        seen = {"sight": pruning.look_now(connection)}
        return {"subscriptions": rows, "topics": subscriptions.topics(connection), **seen}
    except FieldportError as error:
        return {"problem": str(error)}


def _act(request: HttpRequest, connection: Connection) -> None:
    try:
        messages.success(request, _unsubscribed(request, connection) or _subscribed(request, connection))
    except FieldportError as error:
        messages.error(request, str(error))


def _unsubscribed(request: HttpRequest, connection: Connection) -> str:
    chosen = request.POST.get("unsubscribe", "")
    if not chosen:
        return ""
    subscriptions.unsubscribe(connection, chosen)
    return _("The subscription was deleted.")


def _subscribed(request: HttpRequest, connection: Connection) -> str:
    source = get_object_or_404(WebhookSource, pk=request.POST.get("source"), connection=connection)
    new = subscriptions.subscribe(source, request.POST.getlist("topics"))
    if not new:
        return _("Nothing new: the source has these subscriptions already.")
    return _("Subscribed to {topics}. The source takes signed notifications only from now on.").format(
        topics=", ".join(new)
    )


def connection_panel(connection: Connection) -> Panel | None:
    """Return the way to this page, for a WorkLink connection's own."""
    if connection.platform != SLUG:
        return None
    url = reverse("admin:worklink_set_up", args=[connection.pk])
    rows = [*_received_and_existing(connection), *probing.described(connection)]
    return Panel(_("WorkLink"), rows, _("Webhook subscriptions"), url)


def source_panel(source: WebhookSource) -> Panel | None:
    """Return what the CMS has against what it told us, for a source of a WorkLink connection."""
    if source.connection.platform != SLUG:
        return None
    rows = _received_and_existing(source.connection)
    return Panel(_("Told by webhooks, and existing"), rows) if rows else None


def _received_and_existing(connection: Connection) -> list[tuple[str, str]]:
    newest: dict[str, Reconciliation] = {}
    for each in Reconciliation.objects.filter(connection=connection).order_by("-started_at")[:10]:
        newest.setdefault(each.resource_type, each)
    words = _("{told} of {seen} were told by a webhook, {untold} found by looking ({at:%d %b %H:%M})")
    return [
        (name, words.format(told=each.told, seen=each.seen, untold=each.untold, at=each.started_at))
        for name, each in newest.items()
    ]
