"""The rows of an XLSX as text: what a person sees where it is text, and one form of dates and numbers everywhere."""

import contextlib
import math
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from integrations.core.tables.cells import check_sheets, name_of
from integrations.core.tables.headings import Numbered
from integrations.core.tables.limits import Limits, TableRefused
from integrations.core.tables.package import Parts, packed

_EXACT = 10**15  # from here on a spreadsheet's numbers have lost digits


def rows_of_workbook(parts: Parts, limits: Limits) -> Iterator[Numbered]:
    """Yield the numbered rows of the one visible sheet. :raises TableRefused:"""
    check_sheets(parts, limits)
    with _panics_refused():
        sheet = _sheet(CalamineWorkbook.from_filelike(packed(parts)))
        rows = sheet.to_python(skip_empty_area=False)
    for number, row in enumerate(rows, start=1):
        yield number, [_text(value, number, column) for column, value in enumerate(row, start=1)]


@contextlib.contextmanager
def _panics_refused() -> Iterator[None]:
    """The library ends what it did not expect with a panic, which is no Exception."""
    try:
        yield
    except TableRefused:
        raise
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise _broken() from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _broken() from None


def _broken() -> TableRefused:
    return TableRefused(
        "broken_sheet", "The workbook cannot be read. Open it in a spreadsheet program and save it anew."
    )


def _sheet(book: CalamineWorkbook) -> CalamineSheet:
    """:raises TableRefused: unless exactly one sheet is meant"""
    shown = [
        each.name
        for each in book.sheets_metadata
        if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
    ]
    if not shown:
        raise TableRefused("no_sheet", "The workbook has no visible sheet.")
    if len(shown) > 1:
        names = ", ".join(f"“{name[:40]}”" for name in shown[:5])
        raise TableRefused(
            "several_sheets", f"The workbook has {len(shown)} visible sheets: {names}. Keep one, or hide the others."
        )
    return book.get_sheet_by_name(shown[0])


def _text(value: Any, row: int, column: int) -> str:
    """Return a cell as text. :raises TableRefused: for a number that is not exact"""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, row, column)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    # A text; a date, which Python writes as ISO 8601; a duration.
    return str(value)


def _number(value: float, row: int, column: int) -> str:
    if abs(value) >= _EXACT or math.isnan(value):
        where = name_of(row, column)
        raise TableRefused(
            "inexact_number", f"The number in {where} is not exact any more: write long numbers as text."
        )
    return str(int(value)) if value == int(value) else repr(float(value))
