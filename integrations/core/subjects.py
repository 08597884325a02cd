"""What rows belong to, by text such as `workorder/7`: how people call it, where its page is, how they look for it."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

Search = Callable[[str], Iterable[str]]
Names = Callable[[Collection[str]], dict[str, str]]
Page = Callable[[str], str]
Facts = Callable[[Collection[str]], dict[str, dict[str, str]]]

_searches: list[Search] = []
_kinds: dict[str, tuple[Names, Page]] = {}
_facts: dict[str, Facts] = {}


def register_search(search: Search) -> None:
    """`search(term)` returns the subjects that a person may mean by a term: an external key, a session's id."""
    _searches.append(search)


def register_kind(kind: str, *, names: Names, page: Page) -> None:
    """`names(subjects)` returns what people call them, with one query; `page(subject)` returns the address."""
    _kinds[kind] = (names, page)


def register_facts(kind: str, facts: Facts) -> None:
    """`facts(subjects)` returns what they are like now, as texts by field, for whoever filters events by it."""
    _facts[kind] = facts


def matching(term: str) -> set[str]:
    return {subject for search in _searches for subject in search(term) if subject}


def names(subjects: Collection[str]) -> dict[str, str]:
    """Return what people call each subject; one query per kind."""
    found: dict[str, str] = {}
    for kind, (names_of, _) in _kinds.items():
        of_kind = {subject for subject in subjects if subject.startswith(f"{kind}/")}
        if of_kind:
            found |= names_of(of_kind)
    return found


def facts(subjects: Collection[str]) -> dict[str, dict[str, str]]:
    """Return what each subject is like now; a query or two per kind."""
    found: dict[str, dict[str, str]] = {}
    for kind, facts_of in _facts.items():
        of_kind = {subject for subject in subjects if subject.startswith(f"{kind}/")}
        if of_kind:
            found |= facts_of(of_kind)
    return found


def link_of(row: Any) -> SafeString:
    """Return the link for a row with a `subject`; lists have read the names of all their rows at once."""
    known: str | None = getattr(row, "subject_name", None)
    return link(row.subject, names({row.subject}).get(row.subject, "") if known is None else known)


def link(subject: str, name: str = "") -> SafeString:
    """Return a link to the subject's page; plain text if no app answers for it."""
    kind = subject.partition("/")[0]
    if not subject:
        return SafeString("–")
    if kind not in _kinds:
        return format_html("{}", name or subject)
    return format_html('<a href="{}">{}</a>', _kinds[kind][1](subject), name or subject)
