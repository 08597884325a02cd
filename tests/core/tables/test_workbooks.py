"""Uploaded XLSX: values as text, what is refused by the name of its cell, bombs, and broken files of every kind."""

import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.core.tables import Columns, Limits, TableRefused, read_table
from tests.core.tables.books import book_of, book_of_texts, parts_of, sheet_of, text_cell, zipped

COLUMNS = Columns(known=("asset", "catalog", "call_id"), needed=("asset",))
GOOD = book_of_texts(("asset", "catalog"), ("PUMP-77", "Seals"))
HEADING = text_cell("A1", "asset")


def read(content: bytes) -> list[str]:
    """The cells of the first column."""
    return [row.cells["asset"] for row in read_table(content, columns=COLUMNS).rows]


def refused(content: bytes, **options: Any) -> TableRefused:
    with pytest.raises(TableRefused) as caught:
        read_table(content, columns=COLUMNS, **options)
    return caught.value


def test_texts_are_read_as_they_are() -> None:
    table = read_table(GOOD, columns=COLUMNS)

    assert table.form == "XLSX"
    assert [(row.number, row.cells["asset"], row.cells["catalog"]) for row in table.rows] == [(2, "PUMP-77", "Seals")]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A2"><v>7</v></c>', "7"),
        ('<c r="A2"><v>7.0</v></c>', "7"),
        ('<c r="A2"><v>0.1</v></c>', "0.1"),
        ('<c r="A2"><v>-3</v></c>', "-3"),
        ('<c r="A2"><v>999999999999999</v></c>', "999999999999999"),
        ('<c r="A2" s="1"><v>45000</v></c>', "2023-03-15"),
        ('<c r="A2" s="2"><v>45000.5</v></c>', "2023-03-15 12:00:00"),
        ('<c r="A2" t="b"><v>1</v></c>', "true"),
        (text_cell("A2", "  =x "), "=x"),
        (text_cell("A2", "007"), "007"),
        ('<c t="str"><v>plain</v></c>', "plain"),
    ],
)
def test_numbers_and_dates_have_one_form(cell: str, text: str) -> None:
    assert read(book_of(HEADING, cell)) == [text]


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        ((HEADING, '<c r="A2"><f>1+1</f><v>2</v></c>'), "formula", "A2"),
        ((HEADING, '<c r="A2"/><c r="B2"><f>A2</f></c>'), "formula", "B2"),
        ((HEADING, "<c><f>1</f></c>"), "formula", "A2"),
        ((HEADING, '<c r="A2" t="e"><v>#REF!</v></c>'), "error_cell", "A2"),
        ((HEADING, '<c r="A2"><v>1234567890123456</v></c>'), "inexact_number", "A2"),
        ((HEADING, '<c r="XFD2"><v>1</v></c>'), "too_far", "XFD2"),
        ((HEADING, '<c r="A1048576"><v>1</v></c>'), "too_far", "A1048576"),
        ((HEADING, '<c r="2A"><v>1</v></c>'), "broken_sheet", "2A"),
        ((HEADING, '<c r="A2" t="s"><v>5</v></c>'), "broken_sheet", ""),
    ],
)
def test_a_cell_that_is_not_trusted_is_named(rows: tuple[str, ...], code: str, named: str) -> None:
    refusal = refused(book_of(*rows))

    assert refusal.code == code
    assert named in str(refusal)


def test_merged_cells_are_refused_by_name() -> None:
    refusal = refused(book_of(HEADING, after='<mergeCells><mergeCell ref="A1:C1"/></mergeCells>'))

    assert (refusal.code, "A1:C1" in str(refusal)) == ("merged_cells", True)


def test_an_empty_cell_far_away_that_only_has_a_format_does_no_harm() -> None:
    assert read(book_of(HEADING, '<c r="A2"><v>1</v></c><c r="XFD2" s="1"/>')) == ["1"]


def test_one_visible_sheet_is_read_and_several_are_refused() -> None:
    sheet = sheet_of(HEADING, text_cell("A2", "x"))

    assert read(zipped(parts_of(sheet, sheet, hidden=1))) == ["x"]
    assert refused(zipped(parts_of(sheet, sheet))).code == "several_sheets"
    assert refused(zipped(parts_of(sheet, hidden=1))).code == "no_sheet"
    assert refused(book_of()).code == "empty"


def test_a_zip_bomb_is_refused_by_what_really_comes_out() -> None:
    bomb = parts_of(sheet_of(HEADING)) | {"xl/big.xml": "<a>" + " " * 3_000_000 + "</a>"}
    lying = bytearray(zipped(bomb))
    at = lying.rindex(b"PK\x01\x02", 0, lying.rindex(b"xl/big.xml"))
    lying[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the size that the listing declares

    assert refused(zipped(bomb)).code == "zip_bomb"
    assert refused(bytes(lying)).code in ("zip_bomb", "broken_archive")
    assert refused(zipped(bomb), limits=Limits(unpacked=1_000_000)).code == "zip_bomb"
    assert refused(zipped(parts_of() | {f"xl/{n}.xml": "<a/>" for n in range(600)})).code == "zip_bomb"


@pytest.mark.parametrize("start", ["<!DOCTYPE a [<!ENTITY b 'c'>]>", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>"])
def test_an_xml_bomb_is_refused(start: str) -> None:
    sheet = sheet_of(HEADING, text_cell("A2", "x")).replace("<worksheet", f"{start}<worksheet")

    assert refused(zipped(parts_of(sheet))).code == "xml_bomb"
    in_utf_16: dict[str, str | bytes] = {**parts_of(sheet), "xl/worksheets/sheet1.xml": sheet.encode("utf-16")}
    assert refused(zipped(in_utf_16)).code == "xml_bomb"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"word/document.xml": "<a/>"}, "not_xlsx"),
        (parts_of(sheet_of(HEADING)) | {"xl/vbaProject.bin": "x"}, "macros"),
        (parts_of("<worksheet>"), "broken_sheet"),
        (parts_of("not xml"), "broken_sheet"),
        (parts_of('<?xml version="1.0" encoding="klingon"?><worksheet/>'), "broken_sheet"),
        (parts_of(sheet_of(HEADING)) | {"xl/workbook.xml": "<workbook/>"}, "no_sheet"),
    ],
)
def test_what_is_no_workbook_is_refused(parts: dict[str, str], code: str) -> None:
    assert refused(zipped(parts)).code == code


def test_two_parts_of_one_name_are_refused() -> None:
    made = BytesIO(zipped(parts_of(sheet_of(HEADING))))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(made, "a") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")

    assert refused(made.getvalue()).code == "broken_archive"


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(4, 9999),
)
def test_a_workbook_that_is_damaged_is_read_or_refused_by_name(changes: list[tuple[int, int]], end: int) -> None:
    content = bytearray(GOOD)
    for position, value in changes:
        content[position] = value
    for damaged in (bytes(content), bytes(content[:end])):
        try:
            read_table(damaged, columns=COLUMNS)
        except TableRefused:
            continue


SHEET = sheet_of(HEADING, text_cell("A2", "x") + '<c r="B2" s="1"><v>45000</v></c>')


@given(st.integers(0, len(SHEET)), st.integers(0, 40), st.text('<>/="rctsvf019AZ& .-', max_size=12))
def test_a_sheet_that_is_damaged_is_read_or_refused_by_name(at: int, gone: int, instead: str) -> None:
    damaged = SHEET[:at] + instead + SHEET[at + gone :]
    with suppress(TableRefused):
        read_table(zipped(parts_of(damaged), packing=zipfile.ZIP_STORED), columns=COLUMNS)


def test_deflate_that_breaks_off_is_refused() -> None:
    whole = zlib.compress(b"x" * 1000)

    assert refused(b"PK\x03\x04" + whole).code == "broken_archive"
