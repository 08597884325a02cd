"""The pages between our camera page and the vendor's: plain HTML that asks again, below the visit's cookie's path."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations.camera.models import HandOver, Phase, Scenario, Visit
from integrations.camera.services import handing, orders, visiting
from integrations.camera.services.refusals import Refusal
from integrations.camera.views.asking import asked, of_visit
from integrations.camera.views.shell import HEADERS, POLICY
from integrations.camera.views.texts import texts_of
from integrations.core.errors import FieldportError
from integrations.core.work import WorkState

EVERY_SECONDS, LATE_SECONDS = 1, 30
WEB = ("http://", "https://")


@asked("POST")
@of_visit
def begin(_request: HttpRequest, *, visit: Visit, item: UUID) -> HttpResponse:
    """Begin a hand-over, or go on with the one that was begun: the address of its page."""
    orders.check_open(visiting.order_of(visit))
    row = handing.begin(visit, visiting.find_item(visit, item), now=timezone.now())
    return JsonResponse({"url": _page_of(visit, row)}, status=201)


def _shown(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view a page of the camera: its headers, its policy, refusals as a page."""

    @wraps(view)
    def run(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            response = of_visit(view)(request, **named)
        except Refusal as error:
            response = _message(request, "en", "ended", text=str(error), status=error.answer)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    made: Any = require_safe(csp_replace(POLICY)(run))
    shown: Callable[..., HttpResponse] = made
    return shown


@_shown
def back(request: HttpRequest, *, visit: Visit, uuid: UUID, key: str) -> HttpResponse:
    """Take the browser back from the vendor's page, and its parameters out of the address bar."""
    row = handing.find(visit, uuid)
    handing.come_back(row, key=key, said=request.GET.dict(), now=timezone.now())
    return HttpResponseRedirect(_page_of(visit, row))


@_shown
def page(request: HttpRequest, *, visit: Visit, uuid: UUID) -> HttpResponse:
    """Send the browser on, or back to the field app, as soon as that can be; until then show what goes on."""
    row = handing.find(visit, uuid)
    if "look" in request.GET:
        return JsonResponse({"page": _which(row), "step": _step(visit, row)})
    if row.state == WorkState.FAILED:
        return _failed(request, visit, row)
    if row.phase == Phase.AWAY:
        return _away(request, visit, row)
    if row.phase == Phase.OVER or "leave" in request.GET:
        return _over(request, visit, row)
    word = "going" if row.phase == Phase.GOING else "fetching"
    links = [("leave_now", f"{_page_of(visit, row)}?leave")] if _is_late(row) else []
    again = {"seconds": EVERY_SECONDS, "page": _which(row)}
    return _message(request, visit.language, word, text=_step(visit, row), links=links, again=again)


def _which(row: HandOver) -> str:
    """Return what tells one page of a hand-over from another."""
    ended = WorkState.FAILED if row.state == WorkState.FAILED else ""
    return f"{row.phase} {ended} {'late' if _is_late(row) else ''}".strip()


def _step(visit: Visit, row: HandOver) -> str:
    return row.step or texts_of(visit.language)["wait"]


def _is_late(row: HandOver) -> bool:
    return row.back_at is not None and (timezone.now() - row.back_at).total_seconds() > LATE_SECONDS


def _away(request: HttpRequest, visit: Visit, row: HandOver) -> HttpResponse:
    """Go on at once; who comes here again, by the back button, is asked."""
    first = handing.note_opened(row, now=timezone.now())
    if first or "again" in request.GET:
        try:
            return HttpResponseRedirect(handing.address_of(row))
        except FieldportError as error:
            return _message(request, visit.language, "failed", text=str(error), links=[_own_page(visit)])
    cancelled = urlencode({"status": "canceled_picture", "state": handing.state_of(row)})
    links = [("open", f"{_page_of(visit, row)}?again"), ("without", f"{handing.path_of(row)}?{cancelled}")]
    return _message(request, visit.language, "away", links=links)


def _over(request: HttpRequest, visit: Visit, row: HandOver) -> HttpResponse:
    if visit.scenario == Scenario.ORDER:
        return HttpResponseRedirect(_own_page(visit)[1])
    url = handing.leave(row, visit, now=timezone.now()).url
    if url.startswith(WEB):
        return HttpResponseRedirect(url)
    return _message(request, visit.language, "returning", links=[("return", url)], going=url)


def _failed(request: HttpRequest, visit: Visit, row: HandOver) -> HttpResponse:
    """Before they went, the photo is taken here; after that nothing can be told but that it was taken."""
    if row.phase == Phase.GOING:
        return _message(request, visit.language, "failed", links=[_own_page(visit)])
    if "leave" in request.GET:
        return _over(request, visit, row)
    leave = ("return", f"{_page_of(visit, row)}?leave")
    return _message(request, visit.language, "not_fetched", links=[leave])


def _page_of(visit: Visit, row: HandOver) -> str:
    return reverse("camera:hand_over", args=[visit.uuid, row.uuid])


def _own_page(visit: Visit) -> tuple[str, str]:
    return "own", f"{visit.path}?{visit.query}"


def _message(
    request: HttpRequest,
    language: str,
    word: str,
    *,
    text: str = "",
    links: list[tuple[str, str]] | None = None,
    again: dict[str, Any] | None = None,
    going: str = "",
    status: int = 200,
) -> HttpResponse:
    texts = texts_of(language)
    shown = [(texts[name], url) for name, url in links or []]
    context = {"language": language, "title": texts[word], "text": text, "links": shown}
    return render(request, "camera/handing.html", context | {"again": again, "going": going}, status=status)
