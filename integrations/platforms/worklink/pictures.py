"""Photos in a document. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.platforms.worklink.mapping import inner, text_of

LONGEST_LINK = 8_000


@dataclass(frozen=True)
class Picture:
    """One photo: its link is good for a short time only."""

    id: str
    url: str
    label: str
    taken_at: datetime | None


def images_among(files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [file for file in files if is_image(file)]


def is_image(file: Mapping[str, Any]) -> bool:
    """Go by the content type; where there is none, by the kind of attachment."""
    if content_type := text_of(file.get("fileContentType")):
        return content_type.startswith("image/")
    return text_of(file.get("type")).lower() in ("", "photo", "image", "screenshot")


def link_of(file: Any) -> str:
    link = inner(file, "fileUrl") or inner(file, "fileURL")
    return link if isinstance(link, str) and len(link) <= LONGEST_LINK else ""
