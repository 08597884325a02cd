"""Links of pictures: signed for one picture of one workspace, and expiring."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from integrations.core.signing import LinkRefused, read_signed, sign_until
from integrations.events.models import Event, Picture

PURPOSE = "event-picture"
# A webhook may come a day after its event: there its links still have a day.
LAST = timedelta(hours=24)


def picture_key(image_id: str, event: Event) -> str:
    """Return what opens a picture of an event for one to two days, also of one that is read long after it came."""
    return _key(event.workspace_id, image_id, since=event.created_at)


def picture_path(row: Picture) -> str:
    """Return the address without the host, for our own pages."""
    key = _key(row.workspace_id, str(row.image_id), since=row.created_at)
    return f"{reverse('events:picture', args=[row.image_id])}?{urlencode({'key': key})}"


def workspace_of(key: str, image_id: UUID, *, now: datetime) -> int:
    """Return the workspace whose picture a key opens. :raises LinkRefused: :raises LinkExpired:"""
    workspace_id, _, signed_for = read_signed(key, purpose=PURPOSE, now=now).partition("/")
    if signed_for != str(image_id):
        raise LinkRefused("This link is one of another picture.")
    return int(workspace_id)


def _key(workspace_id: int, image_id: str, *, since: datetime) -> str:
    """It ends whole days after `since`: within a day it is the same for everyone."""
    days = (timezone.now() - since) // LAST
    return sign_until(f"{workspace_id}/{image_id}", purpose=PURPOSE, expires_at=since + (days + 2) * LAST)
