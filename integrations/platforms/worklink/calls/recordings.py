"""Recordings of calls: they stay in the CMS, and are opened from there by a link that is made when somebody asks."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.connections.services import open_client
from integrations.core.errors import NotFound, PermanentError
from integrations.core.panels import Panel
from integrations.platforms.worklink import names, probing
from integrations.platforms.worklink.calls.facts import recordings_of
from integrations.platforms.worklink.mapping import text_of
from integrations.platforms.worklink.models import CallSession
from integrations.platforms.worklink.pictures import link_of


def path_of(row: CallSession) -> str:
    """Return where a call's recordings are opened from; a person has to sign in."""
    return reverse("admin:worklink_callsession_recording", args=[row.pk, 1])


def address_of(row: CallSession) -> str:
    """Return the absolute address of the first recording; empty if there is none. It never changes."""
    return f"{settings.PUBLIC_URL}{path_of(row)}" if recordings_of(row.document) else ""


def fresh_link(row: CallSession, number: int) -> str:
    """Ask the CMS for a link to the n-th recording, good for some minutes.

    :raises NotFound: if there is none (any more) :raises FieldportError: if the CMS cannot be asked
    """
    connection = row.connection
    client = probing.client_of(connection, open_client(connection))
    document = probing.asked(connection, client, lambda: client.read(names.CALL, row.resource_id)).document
    files = recordings_of(document)
    if not 1 <= number <= len(files):
        raise NotFound(_("WorkLink no longer has this recording."))
    return _checked(files[number - 1])


def _checked(file: Mapping[str, Any]) -> str:
    link = link_of(file)
    if urlsplit(link).scheme not in ("http", "https"):
        raise PermanentError(_("WorkLink names the recording, and gives no link to it."))
    return link


def opened(request: HttpRequest, row: CallSession, number: int) -> HttpResponse:
    """Send the browser on to the recording. :raises Http404: :raises FieldportError:"""
    if not 1 <= number <= len(recordings_of(row.document)):
        raise Http404("No such recording.")
    answer = HttpResponseRedirect(fresh_link(row, number))
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, no-store"
    return answer


def panel(row: CallSession) -> Panel | None:
    """Return the list of a call's recordings, for its page."""
    files = recordings_of(row.document)
    if not files:
        return None
    rows = [(str(number), text_of(file.get("name")) or _("recording")) for number, file in enumerate(files, start=1)]
    return Panel(_("Recordings, kept by WorkLink"), rows, _("Open the first one"), path_of(row))
