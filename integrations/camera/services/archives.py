"""A ZIP file of photos (vendor sheet, 4.9), looked through before anything of it is taken.

One folder for each order; in it `metadata.json`, if there is any, and photos named `{task_group_name}[-N].jpg`.
"""

import re
import struct
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from integrations.core import images
from integrations.core.errors import PermanentError

MOST_ENTRIES, MOST_FOLDERS, MOST_PROBLEMS = 10_000, 1_000, 20
MOST_OF_A_DIRECTORY = 4 * 1024 * 1024
METADATA, MOST_OF_METADATA = "metadata.json", 64 * 1024
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Photos are compressed already: what grows more than this is meant to fill the disk.
MOST_GROWTH, ALWAYS_ALLOWED = 4, 100 * 1024 * 1024
NUMBERED = re.compile(r"(?P<group>.+)-(?P<number>\d{1,6})")
PHOTO = re.compile(r"(?P<name>.+)\.(?:jpe?g|png|webp|pdf)", re.IGNORECASE)
IGNORED_FOLDERS, IGNORED_FILES = ("__MACOSX",), (".DS_Store", "Thumbs.db", "desktop.ini")
END, LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError)


class ArchiveRefused(PermanentError):
    """Nothing of the file is taken; `problems` name what is wrong with it."""

    def __init__(self, *problems: str) -> None:
        super().__init__(problems[0])
        self.problems = list(problems[:MOST_PROBLEMS])


@dataclass(frozen=True)
class Entry:
    """One photo. `number`: None for one without; those come last."""

    folder: str
    group: str
    number: int | None
    file: str


@dataclass(frozen=True)
class Folder:
    name: str
    metadata: str
    entries: tuple[Entry, ...]


def read(path: Path, *, groups: Collection[str], name: "re.Pattern[str]") -> list[Folder]:
    """Return what is in the file, in the order in which it is taken. `name`: what a folder may be called.

    :raises ArchiveRefused: naming what is wrong, twenty things at most
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not _is_ignored(info)]
    except DAMAGED as error:
        raise ArchiveRefused(f"This is not a ZIP file that can be read ({type(error).__name__}).") from error
    if problems := list(_problems(infos, size=path.stat().st_size, groups=groups, name=name)):
        raise ArchiveRefused(*problems)
    return _folders(infos, groups)


def content(archive: zipfile.ZipFile, file: str, *, most: int = images.MAX_BYTES) -> bytes:
    """Return the bytes of an entry. :raises ArchiveRefused: also if it is larger than it said"""
    try:
        with archive.open(file) as opened:
            data = opened.read(most + 1)
    except DAMAGED as error:
        raise ArchiveRefused(f"{file}: it is damaged ({type(error).__name__}).") from error
    if len(data) > most:
        raise ArchiveRefused(f"{file}: it has more than {most} bytes.")
    return data


def _check_directory(path: Path) -> None:
    """Look at the end of the file first: Python's reader takes a directory of any length into memory."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = len(tail) - 22 if tail[-22:-18] == END and tail[-2:] == b"\0\0" else tail.rfind(END)
    if at < 0 or len(tail) < at + 22:
        raise ArchiveRefused("This is not a ZIP file, or its end is missing.")
    entries, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    too_long = entries > MOST_ENTRIES or length > MOST_OF_A_DIRECTORY
    if too_long or tail[max(0, at - 20) : max(0, at - 16)] == LOCATOR:
        raise ArchiveRefused(f"A ZIP file has at most {MOST_ENTRIES} entries here, and is not ZIP64. Send several.")


def _is_ignored(info: zipfile.ZipInfo) -> bool:
    """What file managers leave behind."""
    first, *_, last = info.filename.split("/") if "/" in info.filename else (info.filename, info.filename)
    return first in IGNORED_FOLDERS or last in IGNORED_FILES


def _problems(
    infos: Sequence[zipfile.ZipInfo], *, size: int, groups: Collection[str], name: "re.Pattern[str]"
) -> Iterator[str]:
    if not any(not info.is_dir() for info in infos):
        yield "There is no photo in the ZIP file."
    if len({info.filename for info in infos}) < len(infos):
        yield "The ZIP file has two entries of the same name."
    whole = sum(info.file_size for info in infos)
    if whole > MOST_GROWTH * size + ALWAYS_ALLOWED or sum(info.compress_size for info in infos) > size:
        yield "The ZIP file grows when it is unpacked as photos do not."
    if len({info.filename.partition("/")[0] for info in infos}) > MOST_FOLDERS:
        yield f"The ZIP file has more than {MOST_FOLDERS} folders. Send several."
    for info in infos:
        if problem := _problem(info, groups=groups, name=name):
            yield f"{info.filename[:150]!r}: {problem}"


def _problem(info: zipfile.ZipInfo, *, groups: Collection[str], name: "re.Pattern[str]") -> str:
    said = info.orig_filename
    parts = said.removesuffix("/").split("/")
    if "\x00" in said or "\\" in said or any(part in ("", ".", "..") for part in parts):
        return "this path could leave its folder."
    if (info.external_attr >> 16) & 0o170000 == 0o120000 or info.flag_bits & 1 or info.compress_type not in METHODS:
        return "links, encrypted entries and other methods than deflate are not read."
    if not name.fullmatch(parts[0]):
        return "its folder cannot be the name of a work order in this site."
    if len(parts) != (1 if info.is_dir() else 2):
        return "each photo is in the folder of its work order, and there are no folders within."
    return "" if info.is_dir() else _file_problem(info, *parts, groups=groups)


def _file_problem(info: zipfile.ZipInfo, folder: str, file: str, *, groups: Collection[str]) -> str:
    most = MOST_OF_METADATA if file == METADATA else images.MAX_BYTES
    if info.file_size > most:
        return f"it has more than {most} bytes."
    if file == METADATA or _entry(folder, file, groups):
        return ""
    return "no task group of this site is called so; names are exact."


def _entry(folder: str, file: str, groups: Collection[str]) -> Entry | None:
    if not (photo := PHOTO.fullmatch(file)):
        return None
    whole, path = photo["name"], f"{folder}/{file}"
    if whole in groups:
        return Entry(folder, whole, None, path)
    numbered = NUMBERED.fullmatch(whole)
    if numbered and numbered["group"] in groups:
        return Entry(folder, numbered["group"], int(numbered["number"]), path)
    return None


def _folders(infos: Sequence[zipfile.ZipInfo], groups: Collection[str]) -> list[Folder]:
    """Numbered photos first, in their order (4.9)."""
    found: dict[str, list[Entry]] = {}
    metadata: dict[str, str] = {}
    for info in infos:
        folder, _, file = info.filename.partition("/")
        entries = found.setdefault(folder, [])
        if file == METADATA:
            metadata[folder] = info.filename
        elif file and (entry := _entry(folder, file, groups)):
            entries.append(entry)
    for entries in found.values():
        entries.sort(key=lambda each: (each.number is None, each.number or 0, each.file))
    return [Folder(name, metadata.get(name, ""), tuple(entries)) for name, entries in found.items()]
