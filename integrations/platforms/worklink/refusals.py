"""What an answer without its object means: worth trying again or not (vendor sheet 4.7)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from integrations.core.errors import Forbidden, NotFound, PermanentError, TransientError
from integrations.core.graphql import GraphQLReply
from integrations.platforms.worklink.mapping import text_of

NOT_ALLOWED = re.compile(r"not authori[sz]ed|not allowed|forbidden|permission", re.IGNORECASE)
NOT_THERE = re.compile(r"not found|does(n't| not) exist with|no (such )?(object|record|node)", re.IGNORECASE)
NOT_UNDERSTOOD = re.compile(
    r"cannot query|doesn't exist on type|unknown (type|argument|field|fragment)|isn't a defined|must be defined|"
    r"undefined|doesn't accept argument|syntax|was provided invalid value|parse error|selections",
    re.IGNORECASE,
)


class QueryRefused(PermanentError):
    """The server does not understand a query: its schema changed since the probe (E30)."""


def raise_for(reply: GraphQLReply, *, what: str) -> None:
    """Raise the error that an answer without its object stands for; return if it has none."""
    if reply.errors:
        _raise(reply.errors, whole=reply.data is None, what=what)


def _raise(errors: Sequence[Mapping[str, Any]], *, whole: bool, what: str) -> NoReturn:
    said = "; ".join(text_of(error.get("message")) for error in errors[:3])
    if NOT_ALLOWED.search(said):
        raise Forbidden(f"WorkLink refused {what}: “{said}”. Give the token access to its group, then replay.")
    if NOT_THERE.search(said):
        raise NotFound(f"WorkLink says of {what}: “{said}”.")
    if NOT_UNDERSTOOD.search(said) or (whole and all(_is_validation(error) for error in errors)):
        raise QueryRefused(f"WorkLink does not understand our query for {what}: “{said}”. Test the connection.")
    # An internal fault: the message carries a reference for the vendor's support.
    raise TransientError(f"WorkLink failed on {what}: “{said}”.")


def _is_validation(error: Mapping[str, Any]) -> bool:
    """Errors of a query have a place in its text and no path in an answer."""
    return bool(error.get("locations")) and not error.get("path")
