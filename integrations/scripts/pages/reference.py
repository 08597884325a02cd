"""The reference of `ctx` for people, read from the types that the editor completes with."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString

TYPES = Path(__file__).parents[1] / "sandbox" / "javascript" / "ctx.d.ts"
ROOT = "ScriptContext"
_COMMENT = r"(?:/\*\*(?P<doc>(?:[^*]|\*(?!/))*)\*/\s*)?"
_BLOCK = re.compile(
    _COMMENT + r"(?:export |declare )*(?:interface|class) (?P<name>\w+)[^{\n]*\{\n(?P<body>.*?)\n\}", re.S
)
_MEMBER = re.compile(_COMMENT + r"(?P<code>[^\s/*\[].*?);(?=\s*(?:\n|$))", re.S)
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Member:
    code: str
    text: SafeString


@dataclass(frozen=True)
class Section:
    """One type: `ctx` itself, or what one of its members is."""

    name: str
    text: SafeString
    members: tuple[Member, ...]


@cache
def of_context() -> list[Section]:
    """Return `ctx` and the types that it mentions, in the order of the file; empty where there are none."""
    return sections(TYPES.read_text(encoding="utf-8")) if TYPES.exists() else []


def sections(text: str) -> list[Section]:
    found = [
        Section(_title(block["name"]), _words(block["doc"]), tuple(_members(block["body"])))
        for block in _BLOCK.finditer(text)
    ]
    return sorted((each for each in found if each.members), key=lambda each: each.name != "ctx")


def _title(name: str) -> str:
    return "ctx" if name == ROOT else name


def _members(body: str) -> list[Member]:
    return [Member(_code(each["code"]), _words(each["doc"])) for each in _MEMBER.finditer(body)]


def _code(code: str) -> str:
    return " ".join(code.split()).removeprefix("readonly ").replace("readonly ", "")


def _words(doc: str | None) -> SafeString:
    """Return a comment as one paragraph, what stands between backquotes as code."""
    lines = [line.strip().removeprefix("*").strip() for line in (doc or "").splitlines()]
    text = escape(" ".join(line for line in lines if line))
    return SafeString(_CODE.sub(r"<code>\1</code>", text))
