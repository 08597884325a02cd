"""Paging through "changed since": where a page is, and where the next one is. Pure functions."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.core import graphql
from integrations.core.errors import PermanentError
from integrations.platforms.generic.reading import found_in, problem_of

MOST_PAGES = 10_000
PLACEHOLDERS = ("since", "cursor", "page", "offset")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class PageRules:
    """`path` holds placeholders, or `document` variables; `next` leads to the next page's address or cursor."""

    path: str = ""
    document: str = ""
    next: str = ""


@dataclass(frozen=True)
class Page:
    """One page to ask for. `address` is set where the other system gave the whole address."""

    since: str | int
    cursor: Any = None
    page: int = 1
    offset: int = 0
    address: str = ""


def problems(rules: PageRules) -> dict[str, str]:
    """Return what is wrong with the rules, by the name of the feed's field; empty if nothing is."""
    found = {"poll_next": problem_of(rules.next), "poll_path": _path_problem(rules)}
    if rules.document:
        found["poll_document"] = _document_problem(rules.document)
    return {name: problem for name, problem in found.items() if problem}


def _path_problem(rules: PageRules) -> str:
    unknown = [name for name in _PLACEHOLDER.findall(rules.path) if name not in PLACEHOLDERS]
    if unknown:
        return f"“{{{unknown[0]}}}” is not known here; use {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}."
    if rules.path and not rules.document and "{since}" not in rules.path:
        return "The path must hold {since}, or every poll would read everything."
    if "{cursor}" in rules.path and not rules.next:
        return "With {cursor} in the path, “poll next” must say where the next cursor is."
    return ""


def _document_problem(document: str) -> str:
    try:
        _, is_mutation = graphql.parsed(document)
    except PermanentError as error:
        return str(error)
    if is_mutation:
        return "A poll only reads: this is a mutation."
    return "" if "$since" in document else "The query must use $since, or every poll would read everything."


def path_of(page: Page, rules: PageRules) -> str:
    """Return the path of a page; values are percent-encoded, and query parameters left empty are left out."""
    if page.address:
        return page.address
    values = {name: getattr(page, name) for name in PLACEHOLDERS}
    path, mark, query = rules.path.partition("?")
    pairs = [pair for part in query.split("&") if (pair := _filled_in(part, values)) and not pair.endswith("=")]
    return _filled_in(path, values) + (mark + "&".join(pairs) if pairs else "")


def _filled_in(text: str, values: dict[str, Any]) -> str:
    def value_of(match: re.Match[str]) -> str:
        value = values[match[1]]
        return "" if value is None else quote(str(value), safe="")

    return _PLACEHOLDER.sub(value_of, text)


def variables_of(page: Page, rules: PageRules) -> dict[str, Any]:
    """Return the variables that the GraphQL document uses."""
    return {name: getattr(page, name) for name in PLACEHOLDERS if f"${name}" in rules.document}


def next_page(page: Page, rules: PageRules, *, body: Any, count: int) -> Page | None:
    """Return the page after one with `count` items; None after the last.

    :raises NotReadable: if the next page's address cannot be read
    :raises PermanentError: if the other system sends us round in a circle
    """
    if page.page >= MOST_PAGES:
        raise PermanentError(f"The list does not end: {MOST_PAGES} pages were read. Narrow the poll's path.")
    if not rules.next:
        counted = any(f"{{{name}}}" in rules.path or f"${name}" in rules.document for name in ("page", "offset"))
        return _after(page, count=count) if counted and count else None
    told = found_in(body, rules.next, what="poll_next")
    if told in (None, "", False):
        return None
    is_address = isinstance(told, str) and not ("{cursor}" in rules.path or "$cursor" in rules.document)
    if told in (page.cursor, page.address):
        raise PermanentError(f"The list sends us round in a circle: after {str(told)[:80]} comes the same again.")
    after = _after(page, count=count)
    return Page(**vars(after) | ({"address": told} if is_address else {"cursor": told}))


def _after(page: Page, *, count: int) -> Page:
    return Page(since=page.since, cursor=page.cursor, page=page.page + 1, offset=page.offset + count)
