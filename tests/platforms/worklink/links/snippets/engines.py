"""What runs snippets here: a JavaScript engine, Python itself, and readers of Salesforce's two languages."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

import quickjs

Record = Mapping[str, str]
"""What the other system has, by its own names."""


def nested(record: Record) -> dict[str, Any]:
    """Return a record in which names with dots are reached through what they refer to."""
    made: dict[str, Any] = {}
    for name, value in record.items():
        place, *path = name.split(".")
        inner = made
        for step in path:
            inner = inner.setdefault(place, {})
            place = step
        inner[place] = value
    return made


def javascript_of(text: str, record: Record) -> str:
    """Return a program that runs a business rule on a record, and answers with what the rule set."""
    return f"""
        var flat = {json.dumps(record)}, set = {{}}, current = {json.dumps(nested(record))}, previous = null;
        current.getValue = function (name) {{ return flat[name] || null; }};
        current.setValue = function (name, value) {{ set[name] = value; }};
        {text}
        JSON.stringify(set);
    """


def servicenow(text: str, record: Record) -> str:
    context = quickjs.Context()
    return str(json.loads(context.eval(javascript_of(text, record)))["u_worklink"])


class Mbo:
    """The record of an automation script."""

    def __init__(self, record: Record) -> None:
        self.record, self.set = record, dict[str, str]()

    def getString(self, name: str) -> str:
        return self.record[name]

    def setValue(self, name: str, value: str) -> None:
        self.set[name] = value


def maximo(text: str, record: Record) -> str:
    mbo = Mbo(record)
    exec(compile(text, "script", "exec"), {"mbo": mbo})
    return mbo.set["WORKLINK"]


def apex(text: str, record: Record) -> str:
    """Run the class's expressions, which are Python's as well, with urlEncode as java.net.URLEncoder has it."""
    body = re.search(r"encode\(String value\) \{\s*return (.+?);", text, re.S)
    assert body
    encoding = type("EncodingUtil", (), {"urlEncode": staticmethod(_url_encode)})

    def encode(value: str) -> str:
        return str(eval(body[1], {"EncodingUtil": encoding, "value": value}))

    known: dict[str, Any] = {"encode": encode}
    for name, path in re.findall(r"String (f\d+) = text\(record\.([\w?.]+)\);", text):
        known[name] = record[path.replace("?", "")]
    sums = re.search(r"String link = (.+?);\n", text, re.S)
    end = re.search(r"return (.+?) \? '' : link;", text)
    assert sums
    assert end
    terms = re.sub(r"\((.+?) == '' \? '' : (.+?)\)( \+\n|$)", r"('' if \1 == '' else \2)\3", sums[1])
    link = known["link"] = str(eval(f"({terms})", known))
    refused = eval(end[1].replace("||", "or").replace("link.length()", "len(link)"), known)
    return "" if refused else link


def _url_encode(value: str, charset: str) -> str:
    assert charset == "UTF-8"
    return quote_plus(value, safe="*").replace("~", "%7E")


TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z][\w.]*)|([(),&]))')


def formula(text: str, record: Record) -> str:
    """Evaluate what formulas use: texts, fields, `&`, SUBSTITUTE, IF, ISBLANK, TEXT and HYPERLINK (its address)."""
    tokens = [match.groups() for match in TOKEN.finditer(text)]
    assert "".join(TOKEN.split(text)[::4]).strip() == ""
    value, rest = _sum(tokens, record)
    assert rest == []
    return str(value)


def _sum(tokens: list[Any], record: Record) -> tuple[Any, list[Any]]:
    value, tokens = _term(tokens, record)
    while tokens and tokens[0][2] == "&":
        more, tokens = _term(tokens[1:], record)
        value += more
    return value, tokens


def _term(tokens: list[Any], record: Record) -> tuple[Any, list[Any]]:
    (literal, name, _), *tokens = tokens
    if literal is not None:
        return re.sub(r"\\(.)", r"\1", literal), tokens
    if not tokens or tokens[0][2] != "(":
        return record[name], tokens
    given, separator = [], ("(", ",")
    while tokens[0][2] in separator:
        value, tokens = _sum(tokens[1:], record)
        given.append(value)
    assert tokens[0][2] == ")"
    return FUNCTIONS[name](*given), tokens[1:]


FUNCTIONS: dict[str, Any] = {
    "SUBSTITUTE": lambda text, old, new: text.replace(old, new),
    "IF": lambda test, yes, no: yes if test else no,
    "ISBLANK": lambda text: text == "",
    "TEXT": lambda text: text,
    "HYPERLINK": lambda address, label, window: address,
}
