"""Photos of a visit: sent piece by piece, corrected, reported, analysed again."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from integrations.camera.models import Visit
from integrations.camera.services import analysing, deciding, orders, reporting, shown, uploading, visiting
from integrations.camera.services.refusals import Malformed
from integrations.camera.services.uploading import Piece, Progress, WrongOffset
from integrations.camera.views.asking import asked, body_of, of_visit, read_body, refused, text


@asked("PUT", "HEAD")
@of_visit
def upload(request: HttpRequest, *, visit: Visit, item: UUID, key: str) -> HttpResponse:
    """Keep a piece: 200 with `received`; with the last one 201 with `input`. HEAD tells `Upload-Offset`."""
    found = visiting.find_item(visit, item)
    if request.method == "HEAD":
        return _offset(HttpResponse(), uploading.progress(found, key))
    orders.check_open(visiting.order_of(visit))
    try:
        progress = uploading.take(visit, found, _piece(request, key), now=timezone.now())
    except WrongOffset as error:
        response = refused(error, received=error.received)
        response["Upload-Offset"] = str(error.received)
        return response
    answer = {"received": progress.received, "input": str(progress.input) if progress.input else None}
    return _offset(JsonResponse(answer, status=201 if progress.input else 200), progress)


def _offset(response: HttpResponse, progress: Progress) -> HttpResponse:
    response["Upload-Offset"] = str(progress.received)
    if progress.length:
        response["Upload-Length"] = str(progress.length)
    if progress.input:
        response["Upload-Input"] = str(progress.input)
    return response


def _piece(request: HttpRequest, key: str) -> Piece:
    return Piece(
        key=key,
        offset=_number(request, "Upload-Offset"),
        length=_number(request, "Upload-Length"),
        sha256=request.headers.get("Upload-Sha256", "").lower(),
        content_type=(request.content_type or "")[:40],
        data=read_body(request, most=uploading.MOST_OF_A_PIECE),
        taken_at=_time(request.headers.get("Upload-Taken-At", "")),
    )


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not value.isascii() or not value.isdecimal() or len(value) > 12:
        raise Malformed(f"{name} is a number of bytes.")
    return int(value)


def _time(value: str) -> datetime | None:
    """Return when the device says that the photo was taken; what cannot be read says nothing."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


@asked("POST")
@of_visit
def correct(request: HttpRequest, *, visit: Visit, uuid: UUID) -> HttpResponse:
    """Put the field worker's value over a task's outcome, and return the photo."""
    body = body_of(request)
    row = visiting.find_input(visit, uuid)
    orders.check_open(visiting.order_of(visit))
    if not row.item.group.may_correct:
        raise deciding.MayNotCorrect
    by = visit.technician or f"visit of {visit.token.name}"
    task = text(body, "task", most=200, needed=True)
    deciding.correct(row, task, body.get("value"), by=by, now=timezone.now(), visit=visit)
    return JsonResponse(shown.photo_state(row, visit))


@asked("POST")
@of_visit
def analyse_again(_request: HttpRequest, *, visit: Visit, uuid: UUID) -> HttpResponse:
    """Try an analysis again that failed."""
    row = visiting.find_input(visit, uuid)
    analysing.analyse_again(row, now=timezone.now())
    return JsonResponse(shown.photo_state(row, visit), status=201)


@asked("POST")
@of_visit
def report(request: HttpRequest, *, visit: Visit, item: UUID) -> HttpResponse:
    """Keep what the field worker reports; the same key again is the same issue."""
    body = body_of(request)
    reporting.report_issue(
        visit,
        visiting.find_item(visit, item),
        category=text(body, "category", most=40),
        text=text(body, "text", most=10_000),
        key=text(body, "key", most=64),
        now=timezone.now(),
    )
    return JsonResponse({"reported": True}, status=201)
