"""The cells of a workbook's sheets, looked over before they are read: formulas, merged cells, cells far outside.

A formula's value is what some program once computed, or what somebody typed instead: it is neither evaluated nor
trusted.
A cell at the far end of a sheet would make any reader lay out everything between.
"""

import re
from collections.abc import Callable
from xml.parsers import expat

from integrations.core.tables.limits import Limits, TableRefused
from integrations.core.tables.package import Parts

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_SHEETS = "xl/worksheets/"
Start = Callable[[str, dict[str, str]], None]


def check_sheets(parts: Parts, limits: Limits) -> None:
    """Look over every part: what is a sheet, its relations decide. :raises TableRefused:"""
    for name, part in parts.items():
        _parse(name, part, _Watch(name, limits).start)


def name_of(row: int, column: int) -> str:
    """Return what a spreadsheet calls a cell; both are counted from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def column_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _Watch:
    """Follows the elements of one part. A cell without its name stands after the one before it."""

    def __init__(self, part: str, limits: Limits) -> None:
        self.part, self.limits = part.removeprefix(_SHEETS), limits
        self.row = self.column = 0
        self.cells = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self._row(attributes.get("r", ""))
        elif local == "c":
            self._cell(attributes)
        elif local in ("v", "is"):
            self._content()
        elif local == "f" and self.column:
            raise TableRefused(
                "formula",
                f"The cell {name_of(self.row, self.column)} ({self.part}) is a formula. "
                "Paste its value instead: formulas are not computed here.",
            )
        elif local == "mergeCell":
            shown = _shown(attributes.get("ref", ""))
            raise TableRefused("merged_cells", f"The cells {shown} ({self.part}) are merged. Unmerge them.")

    def _row(self, given: str) -> None:
        self.row = int(given) if given.isdecimal() and len(given) < 9 else self.row + 1
        self.column = 0

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "")
        if not reference:
            self.column += 1
        elif found := _REFERENCE.match(reference):
            self.column, self.row = column_of(found[1]), int(found[2])
        else:
            raise TableRefused("broken_sheet", f"“{_shown(reference)}” ({self.part}) is no name of a cell.")
        if attributes.get("t") == "e":
            raise TableRefused(
                "error_cell", f"The cell {name_of(self.row, self.column)} ({self.part}) holds an error. Correct it."
            )

    def _content(self) -> None:
        """The heading, and every row below it, may be preceded by empty ones; not by many."""
        self.cells += 1
        most = self.limits.rows + 100
        if self.column > self.limits.columns or self.row > most or self.cells > most * self.limits.columns:
            where = name_of(self.row, max(self.column, 1))
            raise TableRefused(
                "too_far",
                f"The cell {where} ({self.part}) is outside of {self.limits.columns} columns and {self.limits.rows:,} "
                "rows. Move the table to the top left, or split it.",
            )


def _shown(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9:$]", "?", text)[:30]


def _parse(name: str, part: bytes, start: Start) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise TableRefused("broken_sheet", f"{name} is not XML: {expat.ErrorString(error.code)}.") from None
    except (ValueError, LookupError) as error:
        if isinstance(error, TableRefused):
            raise
        raise TableRefused("broken_sheet", f"{name} is not XML: its encoding is not known.") from None


def _refuse_doctype(*_: object) -> None:
    raise TableRefused("xml_bomb", "A part declares a document type, which no spreadsheet program writes.")
