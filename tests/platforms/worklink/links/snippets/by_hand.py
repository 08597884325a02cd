"""Runs snippets in what a test machine does not have, and keeps what came of it: see `__main__`

Needs node, jython, a JDK (javac is not needed), ruby and LibreOffice (soffice). The tests compare what was kept, and
that the snippets are still the ones that were run.
"""

import csv
import hashlib
import json
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from integrations.platforms.worklink.links.snippets import SYSTEMS, assembly_of
from tests.platforms.worklink.links.snippets.cases import ALL, FORMS, LONGEST, RECIPES, Form
from tests.platforms.worklink.links.snippets.engines import javascript_of

KEPT = Path(__file__).with_name("by_hand.json")
Record = Mapping[str, str]


def snippet_of(slug: str, recipe: str, form: Form) -> tuple[str, dict[str, str]]:
    """Return the text of a snippet, and what it calls each field."""
    system = SYSTEMS[slug.partition("-")[0]]
    assembly = assembly_of(RECIPES[recipe], form=form, longest=LONGEST)
    names = system.named(assembly, {})
    (snippet,) = (each for each in system.write(assembly, names) if each.slug == slug)
    return snippet.text, names


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def said(*command: str, program: str = "", suffix: str = "") -> str:
    """Run a program that is given as a file; return what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"Snippet{suffix}"
        path.write_text(program, encoding="utf-8")
        done = subprocess.run([*command, str(path)], check=True, capture_output=True, text=True, encoding="utf-8")
    return done.stdout


def node(text: str, records: Sequence[Record]) -> list[str]:
    asked = [f"(function () {{ return eval({json.dumps(javascript_of(text, each))}); }})()" for each in records]
    program = f"for (const set of [{', '.join(asked)}]) console.log(JSON.stringify(JSON.parse(set).u_worklink));"
    return [json.loads(line) for line in said("node", program=program, suffix=".js").splitlines()]


def jython(text: str, records: Sequence[Record]) -> list[str]:
    program = f"""
import json
class Mbo:
    def __init__(self, record): self.record = record
    def getString(self, name): return self.record[name]
    def setValue(self, name, value): print(json.dumps(value))
for record in json.loads({json.dumps(records)!r}):
    mbo = Mbo(record)
    exec(compile({text!r}, 'script', 'exec'), {{'mbo': mbo}})
"""
    return [json.loads(line) for line in said("jython", program=program, suffix=".py").splitlines()]


def ruby(text: str, records: Sequence[Record]) -> list[str]:
    program = f"""
require 'json'
module Redmine
  class Plugin; def self.register(_, &said) new.instance_eval(&said) end; def name(_) end; def version(_) end; end
  module Hook; class ViewListener; end; end
end
Field, Value = Struct.new(:name), Struct.new(:custom_field, :value)
{text}
JSON.parse({json.dumps(json.dumps(records))}).each do |record|
  issue = Object.new
  custom = record.select {{ |name, _| name.start_with?('cf:') }}
  values = custom.map {{ |name, value| Value.new(Field.new(name[3..]), value) }}
  issue.define_singleton_method(:custom_field_values) {{ values }}
  record.each {{ |name, value| issue.define_singleton_method(name) {{ value }} unless name.start_with?('cf:') }}
  puts JSON.generate(WorklinkLinks.link_of(issue))
end
"""
    return [json.loads(line) for line in said("ruby", program=program, suffix=".rb").splitlines()]


def java(text: str, records: Sequence[Record]) -> list[str]:
    """Apex is Java but for its quotes, `?.` and its own library."""
    body = text.replace("'", '"').replace("with sharing ", "").replace("?.", ".").replace(' == ""', ".isEmpty()")
    body = re.sub(r"\((f[\d f+]+)\.isEmpty\(\) \?", r"((\1).isEmpty() ?", body)
    body = re.sub(r"record\.([\w.]+)", r'record.get("\1")', body).replace(
        "WorkOrder record", "Map<String, String> record"
    )
    body = body.replace("public class", "class").replace("EncodingUtil.urlEncode", "Encoding.urlEncode")
    maps = ", ".join(f"Map.ofEntries({', '.join(_entry(pair) for pair in each.items())})" for each in records)
    program = f"""
import java.util.*; import java.nio.charset.StandardCharsets;
public class Snippet {{
    public static void main(String[] given) throws Exception {{
        for (Map<String, String> record : List.<Map<String, String>>of({maps}))
            System.out.println(WorkLinkLinks.linkOf(record));
    }}
}}
class Encoding {{
    static String urlEncode(String value, String charset) {{
        return java.net.URLEncoder.encode(value, StandardCharsets.UTF_8);
    }}
}}
{body}
"""
    return said("java", "-Dfile.encoding=UTF-8", program=program, suffix=".java").split("\n")[: len(records)]


def _entry(pair: tuple[str, str]) -> str:
    name, value = re.sub(r"TEXT\((.*)\)", r"\1", pair[0]), pair[1]
    return f"Map.entry({json.dumps(name)}, {json.dumps(value)})"


def libreoffice(text: str, records: Sequence[Record]) -> list[str]:
    """Put the formula into a workbook of Excel, a row for each order, and let it be calculated."""
    rows = [_row(text, number, each) for number, each in enumerate(records, 2)]
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.xlsx"
        with zipfile.ZipFile(book, "w") as file:
            for name, content in PARTS.items():
                file.writestr(name, content.replace("ROWS", "".join(rows)))
        how = "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,true,false"
        home = f"-env:UserInstallation=file://{folder}/home"
        command = ["soffice", home, "--headless", "--convert-to", how, "--outdir", folder, str(book)]
        subprocess.run(command, check=True, capture_output=True)
        with open(Path(folder) / "book.csv", encoding="utf-8", newline="") as lines:
            return [line[-1] for line in csv.reader(lines, delimiter="\t")][-len(records) :]


def _row(text: str, number: int, record: Record) -> str:
    cells = [
        f'<c r="{column}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        for column, value in sorted(record.items())
        if value
    ]
    formula = re.sub(r"\b([A-Z])2\b", rf"\g<1>{number}", text.removeprefix("=")).replace("ENCODEURL", "_xlfn.ENCODEURL")
    return f'<row r="{number}">{"".join(cells)}<c r="Z{number}" t="str"><f>{escape(formula)}</f></c></row>'


_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NAMES = "http://schemas.openxmlformats.org"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_NAMES}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_NAMES}/package/2006/relationships"><Relationship Id="r1" '
    f'Type="{_NAMES}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_NAMES}/spreadsheetml/2006/main" '
    f'xmlns:r="{_NAMES}/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets>'
    "</workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NAMES}/package/2006/relationships"><Relationship Id="r1" '
    f'Type="{_NAMES}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_NAMES}/spreadsheetml/2006/main"><sheetData>ROWS</sheetData>'
    "</worksheet>",
}
PROGRAMS: dict[str, tuple[str, Callable[[str, Sequence[Record]], list[str]]]] = {
    "servicenow": ("node", node),
    "maximo": ("jython", jython),
    "redmine": ("ruby", ruby),
    "salesforce-apex": ("java", java),
    "excel-comma": ("soffice", libreoffice),
}


def run(slug: str) -> dict[str, Any]:
    """Run one kind of snippet for all templates, forms and orders."""
    program, engine = PROGRAMS[slug]
    asked = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    links = []
    for recipe in RECIPES:
        for form in FORMS:
            text, names = snippet_of(slug, recipe, form)
            records = [{name: values[field] for field, name in names.items()} for values in ALL.values()]
            made = dict(zip(ALL, engine(text, records), strict=True))
            links.append({"recipe": recipe, "form": form, "snippet": digest_of(text), "links": made})
    return {"program": (asked.stdout or asked.stderr).splitlines()[0], "runs": links}


def main(wanted: Sequence[str]) -> None:
    """Run the wanted kinds of snippets, or all, and keep what came of them beside the others."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for each in wanted or PROGRAMS:
        kept[each] = run(each)
        print(f"{each}: {kept[each]['program']}")
        KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
