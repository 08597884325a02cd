"""Uploaded CSV: encodings, delimiters, headings, limits; and the CSV that people get."""

import codecs
import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.core.tables import Columns, Limits, TableRefused, csv_lines, read_table, read_text
from integrations.core.tables.writing import bare, neutral

COLUMNS = Columns(known=("asset", "catalog", "call_id"), needed=("asset",))
TEXT = "asset;catalog\nPÜMP-77;Seals\n"


def refused(content: bytes, **options: object) -> str:
    with pytest.raises(TableRefused) as caught:
        read_table(content, columns=COLUMNS, **options)  # type: ignore[arg-type]
    assert str(caught.value).endswith((".", "?"))
    return caught.value.code


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace(";", ",").encode(),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace(";", "|").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        f"sep=;\n{TEXT}".encode(),
    ],
)
def test_encoding_and_delimiter_are_found_out(content: bytes) -> None:
    (row,) = read_table(content, columns=COLUMNS).rows

    assert row.cells == {"asset": "PÜMP-77", "catalog": "Seals", "call_id": ""}


def test_windows_1252_is_read_only_if_a_person_chose_it() -> None:
    content = TEXT.encode("windows-1252")

    assert refused(content) == "bad_encoding"
    assert read_table(content, columns=COLUMNS, encoding="windows-1252").rows[0].cells["asset"] == "PÜMP-77"
    assert refused(b"asset\n\x81\n", encoding="windows-1252") == "bad_encoding"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n,,\n", "empty"),
        (b"asset\nA\x00B\n", "nul_bytes"),
        ("asset\nA\n".encode("utf-16-le"), "nul_bytes"),
        (b"\xff\xfea", "bad_encoding"),
        (b'asset\n"A', "bad_csv"),
        (b'asset\n"A"B\n', "bad_csv"),
        (b"asset,colour\nA,red\n", "unknown_heading"),
        (b"asset,,catalog\nA,,B\n", "unknown_heading"),
        (b"asset,Asset\nA,B\n", "duplicate_heading"),
        (b"catalog\nA\n", "missing_heading"),
        (b"%PDF-1.7", "not_a_table"),
        (b"\xd0\xcf\x11\xe0rest", "old_excel"),
        (b"asset\n" + b"x," * 70 + b"y\n", "too_many_columns"),
        (b"asset\n" + b"x\n" * 11, "too_many_rows"),
        (b"asset\n" + b"x" * 1001, "too_big"),
    ],
)
def test_what_is_refused_is_named(content: bytes, code: str) -> None:
    assert refused(content, limits=Limits(rows=10, size=1000)) == code


def test_an_unknown_heading_offers_the_one_that_was_meant() -> None:
    with pytest.raises(TableRefused, match="“Catalogue” is not known; did you mean “catalog”"):
        read_table(b"asset,Catalogue\nA,B\n", columns=COLUMNS)


def test_faults_of_rows_are_told_by_row_as_a_spreadsheet_counts() -> None:
    text = 'Asset,CALL ID\n\n"two\nlines",c1\nB,c2,x\nC,' + "z" * 21 + "\n\x01D,\n"

    rows = read_text(text, columns=COLUMNS, limits=Limits(cell=20)).rows

    assert [row.number for row in rows] == [3, 5, 6, 7]
    assert [row.faults for row in rows] == [
        (),
        ("It has more cells than the heading.",),
        ("call_id has 21 characters; at most 20 are read.",),
        ("asset has a control character.",),
    ]


@given(st.binary(max_size=400), st.sampled_from(["", "windows-1252"]))
def test_any_bytes_are_read_or_refused_by_name(content: bytes, encoding: str) -> None:
    for start in (b"", b"asset,catalog\n", codecs.BOM_UTF16_LE, b'asset\n"'):
        try:
            read_table(start + content, columns=COLUMNS, encoding=encoding)  # type: ignore[arg-type]
        except TableRefused:
            continue


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8))
def test_what_is_written_is_read_back_as_it_was(rows: list[tuple[str, str, str]]) -> None:
    text = "".join(csv_lines(COLUMNS.known, rows))

    table = read_table(text.encode(), columns=COLUMNS)

    assert [tuple(row.cells.values()) for row in table.rows] == [row for row in rows if any(row)]


@given(st.text(max_size=30))
def test_no_cell_that_is_written_begins_a_formula(text: str) -> None:
    (_, line) = csv_lines(["asset"], [[text]])
    ((shown,),) = csv.reader(StringIO(line, newline=""))

    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert bare(neutral(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "＝1", "  =1", "\n@x"])  # noqa: RUF001
def test_an_apostrophe_keeps_a_formula_from_being_one(text: str) -> None:
    assert neutral(text) == f"'{text}"


def test_a_download_begins_with_the_mark_of_utf_8_and_keeps_what_needs_no_quotes() -> None:
    assert "".join(csv_lines(["a", "b"], [["1,2", None], [-3.5, "it's"]])) == '\ufeffa,b\r\n"1,2",\r\n-3.5,it\'s\r\n'
