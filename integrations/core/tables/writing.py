"""CSV for people: it opens in a spreadsheet as text, whatever somebody typed into a name.

A cell that begins with a sign that spreadsheets take for a formula gets an apostrophe before it (OWASP, CSV injection).
Reading takes that apostrophe off again, so that what was written is read back as it was.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

# The wide forms are taken for the same signs by spreadsheets of some languages.
_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_MARK = "'"
BOM = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine


def neutral(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return _MARK + text if _begins_a_formula(text) else text


def bare(text: str) -> str:
    """Return a cell without the apostrophe that `neutral` put before it."""
    return text[1:] if text.startswith(_MARK) and _begins_a_formula(text) else text


def _begins_a_formula(text: str) -> bool:
    return text.lstrip(_MARK + " ").startswith(_SIGNS)


class _Line:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield a CSV line by line, every text neutralised: comma, quotes where needed, UTF-8's mark at the beginning."""
    writer = csv.writer(_Line())
    yield BOM + writer.writerow([neutral(str(each)) for each in headings])
    for row in rows:
        yield writer.writerow([_cell(each) for each in row])


def _cell(value: Any) -> str:
    """A number keeps its sign; everything else is a text that somebody may have typed."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) else neutral(str(value))


def csv_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return a download called `name`; the rows are read while it is sent."""
    response = StreamingHttpResponse(csv_lines(headings, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
