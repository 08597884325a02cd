"""Signed, expiring addresses of what is no photo: example pictures and PDFs."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from integrations.camera.models import Example, Input
from integrations.core import signing

EXAMPLE, DOCUMENT = "camera.example", "camera.document"


def example_links(example: Example) -> dict[str, str]:
    return {"picture": example_path(example), "thumbnail": example_path(example, small=True)}


def example_path(example: Example, *, small: bool = False) -> str:
    return reverse("camera:example", args=[_signed(f"{example.pk}/{'small' if small else 'full'}", EXAMPLE)])


def document_path(row: Input) -> str | None:
    """Return the address of a PDF; None for an input whose file is gone."""
    return reverse("camera:document", args=[_signed(str(row.pk), DOCUMENT)]) if row.document else None


def read(token: str, *, purpose: str, now: datetime) -> list[str]:
    """Return the parts of what was signed. :raises signing.LinkRefused:"""
    return signing.read_signed(token, purpose=purpose, now=now).split("/")


def _signed(value: str, purpose: str) -> str:
    """The address stays the same within a period, so that a browser keeps the picture."""
    period: Any = settings.PHOTO_LINK_DAYS * 86_400
    expires = (int(timezone.now().timestamp()) // period + 2) * period
    return signing.sign_until(value, purpose=purpose, expires_at=datetime.fromtimestamp(expires, tz=UTC))
