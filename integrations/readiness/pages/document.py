"""The documentation of question 1: sent here, downloaded from here, never shown in the browser."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from integrations.core import clock, files
from integrations.core.errors import FieldportError
from integrations.readiness import documents
from integrations.readiness.models import Questionnaire
from integrations.readiness.pages.finding import questionnaire_of, shown

# It is somebody's file: whatever it holds, no browser is to open it on this site.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    row = questionnaire_of(owner, request, pk)
    if request.method == "POST":
        return _posted(owner, request, row)
    if "download" in request.GET:
        return _downloaded(row)
    return shown(owner, request, row, "document", title=_("Documentation"), accepted=documents.ACCEPTED)


def _posted(owner: Any, request: HttpRequest, row: Questionnaire) -> HttpResponse:
    if not owner.has_right(request, "change"):
        raise PermissionDenied
    try:
        messages.success(request, _removed(row) if "remove" in request.POST else _attached(request, row))
    except FieldportError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(request.path)


def _removed(row: Questionnaire) -> str:
    documents.remove(row)
    return _("The file was removed.")


def _attached(request: HttpRequest, row: Questionnaire) -> str:
    """:raises DocumentRefused: :raises StorageFailed:"""
    sent: Any = request.FILES.get("file")
    if sent is None:
        raise documents.DocumentRefused(_("Choose a file first."))
    content = sent.read(documents.MOST_BYTES + 1)
    documents.attach(row, name=sent.name or "", content=content, now=clock.now())
    return _("{name} is attached.").format(name=row.file_name)


def _downloaded(row: Questionnaire) -> HttpResponse:
    if not row.file:
        raise Http404("No file is attached.")
    try:
        content = files.read(row.file)
    except FileNotFoundError as error:
        raise Http404("The file is missing from the storage.") from error
    response = HttpResponse(content, content_type="application/octet-stream", headers=HEADERS)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.file_name)}"
    return response
