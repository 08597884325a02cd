"""CSV whose cells no spreadsheet takes for formulas."""

import csv
from collections.abc import Iterable, Iterator

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> object:
    """Return a value for a cell; a text that a spreadsheet would run gets an apostrophe before it (OWASP)."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return f"'{value}" if value.lstrip().startswith(FORMULA) or value.startswith(FORMULA) else value


class _Echo:
    def write(self, text: str) -> str:
        return text


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a CSV file, one by one, after a mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"
    for row in rows:
        yield writer.writerow([cell(each) for each in row])
