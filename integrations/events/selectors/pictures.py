"""Pictures, and who may see them (sheet, 9.1: 24): with a signed link, with a token of the workspace, or anybody."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from integrations.core.signing import LinkRefused
from integrations.events import access, links
from integrations.events.models import Event, EventPolicy, Picture
from integrations.events.omni_wire import images_of


def opened(image_id: UUID, *, key: str, headers: Mapping[str, str], now: datetime) -> Picture | None:
    """Return the picture of this id in the workspace that the key or token is of, or else in one with open pictures.

    None if there is none there, which tells nothing of others.
    :raises NotAllowed: if there is no open one and neither key nor token is good :raises LinkExpired:
    """
    workspace_id, refusal = None, None
    try:
        workspace_id = _workspace_of(image_id, key=key, headers=headers, now=now)
    except (access.NotAllowed, LinkRefused) as error:
        refusal = error
    is_open = Q(workspace__in=EventPolicy.objects.filter(open_images=True).values("workspace"))
    rows = Picture.objects.filter(is_open | Q(workspace=workspace_id), image_id=image_id).order_by("pk")
    found = sorted(rows, key=lambda row: (row.workspace_id != workspace_id, not row.file))
    if refusal and not found:
        raise refusal
    return found[0] if found else None


def _workspace_of(image_id: UUID, *, key: str, headers: Mapping[str, str], now: datetime) -> int | None:
    try:
        if key:
            return links.workspace_of(key, image_id, now=now)
    except LinkRefused:  # an old link, in the hands of someone who has a token, too
        if not access.presented(headers):
            raise
    return access.allowed(headers, access.READ, now=now).workspace_id


def pictures_of(event: Event) -> dict[str, Picture | None]:
    """Return the pictures that a recognition event has links of, by id; None for one that was never to be fetched."""
    named = images_of(event.payload)
    rows = Picture.objects.filter(workspace_id=event.workspace_id, image_id__in=named)
    found = {str(row.image_id): row for row in rows}
    return {image: found.get(image) for image in named}
