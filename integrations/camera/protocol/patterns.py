"""Regular expressions that others wrote, run in linear time (RE2): no look-around, no back-reference."""

from functools import lru_cache

import re2

from integrations.core.errors import PermanentError
from integrations.core.safe_json import storable

MOST_CHARACTERS = 500


class PatternRefused(PermanentError):
    """This is no regular expression that we run."""


def check_pattern(pattern: object) -> str:
    """Return a pattern that may be kept.

    :raises PatternRefused: saying why it cannot be run
    """
    if not isinstance(pattern, str) or len(pattern) > MOST_CHARACTERS or pattern != storable(pattern):
        raise PatternRefused(f"a pattern is a text of at most {MOST_CHARACTERS} characters.")
    try:
        _compiled(pattern)
    except re2.error as error:
        why = error.args[0].decode(errors="replace") if error.args else "it cannot be read"
        raise PatternRefused(f"its pattern cannot be run ({why:.100}); look-around is not understood.") from None
    return pattern


def found(pattern: str, text: str) -> bool:
    """Say whether the pattern matches anywhere in the text; `pattern` has been checked."""
    return bool(_compiled(pattern).search(storable(text)))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> "re2._Regexp":
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options=options)
