"""Looking for rows by their ids: several at once, each whole or by its first eight characters."""

import re

from django.db.models import Q

MOST = 50
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{0,4}){0,3}(?:-[0-9a-f]{0,12})?", re.IGNORECASE)


def matching_ids(term: str) -> Q | None:
    """Return the condition for the rows of these ids; None if the term is no list of ids."""
    words = re.split(r"[\s,;]+", term.strip())
    if not 0 < len(words) <= MOST or not all(_ID.fullmatch(word) for word in words):
        return None
    found = Q()
    for word in words:
        found |= Q(pk__startswith=word.lower())
    return found
