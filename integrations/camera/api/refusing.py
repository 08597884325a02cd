"""Errors in the words of the contract: `{"detail": "…"}`, and beside it the fields that are at fault (4.2)."""

from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from integrations.camera.protocol.errors import ArrivalRefused
from integrations.camera.services.guessing import SECONDS
from integrations.camera.services.refusals import NotNow, Refusal
from integrations.core.problems import NO_FIELD, by_field, understood


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer what is anticipated; None lets Django answer for a fault of ours."""
    error = _as_api_exception(understood(error))
    answer = exception_handler(error, context)
    if answer is not None and isinstance(error, ValidationError):
        fields = by_field(answer.data)
        name, (sentence, *_) = next(iter(fields.items()))
        answer.data = {**fields, "detail": sentence if name == NO_FIELD else f"{name}: {sentence}"}
    return answer


def _as_api_exception(error: Exception) -> Exception:
    """What is wrong with a value is 400 here, where the camera's page is told 422."""
    if isinstance(error, ArrivalRefused):
        return ParseError(str(error))
    if not isinstance(error, Refusal):
        return error
    answer = APIException(str(error))
    unprocessable = error.answer == status.HTTP_422_UNPROCESSABLE_ENTITY
    answer.status_code = status.HTTP_400_BAD_REQUEST if unprocessable else error.answer
    if error.answer == status.HTTP_429_TOO_MANY_REQUESTS:
        answer.wait = SECONDS  # type: ignore[attr-defined]  # becomes Retry-After
    if isinstance(error, NotNow):
        answer.wait = error.wait  # type: ignore[attr-defined]
    return answer
