"""Links to photos: signed, so that they cannot be guessed, and expiring."""

from datetime import UTC, datetime
from typing import Literal

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from integrations.core import signing
from integrations.workorders.models import Photo

PURPOSE = "photo"
Size = Literal["full", "small"]


def photo_link(photo: Photo, *, size: Size = "full", now: datetime | None = None) -> str:
    """Return an absolute address of the picture, good for one to two periods of PHOTO_LINK_DAYS.

    Within a period the address stays the same: content that holds it stays equal, so it is not written again.
    """
    return str(settings.PUBLIC_URL) + photo_path(photo, size=size, now=now)


def photo_path(photo: Photo, *, size: Size = "full", now: datetime | None = None) -> str:
    """Return the address without the host, for our own pages."""
    period = settings.PHOTO_LINK_DAYS * 86_400
    expires = (int((now or timezone.now()).timestamp()) // period + 2) * period
    expires_at = datetime.fromtimestamp(expires, tz=UTC)
    return reverse(
        "workorders:photo", args=[signing.sign_until(f"{photo.pk}/{size}", purpose=PURPOSE, expires_at=expires_at)]
    )


def read_token(token: str, *, now: datetime) -> tuple[int, bool]:
    """Return the photo's id and whether the small picture is meant. :raises signing.LinkRefused:"""
    pk, _, size = signing.read_signed(token, purpose=PURPOSE, now=now).partition("/")
    return int(pk), size == "small"
