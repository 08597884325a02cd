"""The address that sends a user back with the result in it (2.4, 2.5, 2.8, 2.9, 5.16, 5.20).

All of it is done on the text, for https and custom schemes alike: libraries reorder, re-encode, or lose an empty host.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote, quote_from_bytes, unquote_plus
from uuid import UUID

from integrations.camera.protocol.leaving import Left
from integrations.camera.protocol.messages import DEFAULT_PARAMETER, write
from integrations.camera.protocol.opaque import bytes_of
from integrations.camera.protocol.verdicts import Status
from integrations.core.errors import PermanentError

# "Under 2048" (2.5); inbound addresses may be longer (5.20).
MOST_CHARACTERS = 2047
# 2.5, the third spelling that we read (5.18), and the extension of section 3.
RESERVED = frozenset({
    "work_order_id", "work_item_id", "input_id", "status", "work_item_score", "conformity_messages", "state",
    "task_group_name", "work_order_name", "wo_metadata", "callback_URI", "callback_uri", "callback_url", "token",
    "progress_score",
})  # fmt: skip

_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_ASCII = "".join(map(chr, range(128)))


class ParameterRefused(PermanentError):
    """The messages cannot travel under this name."""


@dataclass(frozen=True)
class CallbackRules:
    """A token's settings. `use_fragment` is the visit's: results go into the fragment instead of the query (2.10)."""

    error_parameter: bool = True
    messages_parameter: str = DEFAULT_PARAMETER
    use_fragment: bool = False


@dataclass(frozen=True)
class Results:
    """All that a callback may tell. `error`: the code of a refused visit. `state`: as `query.read_query` gave it."""

    left: Left = field(default_factory=Left)
    work_order_id: UUID | None = None
    work_item_id: UUID | None = None
    progress_score: int | None = None
    state: str | None = field(default=None, repr=False)
    error: str = ""


@dataclass(frozen=True)
class Built:
    """`dropped`: reserved names that the target brought along. `too_long`: even without messages; sent all the same."""

    url: str
    dropped: tuple[str, ...] = ()
    messages_dropped: int = 0
    too_long: bool = False

    @property
    def note(self) -> str:
        """Say for the log what was left out; empty if nothing was."""
        notes = [f"dropped from the callback: {', '.join(self.dropped)}"] if self.dropped else []
        notes += [f"{self.messages_dropped} messages left out: too long"] if self.messages_dropped else []
        notes += [f"longer than {MOST_CHARACTERS} characters"] if self.too_long else []
        return "; ".join(notes)


def check_messages_parameter(name: str) -> str:
    """Return a name under which messages may travel (2.6: its real name is not known).

    :raises ParameterRefused: for a name that cannot stand there, or that means something else
    """
    if not _PARAMETER.fullmatch(name):
        raise ParameterRefused("The parameter's name has up to 40 letters, digits, _, - or . and begins with a letter.")
    if name != DEFAULT_PARAMETER and name in RESERVED | {"error"}:
        raise ParameterRefused(f"{name} means something else in a callback; conformity_messages is the usual name.")
    return name


def build(target: str, results: Results, *, rules: CallbackRules | None = None) -> Built:
    """Put the results into the target, which `targets.judge` allowed or which is the token's default.

    The target's own parameters stay in order and encoding, and its fragment stays last. Above 2047 characters
    messages are left out, from the end; never ids or state (5.20).
    """
    kept = rules or CallbackRules()
    messages = results.left.messages if results.left.status is Status.CONFORMITY else ()
    for count in range(len(messages), -1, -1):
        told = replace(results, left=replace(results.left, messages=messages[:count]))
        url, dropped = _joined(target, told, rules=kept)
        if _length(url) <= MOST_CHARACTERS:
            return Built(url, dropped, messages_dropped=len(messages) - count)
    return Built(url, dropped, messages_dropped=len(messages), too_long=True)


def _joined(target: str, results: Results, *, rules: CallbackRules) -> tuple[str, tuple[str, ...]]:
    before, _, fragment = target.partition("#")
    base, _, query = before.partition("?")
    reserved = _reserved(rules)
    added = [f"{name}={value}" for name, value in _parameters(results, rules=rules)]
    pieces, dropped = _own(query, reserved=reserved)
    if rules.use_fragment:
        in_fragment, also_dropped = _own(fragment, reserved=reserved)
        fragment, dropped = "&".join([*in_fragment, *added]), [*dropped, *also_dropped]
    else:
        pieces += added
    url = f"{base}?{'&'.join(pieces)}" if pieces else base
    return (f"{url}#{fragment}" if fragment else url), tuple(dict.fromkeys(dropped))


def _reserved(rules: CallbackRules) -> frozenset[str]:
    return RESERVED | {rules.messages_parameter} | ({"error"} if rules.error_parameter else set())


def _own(text: str, *, reserved: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return the target's own pieces, and the names of those that only a connector may send (2.5)."""
    pieces = [(piece, unquote_plus(piece.partition("=")[0])) for piece in text.split("&") if piece]
    kept = [piece for piece, name in pieces if name not in reserved]
    return kept, [name for _, name in pieces if name in reserved]


def _parameters(results: Results, *, rules: CallbackRules) -> Iterator[tuple[str, str]]:
    left = results.left
    ids = {"work_order_id": results.work_order_id, "work_item_id": results.work_item_id, "input_id": left.input_id}
    yield from ((name, str(value)) for name, value in ids.items() if value is not None)
    if left.status is not None:
        yield "status", left.status.value
    if left.score is not None:
        yield "work_item_score", str(left.score)
    if left.messages:
        yield rules.messages_parameter, quote(write(left.messages), safe="")
    if results.progress_score is not None:
        yield "progress_score", str(results.progress_score)
    if results.error and rules.error_parameter:
        yield "error", quote(results.error, safe="", errors="replace")
    if results.state is not None:
        yield "state", quote_from_bytes(bytes_of(results.state), safe="")


def _length(url: str) -> int:
    """Count as a browser sends it: what is not ASCII is percent-encoded."""
    return len(quote(url, safe=_ASCII, errors="replace"))
