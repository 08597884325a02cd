"""Links to photos: signed, so that they cannot be guessed, and expiring."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from integrations.workorders.models import Photo

SALT = "workorders.photo"
Size = Literal["full", "small"]


class LinkExpired(Exception):
    """The link was good once; a new one is on the work order's page."""


def photo_link(photo: Photo, *, size: Size = "full", now: datetime | None = None) -> str:
    """Return an absolute address of the picture, good for one to two periods of PHOTO_LINK_DAYS.

    Within a period the address stays the same: content that holds it stays equal, so it is not written again.
    """
    return settings.PUBLIC_URL + photo_path(photo, size=size, now=now)


def photo_path(photo: Photo, *, size: Size = "full", now: datetime | None = None) -> str:
    """Return the address without the host, for our own pages."""
    period = settings.PHOTO_LINK_DAYS * 86_400
    expires = (int((now or timezone.now()).timestamp()) // period + 2) * period
    token = signing.Signer(salt=SALT).sign_object([photo.pk, size, expires])
    return reverse("workorders:photo", args=[token])


def read_token(token: str, *, now: datetime) -> tuple[int, Size]:
    """Return the photo's id and the size from a link's token.

    :raises LinkExpired:
    :raises signing.BadSignature: if it is not one of ours
    """
    pk, size, expires = signing.Signer(salt=SALT).unsign_object(token)
    if expires <= now.timestamp():
        raise LinkExpired
    return pk, size
