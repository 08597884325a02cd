"""The parts of a workbook, unpacked under limits and checked, before any library sees them.

A workbook is a ZIP of XML. Sizes are counted while unpacking, since what a ZIP declares may be a lie. No part may
declare a document type, so no entity can grow. What is handed on is made anew from what was checked here: two readers
that understand a broken archive differently cannot be played off against each other.
"""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath

from integrations.core.tables.limits import Limits, TableRefused

Parts = dict[str, bytes]
_WORKBOOK = "xl/workbook.xml"
_XML = (".xml", ".rels")
_SMALL = 256 * 1024  # below it no ratio is suspicious
_CHUNK = 64 * 1024
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, KeyError)


def checked_parts(content: bytes, limits: Limits) -> Parts:
    """Return the XML parts of an XLSX by name. :raises TableRefused:"""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_listing(entries, limits)
            parts = dict(_unpacked(archive, entries, limits))
    except TableRefused:
        raise
    except _BROKEN as error:
        raise TableRefused("broken_archive", f"The file cannot be unpacked: {type(error).__name__}.") from None
    for name, part in parts.items():
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part or part[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise TableRefused("xml_bomb", f"{name} declares a document type, which no spreadsheet program writes.")
    return parts


def _check_listing(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > limits.entries:
        raise TableRefused("zip_bomb", f"The workbook has {len(names):,} parts; at most {limits.entries} are unpacked.")
    if len(set(names)) != len(names):
        raise TableRefused("broken_archive", "The workbook has two parts of one name.")
    if sum(entry.file_size for entry in entries) > limits.unpacked:
        raise _too_much(limits)
    if any(entry.flag_bits & 1 for entry in entries):
        raise TableRefused("encrypted", "The file is encrypted. Save it without a password.")
    if any(PurePosixPath(name).name.lower() == "vbaproject.bin" for name in names):
        raise TableRefused("macros", "The workbook has macros. Save it as .xlsx, which has none.")
    if _WORKBOOK not in names or "[Content_Types].xml" not in names:
        raise TableRefused("not_xlsx", "The archive is no XLSX. Choose a CSV or an XLSX.")


def _unpacked(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: Limits) -> Iterator[tuple[str, bytes]]:
    left = limits.unpacked
    for entry in entries:
        if entry.filename.lower().endswith(_XML):
            part = _part(archive, entry, limits, left=left)
            left -= len(part)
            yield entry.filename, part


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits, *, left: int) -> bytes:
    """Unpack one part, counting what really comes. :raises TableRefused:"""
    made = bytearray()
    with archive.open(entry) as packed:
        while chunk := packed.read(_CHUNK):
            made += chunk
            if len(made) > left:
                raise _too_much(limits)
            if len(made) > max(_SMALL, entry.compress_size * limits.ratio):
                raise TableRefused(
                    "zip_bomb", f"{entry.filename} unpacks to more than {limits.ratio} times its size: a ZIP bomb."
                )
    return bytes(made)


def _too_much(limits: Limits) -> TableRefused:
    return TableRefused("zip_bomb", f"The workbook unpacks to more than {limits.unpacked:,} bytes. Split it.")


def packed(parts: Parts) -> BytesIO:
    """Return an archive of just these parts."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    made.seek(0)
    return made
