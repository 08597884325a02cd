"""Example pictures: their files are kept before the transaction that makes the rows which name them."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.camera import disk
from integrations.camera.models import CatalogueVersion, Example, TaskGroup
from integrations.core import files, images
from integrations.core.errors import FieldportError
from integrations.core.generic import AnyUploadedFile

MOST_OF_A_GROUP = 12
MOST_SECONDS = 30.0
"""After so long no further picture is asked for: somebody waits for the page."""
UPLOAD = re.compile(r"examples-\d+-upload")


class NotKept(Exception):
    """The picture is good and cannot be kept at the moment; the message says why, and what to do."""


@dataclass(frozen=True)
class KeptExample:
    """The files of a picture, which no row names yet."""

    file: str
    thumbnail: str
    sha256: str


def keep(image: images.CleanImage) -> KeptExample:
    """Store a picture with its thumbnail, never in a transaction; what comes to no row is swept. :raises NotKept:"""
    if problem := disk.problem() or files.problem():
        raise NotKept(problem)
    name = f"{Example.FOLDER}/{uuid4().hex}"
    names = (f"{name}.{image.extension}", f"{name}-small.{image.extension}")
    try:
        file, thumbnail = files.save_all(dict(zip(names, (image.content, image.thumbnail), strict=True)))
    except files.StorageFull as error:
        raise NotKept(_("There is no room left for pictures. Make room, and try again.")) from error
    except files.StorageFailed as error:
        raise NotKept(_("The storage of photos does not answer: the picture was not kept. Try again.")) from error
    return KeptExample(file, thumbnail, hashlib.sha256(image.content).hexdigest())


class SentExample(AnyUploadedFile):
    """A picture that came with a form: `kept`, or `refused` with a sentence that the form shows."""

    kept: KeptExample | None = None
    refused = ""

    def __init__(self, sent: AnyUploadedFile) -> None:
        super().__init__(sent.file, sent.name, sent.content_type, sent.size)
        try:
            self.kept = keep(images.clean(sent.read(images.MAX_BYTES + 1)))
        except (images.ImageRefused, NotKept) as error:
            self.refused = str(error)


def keep_sent(sent: Any) -> None:
    """Keep the example pictures among the files of a request, and put what became of them in their place."""
    for name in filter(UPLOAD.fullmatch, list(sent)):
        sent[name] = SentExample(sent[name])


@dataclass
class Fetched:
    """How many pictures were added, and a sentence for each that was not."""

    added: int = 0
    problems: list[str] = field(default_factory=list)


def fetch_missing(
    version: CatalogueVersion,
    addresses: Mapping[str, Sequence[str]],
    *,
    fetch: Callable[[str], bytes],
    seconds: float = MOST_SECONDS,
) -> Fetched:
    """Add the pictures at these addresses, by task group's name, to the task groups of a draft.

    Each is kept once, however often this is done; one that cannot be had does not keep the others out.
    """
    ends, done = time.monotonic() + seconds, Fetched()
    for group, number, address in _wanted(version, addresses):
        named = _("{group}, example picture {number}:").format(group=group.name, number=number)
        if number > MOST_OF_A_GROUP:
            most = _("left out: a task group takes over {most} at most.").format(most=MOST_OF_A_GROUP)
            done.problems.append(f"{named} {most}")
        elif time.monotonic() > ends:
            done.problems.append(f"{named} " + _("not asked for, since the others took so long. Fetch them again."))
        else:
            try:
                done.added += _fetched(group, images.clean(fetch(address)), position=number)
            except (FieldportError, NotKept) as error:
                done.problems.append(f"{named} {error}")
    return done


def _wanted(version: CatalogueVersion, addresses: Mapping[str, Sequence[str]]) -> Iterator[tuple[TaskGroup, int, str]]:
    for group in version.groups.all():
        for number, address in enumerate(addresses.get(group.name, ()), start=1):
            yield group, number, address


def _fetched(group: TaskGroup, image: images.CleanImage, *, position: int) -> bool:
    """Add a picture unless the task group has it. Its files come first: without their row they are swept."""
    digest = hashlib.sha256(image.content).hexdigest()
    if group.examples.filter(sha256=digest).exists():
        return False
    kept = keep(image)
    with transaction.atomic():
        is_draft = CatalogueVersion.objects.select_for_update().filter(pk=group.version_id, published_at__isnull=True)
        if not is_draft.exists() or group.examples.filter(sha256=digest).exists():
            return False
        Example.objects.create(group=group, position=position, **asdict(kept))
    return True
