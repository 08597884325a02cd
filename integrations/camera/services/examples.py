"""Example pictures: their files are kept before the transaction that makes the rows which name them."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from integrations.camera import disk
from integrations.camera.models import Example
from integrations.core import files, images
from integrations.core.generic import AnyUploadedFile

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
