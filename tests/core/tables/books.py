"""Small workbooks, made part by part, good and hostile."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = f"""{HEAD}<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>"""
STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/>
<xf numFmtId="22"/></cellXfs></styleSheet>"""


def text_cell(name: str, text: str) -> str:
    return f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def sheet_of(*rows: str, after: str = "") -> str:
    numbered = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(rows, start=1))
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{numbered}</sheetData>{after}</worksheet>'


def parts_of(*sheets: str, hidden: int = 0) -> dict[str, str]:
    """The parts of a workbook with these sheets, the last `hidden` ones of which are hidden."""
    names = [
        f'<sheet name="S{number}" sheetId="{number}" r:id="r{number}"'
        + (' state="hidden"/>' if number > len(sheets) - hidden else "/>")
        for number in range(1, len(sheets) + 1)
    ]
    links = [
        f'<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    ]
    links.append(f'<Relationship Id="styles" Type="{OFFICE}/styles" Target="styles.xml"/>')
    linked = "".join(links)
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{"".join(names)}</sheets></workbook>'
    root = f'<Relationship Id="b" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    return {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>',
        "xl/workbook.xml": HEAD + book,
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{linked}</Relationships>',
        "xl/styles.xml": STYLES,
        **{f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=1)},
    }


def zipped(parts: Mapping[str, str | bytes], *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def book_of(*rows: str, after: str = "") -> bytes:
    return zipped(parts_of(sheet_of(*rows, after=after)))


def book_of_texts(*rows: tuple[str, ...]) -> bytes:
    """A workbook whose cells are these texts."""
    made = [
        "".join(text_cell(f"{chr(65 + column)}{number}", text) for column, text in enumerate(row))
        for number, row in enumerate(rows, start=1)
    ]
    return book_of(*made)
