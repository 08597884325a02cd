"""From rows of cells to a table with headings: which columns there are, what each row says, what is wrong with it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from integrations.core.tables.limits import Limits, TableRefused
from integrations.core.tables.writing import bare

Numbered = tuple[int, Sequence[str]]
# What no text of a table has a use for, and NUL, which PostgreSQL refuses. Tab and line ends are text.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Columns:
    """What headings may be: `known`, in the order that is offered to people, and those of them that are `needed`."""

    known: tuple[str, ...]
    needed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet counts, the cells of every known column, and what is wrong with it."""

    number: int
    cells: Mapping[str, str]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table as read. `form`: what kind of file it was, in words; `headings`: the columns that it has."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    form: str


def plain(heading: str) -> str:
    """Return a heading as it is compared: “Call ID” and “call_id” are the same."""
    return re.sub(r"[\W_]+", "_", heading.strip().lower()).strip("_")


def table_of(rows: Iterable[Numbered], *, columns: Columns, limits: Limits, form: str) -> Table:
    """Take the first row for headings and the others for content; empty rows do not count. :raises TableRefused:"""
    filled = ((number, cells) for number, cells in rows if any(cell.strip() for cell in cells))
    first = next(filled, None)
    if first is None:
        raise TableRefused("empty", "The file has no rows.")
    headings = _headings(first[1], columns, limits)
    read = tuple(islice(_rows(filled, headings, columns=columns, limits=limits), limits.rows + 1))
    if len(read) > limits.rows:
        raise TableRefused("too_many_rows", f"The file has more than {limits.rows:,} rows below its heading. Split it.")
    return Table(headings, read, form)


def _headings(cells: Sequence[str], columns: Columns, limits: Limits) -> tuple[str, ...]:
    """:raises TableRefused: naming every heading that is unknown, there twice, or missing"""
    given = list(cells)
    while given and not given[-1].strip():
        given.pop()
    if len(given) > limits.columns:
        raise TableRefused("too_many_columns", f"The file has {len(given)} columns; at most {limits.columns} are read.")
    names = {plain(name): name for name in columns.known}
    unknown = [each for each in given if plain(each) not in names]
    if unknown:
        told = "; ".join(_unknown(each, columns) for each in unknown[:5])
        raise TableRefused("unknown_heading", f"{told}. Known are: {', '.join(columns.known)}.")
    found = tuple(names[plain(each)] for each in given)
    if twice := [name for name in columns.known if found.count(name) > 1]:
        raise TableRefused("duplicate_heading", f"There twice: {', '.join(twice)}. Keep one column of each.")
    if missing := [name for name in columns.needed if name not in found]:
        raise TableRefused("missing_heading", f"Missing in the first row: {', '.join(missing)}.")
    return found


def _unknown(heading: str, columns: Columns) -> str:
    shown = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", heading.strip())[:60]
    close = get_close_matches(plain(heading), columns.known, n=1, cutoff=0.6)
    said = f"The heading “{shown}” is not known" if shown else "A column has no heading"
    return f"{said}; did you mean “{close[0]}”?" if close else said


def _rows(rows: Iterable[Numbered], headings: Sequence[str], *, columns: Columns, limits: Limits) -> Iterator[Row]:
    for number, cells in rows:
        texts = [bare(cell.strip()) for cell in cells]
        faults = list(_faults(texts, headings, limits))
        kept = [text if len(text) <= limits.cell else "" for text in texts]
        values = dict.fromkeys(columns.known, "") | dict(zip(headings, kept, strict=False))
        yield Row(number, {name: _CONTROL.sub("", value) for name, value in values.items()}, tuple(faults))


def _faults(texts: Sequence[str], headings: Sequence[str], limits: Limits) -> Iterator[str]:
    if any(texts[len(headings) :]):
        yield "It has more cells than the heading."
    for heading, text in zip(headings, texts, strict=False):
        if len(text) > limits.cell:
            yield f"{heading} has {len(text):,} characters; at most {limits.cell:,} are read."
        elif _CONTROL.search(text):
            yield f"{heading} has a control character."
