"""The one door for uploaded tables. What a file is, its content says: neither its name nor what the browser claims."""

from collections.abc import Mapping
from typing import Literal

from integrations.core.generic import AnyUploadedFile
from integrations.core.tables.comma import rows_of_text, text_of
from integrations.core.tables.headings import Columns, Table, table_of
from integrations.core.tables.limits import Limits, TableRefused, check_size
from integrations.core.tables.package import checked_parts
from integrations.core.tables.workbook import rows_of_workbook

# What UTF-8 and UTF-16 are, a file says itself; the old encoding of Windows a person has to choose.
OLD: Literal["windows-1252"] = "windows-1252"
Encoding = Literal["", "windows-1252"]
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0"
_OTHERS = ((b"%PDF", "a PDF"), (b"{\\rtf", "an RTF"), (b"\x1f\x8b", "a gzip"), (b"\x89PNG", "a picture"))


def read_table(content: bytes, *, columns: Columns, limits: Limits | None = None, encoding: Encoding = "") -> Table:
    """Read a CSV or an XLSX.

    :raises TableRefused: and nothing else, whatever the bytes are
    """
    limits = limits or Limits()
    check_size(content, limits)
    if content.startswith(_ZIP):
        rows = rows_of_workbook(checked_parts(content, limits), limits)
        return table_of(rows, columns=columns, limits=limits, form="XLSX")
    if content.startswith(_OLE):
        raise TableRefused(
            "old_excel", "This is an old .xls file, or one with a password. Save it as .xlsx without a password."
        )
    for start, kind in _OTHERS:
        if content.startswith(start):
            raise TableRefused("not_a_table", f"This is {kind} file. Choose a CSV or an XLSX.")
    text, name = text_of(content, encoding)
    return _read(text, name, columns=columns, limits=limits)


def read_upload(
    file: AnyUploadedFile, *, columns: Columns, by: Mapping[str, str], limits: Limits | None = None
) -> Table:
    """Read the file of a form; `by`: the form's values, whose `encoding` a person chose. :raises TableRefused:"""
    limits = limits or Limits()
    content: bytes = file.read(limits.size + 1)
    chosen: Encoding = OLD if by.get("encoding") == OLD else ""
    return read_table(content, columns=columns, limits=limits, encoding=chosen)


def read_text(text: str, *, columns: Columns, limits: Limits | None = None) -> Table:
    """Read the text of a CSV, as typed or pasted. :raises TableRefused:"""
    limits = limits or Limits()
    check_size(text.encode("utf-8", "replace"), limits)
    return _read(text.removeprefix("\ufeff"), "text", columns=columns, limits=limits)


def _read(text: str, name: str, *, columns: Columns, limits: Limits) -> Table:
    rows, delimiter = rows_of_text(text, columns=columns, limits=limits)
    shown = {"\t": "tab"}.get(delimiter, delimiter)
    return table_of(rows, columns=columns, limits=limits, form=f"CSV, {name}, separated by {shown}")
