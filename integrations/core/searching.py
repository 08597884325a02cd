"""Searching lists of any size: each field by its own index, texts among the newest rows; never one OR over joins."""

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Max, Q, QuerySet

MOST_FOUND = 1_000
NEWEST = 100_000  # rows whose texts are looked into: without an index each has to be read
PREFIX = "__istartswith"


def spellings(term: str) -> set[str]:
    """Return how a key may be spelled: an index knows its exact letters only."""
    return {term, term.upper(), term.lower()}


def starting_with(field: str, term: str) -> Q:
    found = Q(pk__in=())
    for each in sorted(spellings(term)):
        found |= Q(**{f"{field}__startswith": each})
    return found


def found_in(rows: QuerySet[Any], fields: Sequence[str], term: str) -> set[Any]:
    """Return the numbers of the rows that a search means, so many at most. `fields` as Django's `search_fields`:
    `=name` is equal, `name__istartswith` begins so, any other contains each word.
    """
    term, found = term.strip()[:200], set()
    for field in fields if term and "\x00" not in term else ():
        found |= set(_of_field(rows, field, term)[:MOST_FOUND])
    return found


def _of_field(rows: QuerySet[Any], field: str, term: str) -> QuerySet[Any, Any]:
    every: QuerySet[Any, Any] = rows.model._default_manager.order_by().values_list("pk", flat=True)
    if field.startswith("="):
        return every.filter(**{f"{field[1:]}__in": sorted(spellings(term))})
    if field.endswith(PREFIX):
        return every.filter(starting_with(field.removesuffix(PREFIX), term))
    last = rows.model._default_manager.aggregate(last=Max("pk"))["last"] or 0
    words = reduce(and_, (Q(**{f"{field}__icontains": word}) for word in term.split()))
    newest: QuerySet[Any, Any] = rows.filter(words, pk__gt=last - NEWEST).order_by("-pk").values_list("pk", flat=True)
    return newest
