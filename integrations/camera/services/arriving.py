"""A user's browser arrives with a token: the visit begins, once for each idempotency key."""

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.crypto import salted_hmac

from integrations.camera.models import ConnectorToken, Scenario, Visit
from integrations.camera.protocol import callbacks, leaving, targets
from integrations.camera.protocol.errors import ArrivalRefused, NotFound
from integrations.camera.protocol.pages import Arrival, read_arrival
from integrations.camera.protocol.query import Parameters, read_query
from integrations.camera.services import placing, signing_in, tokens
from integrations.camera.services.refusals import KeyReused, Malformed, NotHere, ReadOnly, Refusal
from integrations.core.inserting import insert
from integrations.core.safe_json import storable

logger = logging.getLogger(__name__)

LASTS = timedelta(hours=4)
LANGUAGES = ("en", "fr")
REDACTED = "[token]"
FIELDS = {"path": 200, "device": 300}


@dataclass(frozen=True)
class Knock:
    """What the page sent: the token from the fragment, path and raw query of its address, a key of its own making.

    `user`: who is signed in, where the token says that this is what counts.
    """

    token: str = field(repr=False)
    path: str
    query: str = field(repr=False)
    key: str
    device: str = ""
    language: str = ""
    user: User | None = None


@dataclass(frozen=True)
class Arrived:
    """A visit that is open. `created`: by this call, not by an earlier one with the same key."""

    visit: Visit
    secret: str = field(repr=False)
    created: bool


class Refused(Refusal):
    """The visit cannot begin, and the user may leave by `leave`; an address that was checked."""

    def __init__(self, message: str, *, code: str, answer: int, leave: str) -> None:
        super().__init__(message)
        self.code, self.answer, self.leave = code, answer, leave


def arrive(knock: Knock, *, now: datetime) -> Arrived:
    """Begin a visit, and make the order and the item that its address asks for; or return the visit of the same key.

    :raises Refusal: for a token that is not known :raises Refused: with the address to leave by :raises KeyReused:
    """
    token = signing_in.door(_read(knock), knock.user) if knock.token == signing_in.SESSION else tokens.find(knock.token)
    try:
        tokens.check(token, now=now)
    except tokens.TokenExpired as error:
        if known := _still_open(token, knock, now=now):
            return _opened(known, created=False)
        raise _note_refusal(token, knock, error, code=error.code, now=now) from error
    except tokens.TokenRevoked as error:
        raise _note_refusal(token, knock, error, code=error.code, now=now) from error
    tokens.note_use(token, now=now)
    try:
        parameters = read_query(knock.query)
        arrival = read_arrival(knock.path, parameters)
        return _begin(token, knock, parameters, arrival, now=now)
    except (NotHere, ReadOnly) as error:
        raise _note_refusal(token, knock, error, code=error.code, now=now) from error
    except ArrivalRefused as error:
        raise _note_refusal(token, knock, error, code=error.code, now=now) from error


def _read(knock: Knock) -> Parameters:
    """Read what names the site. :raises Malformed: for a query that is too long"""
    try:
        return read_query(knock.query)
    except ArrivalRefused as error:
        raise Malformed(str(error)) from None


def secret_of(visit: Visit) -> str:
    """Return what the visit's cookie holds: the same for each answer, so that two at once do not disagree."""
    return salted_hmac("integrations.camera.visit", str(visit.uuid), algorithm="sha256").hexdigest()


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _still_open(token: ConnectorToken, knock: Knock, *, now: datetime) -> Visit | None:
    """Return the visit of this key if it began while the token was good: it may end (vendor sheet, 5.5)."""
    known = Visit.objects.filter(token=token, idempotency_key=knock.key, error="", expires_at__gt=now).first()
    if known:
        _check_same(known, token=token, knock=knock)
    return known


@transaction.atomic
def _begin(token: ConnectorToken, knock: Knock, parameters: Parameters, arrival: Arrival, *, now: datetime) -> Arrived:
    """The row comes first: a second request with its key waits for the end of the first one."""
    visit = Visit(
        token=token,
        idempotency_key=knock.key,
        scenario=Scenario(arrival.scenario),
        **_noted(token, knock, now=now),
        **_sent(token, parameters),
    )
    created = insert(visit)
    if not created:
        known = Visit.objects.select_for_update().get(token=token, idempotency_key=knock.key)
        if not known.error:
            _check_same(known, token=token, knock=knock)
            return _again(known, now=now)
        visit.pk, visit.uuid = known.pk, known.uuid  # it was refused then: perhaps it is not now
    place = placing.place_of(token, parameters, arrival, user=visit.user, now=now)
    visit.order, visit.item, visit.technician = place.order, place.item, place.technician
    visit.input_uuid = place.input.uuid if place.input else None
    visit.subject, visit.error, visit.secret_hash = place.order.subject, "", hash_of(secret_of(visit))
    visit.save(force_update=True)
    return _opened(visit, created=True)


def _noted(token: ConnectorToken, knock: Knock, *, now: datetime) -> dict[str, Any]:
    """What is kept of a request, whatever comes of it; the token is nowhere in it."""

    def kept(text: str, longest: int) -> str:
        return str(storable(text.replace(knock.token, REDACTED)))[:longest]

    return {
        **{name: kept(getattr(knock, name), longest) for name, longest in FIELDS.items()},
        "query": kept(knock.query, 8192),
        "user": knock.user if token.sign_in else None,
        "language": next((each for each in LANGUAGES if knock.language.lower().startswith(each)), LANGUAGES[0]),
        "arrived_at": now,
        "seen_at": now,
        "expires_at": now + LASTS,
    }


def _sent(token: ConnectorToken, parameters: Parameters) -> dict[str, Any]:
    """What decides on the way back. A callback that is not allowed gives way to the token's default (2.9)."""
    callback, refused = token.default_callback, ""
    if parameters.callback:
        judged = targets.judge(
            parameters.callback,
            default=token.default_callback,
            entries=token.callback_targets,
            any_https=token.any_https_callback,
        )
        if isinstance(judged, targets.Allowed):
            callback = judged.uri
        else:
            refused = judged.reason[:300]
            logger.info("token %s: %s", token.pk, refused)
    if parameters.duplicates:
        logger.info("token %s: sent more than once: %s", token.pk, ", ".join(parameters.duplicates)[:200])
    return {
        "callback": callback,
        "callback_refused": refused,
        "state": parameters.state,
        "use_fragment": parameters.use_fragment,
    }


def _check_same(known: Visit, *, token: ConnectorToken, knock: Knock) -> None:
    noted = _noted(token, knock, now=known.arrived_at)
    user = noted["user"].pk if noted["user"] else None
    if (known.path, known.query, known.user_id) != (noted["path"], noted["query"], user):
        raise KeyReused


def _again(known: Visit, *, now: datetime) -> Arrived:
    """The same key with a token that holds: the visit goes on, for as long as a new one would."""
    known.seen_at, known.expires_at, known.left_at, known.abandoned_at = now, now + LASTS, None, None
    known.secret_hash = hash_of(secret_of(known))
    known.save(update_fields=["seen_at", "expires_at", "left_at", "abandoned_at", "secret_hash"])
    return _opened(known, created=False)


def _opened(visit: Visit, *, created: bool) -> Arrived:
    return Arrived(visit, secret_of(visit), created)


def _note_refusal(token: ConnectorToken, knock: Knock, error: Exception, *, code: str, now: datetime) -> Refused:
    """Keep that somebody came and was sent back, and return the refusal with the address to leave by (2.9)."""
    noted = _noted(token, knock, now=now)
    ended = isinstance(error, tokens.TokenExpired | tokens.TokenRevoked)
    sent: dict[str, Any] = {"callback": token.default_callback}
    parameters = Parameters()
    try:
        parameters = read_query(knock.query)
        sent = _sent(token, parameters)
    except ArrivalRefused:
        pass
    if ended:  # only the default is offered: who has the token may be anyone (2.9)
        sent |= {"callback": token.default_callback, "callback_refused": ""}
    scenario = {"scenario": _scenario_of(knock.path, parameters), "error": code}
    known = Visit.objects.filter(token=token, idempotency_key=knock.key).first()
    if known is None:
        insert(Visit(token=token, idempotency_key=knock.key, **noted, **sent, **scenario))
    elif known.error:
        Visit.objects.filter(pk=known.pk).update(**noted, **sent, **scenario)
    else:
        _check_same(known, token=token, knock=knock)
    answer = getattr(error, "answer", 404 if code == NotFound.code else 422)
    said = str(error).replace(knock.token, REDACTED)
    return Refused(said, code=code, answer=answer, leave=_way_back(token, sent, code=code))


def _scenario_of(path: str, parameters: Parameters) -> Scenario:
    """Return what was probably meant, for the list of visits."""
    if "/input/" in path:
        return Scenario.ANALYSIS
    if "/work_order/" in path:
        return Scenario.ORDER
    if not path.rstrip("/").endswith("/create"):
        return Scenario.RETAKE
    return Scenario.ADD if parameters.work_order_id else Scenario.CREATE


def _way_back(token: ConnectorToken, sent: dict[str, Any], *, code: str) -> str:
    rules = callbacks.CallbackRules(
        error_parameter=token.error_parameter,
        messages_parameter=token.messages_parameter,
        use_fragment=bool(sent.get("use_fragment")),
    )
    results = callbacks.Results(leaving.refused(), state=sent.get("state"), error=code)
    return callbacks.build(sent["callback"], results, rules=rules).url
