"""Excel: a formula for a table of many orders, in both ways of separating arguments. Pure."""

import re

from integrations.platforms.worklink.links.snippets.assembly import Assembly, Language, terms
from integrations.platforms.worklink.links.snippets.kinds import Names, Snippet, System

LONGEST_TEXT = 255  # characters between the quotes of a formula
LONGEST_FORMULA = 8192
FIRST_ROW = 2
# Spreadsheets differ in what ENCODEURL leaves as it is. Set right, one after the other; what is right stays.
SET_RIGHT = (
    ("%2D", "-"),
    ("%2E", "."),
    ("%5F", "_"),
    ("%7E", "~"),
    ("!", "%21"),
    ("'", "%27"),
    ("(", "%28"),
    (")", "%29"),
    ("*", "%2A"),
    ("+", "%20"),
)


SEPARATORS = {",": ("excel-comma", "Formula with commas"), ";": ("excel-semicolon", "Formula with semicolons")}
NOTES = (
    "ENCODEURL is in Excel for Windows since 2013. Format the columns as text, or leading zeros of keys are lost.",
    "Excel's own HYPERLINK takes 255 characters at most, so the cell holds the link as text.",
    "Made for bulk: for labels with codes, print the sheet from the list of work orders instead.",
)


def write(assembly: Assembly, names: Names) -> list[Snippet]:
    columns = ", ".join(f"{name} the {field}" for field, name in names.items())
    where = f"Paste it into row {FIRST_ROW} and fill down. The orders' values stand in columns: {columns}."
    found = []
    for separator, (slug, title) in SEPARATORS.items():
        text = _formula(assembly, names, separator)
        said = f"The formula would have {len(text)} characters; Excel takes {LONGEST_FORMULA}. Use fewer fields."
        fits = len(text) <= LONGEST_FORMULA
        found.append(Snippet(slug, title, text if fits else "", where, NOTES, "" if fits else said))
    return found


def _formula(assembly: Assembly, names: Names, separator: str) -> str:
    cells = {field: f"{name}{FIRST_ROW}" for field, name in names.items()}
    language = Language(
        text=_text,
        value=lambda field: _encode(cells[field], assembly.times, separator),
        plus="&",
        unless_empty=lambda fields, part: _unless_empty("&".join(cells[each] for each in fields), part, separator),
    )
    link = "&".join(terms(assembly, language))
    checked = f'IF(LEN({link})>{assembly.longest}{separator}""{separator}{link})'
    for field in reversed(assembly.needed):
        checked = _unless_empty(cells[field], checked, separator)
    return f"={checked}"


def _text(text: str) -> str:
    return "&".join(f'"{text[start : start + LONGEST_TEXT]}"' for start in range(0, len(text), LONGEST_TEXT))


def _unless_empty(cell: str, part: str, separator: str) -> str:
    return f'IF({cell}=""{separator}""{separator}{part})'


def _encode(cell: str, times: int, separator: str) -> str:
    """An empty cell is nothing: LibreOffice would answer with an error."""
    encoded = f"ENCODEURL({cell})"
    for old, new in (*SET_RIGHT, *(("%", "%25"),) * (times - 1)):
        encoded = f'SUBSTITUTE({encoded}{separator}"{old}"{separator}"{new}")'
    return _unless_empty(cell, encoded, separator)


SYSTEM = System(
    slug="excel",
    label="Excel",
    names={
        "key": "A",
        "asset": "B",
        "title": "C",
        "site": "D",
        "status": "E",
        "assignee": "F",
        "priority": "G",
        "other": "H",
    },
    allowed=re.compile(r"[A-Z]{1,2}"),
    example="B",
    write=write,
)
