"""The bytes of a photo: from a data URI, or from an address, which is reached by the guarded door alone (4.6)."""

import base64
import binascii
import re

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError

from integrations.core.errors import AnswerTooLarge, FieldportError
from integrations.core.http import OutboundClient

MEGABYTE = 1024 * 1024
MOST_OF_A_PHOTO, MOST_OF_A_PDF = 5 * MEGABYTE, 8 * MEGABYTE
PDF = b"%PDF-"
SECONDS = 15.0
DATA = re.compile(r"data:(?:image/[a-z0-9.+-]{1,40}|application/pdf);base64,", re.IGNORECASE)
NEITHER = (
    "The value of image_input is an address that begins with https:// or http://, or a data URI that begins with "
    "data:image/jpg;base64, or data:application/pdf;base64,"
)


class FileTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "A photo has 5 MB at most, a PDF 8 MB."


def content_of(value: str) -> bytes:
    """Return the bytes that the value is, or names. :raises ParseError: :raises FileTooLarge:"""
    if head := DATA.match(value):
        data = _decoded(value[head.end() :])
    elif value.lower().startswith(("https://", "http://")):
        data = _fetched(value)
    else:
        raise ParseError(NEITHER)
    if len(data) > (MOST_OF_A_PDF if data.startswith(PDF) else MOST_OF_A_PHOTO):
        raise FileTooLarge
    return data


def _decoded(text: str) -> bytes:
    if len(text) > MOST_OF_A_PDF * 4 // 3 + 4:
        raise FileTooLarge
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ParseError("What follows base64, in the value of image_input is not base64.") from None


def _fetched(address: str) -> bytes:
    """The content decides what it is; who is asked sees no credentials of ours."""
    client = OutboundClient(address, max_bytes=MOST_OF_A_PDF, timeout=SECONDS)
    try:
        return client.request("GET", "").content
    except AnswerTooLarge as error:
        raise FileTooLarge from error
    except FieldportError as error:
        raise ParseError(f"The photo could not be fetched. {error}") from error
