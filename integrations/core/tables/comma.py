"""CSV: its encoding by its first bytes, its delimiter by its heading. Pure."""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from integrations.core.tables.headings import Columns, Numbered, plain
from integrations.core.tables.limits import Limits, TableRefused

DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((BOM_UTF8, "utf-8-sig", "UTF-8"), (BOM_UTF16_LE, "utf-16", "UTF-16"), (BOM_UTF16_BE, "utf-16", "UTF-16"))
_SAID = "sep="  # what Excel writes into the first line to tell the delimiter


def text_of(content: bytes, encoding: str) -> tuple[str, str]:
    """Return the text and the name of its encoding. :raises TableRefused:"""
    codec, name = next(((codec, name) for mark, codec, name in _MARKS if content.startswith(mark)), ("utf-8", "UTF-8"))
    if encoding and codec == "utf-8":
        codec, name = "windows-1252", "Windows-1252"
    try:
        text = content.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise TableRefused("bad_encoding", _not_encoded(name, error.start)) from None
    if "\x00" in text:
        raise TableRefused(
            "nul_bytes", "The file has NUL bytes: it is no text, or UTF-16 without its mark. Save it as CSV UTF-8."
        )
    return text, name


def _not_encoded(name: str, position: int) -> str:
    if name == "UTF-8":
        return (
            f"The text is not UTF-8 (byte {position + 1}). Save it as “CSV UTF-8”, or choose Windows-1252 if an older "
            "program made it."
        )
    return f"The text is not {name} (byte {position + 1}). Save it as “CSV UTF-8”."


def rows_of_text(text: str, *, columns: Columns, limits: Limits) -> tuple[Iterator[Numbered], str]:
    """Return the numbered rows and the delimiter. The rows raise TableRefused where they cannot be read."""
    first, _, rest = text.partition("\n")
    said = first.strip().strip('"')
    if said.lower().startswith(_SAID) and said[len(_SAID) :] in DELIMITERS:
        return _rows(rest, said[len(_SAID) :], limits, before=1), said[len(_SAID) :]
    delimiter = max(DELIMITERS, key=lambda each: _fit(text, each, columns, limits))
    return _rows(text, delimiter, limits), delimiter


def _fit(text: str, delimiter: str, columns: Columns, limits: Limits) -> tuple[int, int]:
    """Say how well the first row fits: how many known headings it has, how many cells; the first of equals wins."""
    try:
        _, heading = next(_rows(text, delimiter, limits), (0, ()))
    except TableRefused:
        return 0, 0
    known = {plain(name) for name in columns.known}
    return sum(plain(each) in known for each in heading), len(heading)


def _rows(text: str, delimiter: str, limits: Limits, *, before: int = 0) -> Iterator[Numbered]:
    """Yield each row with the number of its first line, counted from `before`. :raises TableRefused:"""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1 + before
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise TableRefused("bad_csv", f"Line {number} is not CSV: {error}.") from None
        if row is None:
            return
        if len(row) > limits.columns and any(each.strip() for each in islice(row, limits.columns, None)):
            raise TableRefused(
                "too_many_columns", f"Line {number} has {len(row)} cells; at most {limits.columns} are read."
            )
        yield number, row
