"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a repeated request gets the first one's answer."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.connections.models import ApiToken, IdempotencyRecord

# A record without an answer that is older was left by a process that died; nothing of its work was committed.
ABANDONED = timedelta(seconds=60)
MAX_KEY_LENGTH = 200

View = TypeVar("View", bound=APIView)
Method = Callable[..., Response]


class KeyInUse(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "A request with this Idempotency-Key is being carried out; ask again in a moment."
    default_code = "idempotency_key_in_use"


class KeyOfAnotherRequest(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used with another request; use a new key for a new request."
    default_code = "idempotency_key_reused"


def idempotent(method: Method) -> Method:
    """Make a method of a DRF view honour `Idempotency-Key`, per token.

    The view runs in one transaction with the storing of its answer, so both are there or neither. Only a success is
    kept: after an error the same key may be sent again, with a corrected body too.
    """

    @wraps(method)
    def run(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None or not isinstance(request.auth, ApiToken):
            return method(view, request, *args, **kwargs)
        record = _begin(request.auth, key=_checked(key), fingerprint=_fingerprint(request))
        if record.status is not None:
            return Response(record.answer, status=record.status, headers={"Idempotency-Replayed": "true"})
        return _carry_out(record, lambda: method(view, request, *args, **kwargs))

    return run


def _checked(key: str) -> str:
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [f"1 to {MAX_KEY_LENGTH} printable characters."]})
    return key


def _fingerprint(request: Request) -> str:
    what = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(what + request.body).hexdigest()


def _begin(token: ApiToken, *, key: str, fingerprint: str) -> IdempotencyRecord:
    """Insert the record, so that no second request can; or return the one that has an answer."""
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(token=token, key=key, fingerprint=fingerprint)
    except IntegrityError:
        return _known(token, key=key, fingerprint=fingerprint)


def _known(token: ApiToken, *, key: str, fingerprint: str) -> IdempotencyRecord:
    record = IdempotencyRecord.objects.filter(token=token, key=key).first()
    if record is None:
        raise KeyInUse  # it failed, and was removed, between our two looks
    if record.fingerprint != fingerprint:
        raise KeyOfAnotherRequest
    if record.status is None and not _take_over(record):
        raise KeyInUse
    return record


def _take_over(record: IdempotencyRecord) -> bool:
    now = timezone.now()
    if now - record.created_at < ABANDONED:
        return False
    mine = IdempotencyRecord.objects.filter(pk=record.pk, status__isnull=True, created_at=record.created_at)
    record.created_at = now
    return mine.update(created_at=now) == 1


def _carry_out(record: IdempotencyRecord, run: Callable[[], Response]) -> Response:
    mine = IdempotencyRecord.objects.filter(pk=record.pk, created_at=record.created_at, status__isnull=True)
    try:
        with transaction.atomic():
            response = run()
            if response.status_code >= 400:
                raise _Refused(response)
            answer = json.loads(JSONRenderer().render(response.data) or b"null")
            if not mine.update(status=response.status_code, answer=answer):
                raise KeyInUse  # we took so long that another request took over
    except _Refused as refused:
        mine.delete()
        return refused.response
    except BaseException:
        mine.delete()
        raise
    return response


class _Refused(Exception):
    """The view answered with an error: undo what it did."""

    def __init__(self, response: Response) -> None:
        self.response = response
