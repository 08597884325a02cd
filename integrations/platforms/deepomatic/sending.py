"""A photo in the form in which the vendor takes it (vendor sheet, 4.6)."""

import base64
from collections.abc import Iterator
from io import BytesIO

from integrations.camera.engines import seeing
from integrations.camera.engines.contract import Picture
from integrations.platforms.deepomatic.client import IMAGE, MOST_OF_AN_IMAGE, PDF

QUALITIES, SMALLEST = (92, 85, 75), 1200
JPEG, PDF_TYPE = "image/jpeg", "application/pdf"


def value_of(photo: Picture, *, by_link: bool) -> str:
    """Return the address or the data URI to send; a photo that is too large is made smaller, quality before size.

    :raises EngineFailed: for a picture that cannot be decoded
    """
    if by_link and photo.link:
        return photo.link
    if photo.content_type == PDF_TYPE:
        return _uri(PDF, photo.content)
    smallest = ""
    for content in _ever_smaller(photo):
        smallest = _uri(IMAGE, content)
        if len(smallest) <= MOST_OF_AN_IMAGE:
            break
    return smallest


def _ever_smaller(photo: Picture) -> Iterator[bytes]:
    if photo.content_type == JPEG:
        yield photo.content
    side = max(photo.width, photo.height)
    while side:
        for quality in QUALITIES:
            yield _jpeg(photo.content, side=side, quality=quality)
        side = side * 3 // 4 if side > SMALLEST else 0


def _jpeg(content: bytes, *, side: int, quality: int) -> bytes:
    out = BytesIO()
    seeing.colour(content, side=side).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _uri(kind: str, content: bytes) -> str:
    return kind + base64.b64encode(content).decode()
