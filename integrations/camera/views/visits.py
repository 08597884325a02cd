"""Visits: begun with the token in the body, gone on with by the cookie, left by an address that the server decides."""

from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from integrations.camera.models import Visit
from integrations.camera.services import arriving, guessing, leaving, shown, visiting
from integrations.camera.services.arriving import Arrived, Knock, Refused
from integrations.camera.services.refusals import Malformed
from integrations.camera.services.signing_in import SignInNeeded
from integrations.camera.services.tokens import TokenMissing, TokenUnknown, UrlOrder
from integrations.camera.views import sign_in
from integrations.camera.views.asking import COOKIE, asked, body_of, flag, of_visit, refused, text

MOST_OF_A_QUERY = 16_384


@asked("POST")
@sensitive_variables()
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a visit: 201, or 200 for the key of an earlier one. The token is in the body, and nowhere else."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    guessing.check(address)
    knock = _knock(request)
    try:
        arrived = arriving.arrive(knock, now=timezone.now())
    except TokenMissing as error:
        return refused(error, leave=None)
    except SignInNeeded as error:
        return refused(error, leave=sign_in.address(request, f"{knock.path}?{knock.query}"))
    except (TokenUnknown, UrlOrder) as error:
        guessing.count(address, knock.token)
        return refused(error, leave=None)
    except Refused as error:
        return refused(error, leave=error.leave)
    return _opened(request, arrived)


@sensitive_variables()
def _knock(request: HttpRequest) -> Knock:
    body = body_of(request)
    key = text(body, "idempotencyKey", most=64, needed=True)
    if len(key) < 8 or not key.isprintable():
        raise Malformed("idempotencyKey has 8 to 64 characters.")
    query = text(body, "query", most=MOST_OF_A_QUERY)
    return Knock(
        token=text(body, "token", most=4096),
        path=text(body, "path", most=2048),
        query=query.removeprefix("?"),
        key=key,
        device=text(body, "device", most=2048),
        language=text(body, "language", most=100),
        user=request.user if isinstance(request.user, User) and request.user.is_active else None,
    )


def _opened(request: HttpRequest, arrived: Arrived) -> JsonResponse:
    visit = visiting.open_visit(arrived.visit.uuid, arrived.secret, now=timezone.now())
    response = JsonResponse(shown.visit_state(visit), status=201 if arrived.created else 200)
    response.set_cookie(
        COOKIE,
        arrived.secret,
        max_age=arriving.LASTS,
        path=reverse("camera:visit", args=[visit.uuid]),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


@asked("GET")
@of_visit
def state(_request: HttpRequest, *, visit: Visit) -> HttpResponse:
    """Return the whole state."""
    return JsonResponse(shown.visit_state(visit))


@asked("POST")
@of_visit
def add_item(request: HttpRequest, *, visit: Visit) -> HttpResponse:
    """Expect one more photo of a group, on the work order's page: 201 with the item's id and the state."""
    name = text(body_of(request), "group", most=500, needed=True)
    item = visiting.add_item(visit, name, now=timezone.now())
    return JsonResponse({"item": str(item.uuid), "state": shown.visit_state(visit)}, status=201)


@asked("GET")
@of_visit
def photo(_request: HttpRequest, *, visit: Visit, uuid: UUID) -> HttpResponse:
    """Return one photo; asked again until its analysis has ended."""
    return JsonResponse(shown.photo_state(visiting.find_input(visit, uuid), visit))


@asked("POST")
@of_visit
def leave(request: HttpRequest, *, visit: Visit) -> HttpResponse:
    """Decide the way back and return its address; the page goes there."""
    body = body_of(request)
    reason = leaving.reason_of(text(body, "reason", most=40))
    ended = leaving.Ended(reason, went_on=flag(body, "wentOn"), waiting=flag(body, "waiting"))
    row = leaving.leave(visit, ended, now=timezone.now())
    return JsonResponse({"url": row.url})
