"""The documentation that answers question 1 as a file: looked into when it is sent, kept, and only ever downloaded."""

import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import PurePath

from django.utils.translation import gettext as _

from integrations.core import files
from integrations.core.errors import PermanentError
from integrations.core.ids import random_token
from integrations.core.strays import sweep as sweep_folder
from integrations.core.work import Claim
from integrations.readiness.models import Questionnaire

FOLDER = "readiness"
MOST_BYTES = 10 * 1024 * 1024
MOST_PARTS = 5_000
_UNSAFE = re.compile(r"[^\w.() -]+")


class DocumentRefused(PermanentError):
    """The file is not kept; the message names the rule."""


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(sign < " " and sign not in "\t\r\n\f" for sign in text)


def _is_office(content: bytes) -> bool:
    """Whether it is an Office document without macros. Nothing is unpacked: its table of contents says it."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = [each.filename.lower() for each in archive.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
    has_macros = any(name.endswith((".bin", ".exe", ".js", ".vbs")) and "printersettings" not in name for name in names)
    return "[content_types].xml" in names and len(names) <= MOST_PARTS and not has_macros


_KINDS: dict[str, Callable[[bytes], bool]] = {
    ".pdf": lambda content: content.startswith(b"%PDF-"),
    ".png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    ".jpg": lambda content: content.startswith(b"\xff\xd8\xff"),
    ".jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
    ".docx": _is_office,
    ".xlsx": _is_office,
    ".txt": _is_text,
    ".md": _is_text,
}
ACCEPTED = ",".join(_KINDS)


def checked(name: str, content: bytes) -> str:
    """Return the name that a file is kept under. :raises DocumentRefused: naming the rule"""
    if len(content) > MOST_BYTES:
        raise DocumentRefused(_("The file is larger than 10 MB; attach a link to it instead."))
    if not content:
        raise DocumentRefused(_("The file is empty."))
    kind = PurePath(name).suffix.lower()
    if kind not in _KINDS:
        known = ", ".join(each[1:].upper() for each in _KINDS)
        raise DocumentRefused(_("{kind} is not taken; send one of: {known}.").format(kind=kind or name, known=known))
    if not _KINDS[kind](content):
        words = _("The file says that it is {kind}, and its content is not (or has macros). Nothing was kept.")
        raise DocumentRefused(words.format(kind=kind[1:].upper()))
    stem = _UNSAFE.sub("_", PurePath(name.replace("\\", "/")).stem).strip(" .") or "document"
    return f"{stem[:100]}{kind}"


def attach(questionnaire: Questionnaire, *, name: str, content: bytes, now: datetime) -> None:
    """Keep a file as the documentation; it takes the place of the one before. Not in a transaction.

    :raises DocumentRefused: :raises StorageFailed:
    """
    called, before = checked(name, content), questionnaire.file
    folder = f"{FOLDER}/{now.astimezone(UTC).date()}"
    questionnaire.file = files.save(f"{folder}/{random_token(12)}", content)
    questionnaire.file_name, questionnaire.file_size, questionnaire.file_at = called, len(content), now
    questionnaire.save(update_fields=["file", "file_name", "file_size", "file_at"])
    files.discard([before] if before else [])


def remove(questionnaire: Questionnaire) -> None:
    """Take the documentation away. Not in a transaction."""
    before = questionnaire.file
    questionnaire.file, questionnaire.file_name, questionnaire.file_size, questionnaire.file_at = "", "", 0, None
    questionnaire.save(update_fields=["file", "file_name", "file_size", "file_at"])
    files.discard([before] if before else [])


def sweep(claim: Claim) -> str:
    """Delete the files of past days that no questionnaire names; return how many."""
    gone = sweep_folder(FOLDER, _named, claim=claim)
    return f"{gone} files deleted." if gone else "There was none."


def _named(day: date, _names: list[str]) -> set[str]:
    start = datetime.combine(day, time.min, tzinfo=UTC)
    rows = Questionnaire.objects.filter(file_at__gte=start, file_at__lt=start + timedelta(days=1))
    return set(rows.values_list("file", flat=True))
