"""Answers of a script's own requests: kept whole in the ledger, and given again from there."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

from integrations.connections.client import ConnectionClient
from integrations.core import answers, safe_json
from integrations.core.errors import FieldportError, PermanentError, TransientError
from integrations.sync.delivering import lists_errors
from integrations.sync.messages import storable
from integrations.sync.models import RecordWrite, Verdict, WriteState
from integrations.sync.scripted.asked import RawRequest, Reply, Undecided
from integrations.sync.scripted.asking import PLACEHOLDER, body_of
from integrations.sync.scripted.rows import was_gone_on_after

Fill = Callable[[Any], Any]
CAPTURED = 202
NO_CONTENT = 204
SHORTEST = 4
_TRANSIENT = frozenset({408, 425, 429})


class Mask:
    """Takes out of an answer what it repeats of our credentials and of the script's secrets."""

    def __init__(self, client: ConnectionClient, request: RawRequest, fill: Fill) -> None:
        self._client = client
        named = {found.group() for text in _texts([body_of(request), request.headers]) for found in _found(text)}
        filled = {name: str(fill(name)) for name in named}
        self._secrets = {value: name for name, value in filled.items() if value != name and len(value) >= SHORTEST}

    def text(self, text: str) -> str:
        for value in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(value, self._secrets[value])
        return self._client.without_secrets(text)

    def kept(self, status: int, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
        """Return an answer as the ledger keeps it."""
        shown = {name.lower(): self.text(value) for name, value in headers.items()}
        reply = {"status": status, "headers": shown, "text": self.text(content.decode("utf-8", "replace"))}
        kept: dict[str, Any] = storable(reply)
        return kept


def _found(text: str) -> Iterator[Any]:
    return PLACEHOLDER.finditer(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from (str(name), *_texts(each))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def start_of(kept: Mapping[str, Any]) -> str:
    """Return the start of a kept answer, for a person."""
    return answers.redacted(str(kept["text"]), ())


def is_refusal(response: requests.Response) -> bool:
    """Whether GraphQL answered with errors and no result beside them: no part of the mutation was carried out."""
    try:
        body = safe_json.parse(response.content)
    except safe_json.UnreadableJSON:
        return False
    data = body.get("data") if isinstance(body, dict) else None
    results = data.values() if isinstance(data, dict) else ()
    return lists_errors(body) and all(each is None or lists_errors({"data": {"": each}}) for each in results)


def reply_of(write: RecordWrite, *, replayed: bool) -> Reply:
    """Return the answer that a row has; an empty one if it was marked as done, or is not kept any more."""
    kept: dict[str, Any] = write.reply or {}
    status = int(kept.get("status") or write.answer_status or NO_CONTENT)
    captured = write.verdict == Verdict.CAPTURED
    return Reply(status, dict(kept.get("headers") or {}), str(kept.get("text", "")), write.pk, replayed, captured)


def known_answer(write: RecordWrite) -> Reply | None:
    """Return what the ledger has for a write that was asked for before; None if it is to be sent (again).

    A refusal is given again if the script went on after it, so that it goes the same way; else it is asked again.

    :raises Undecided: :raises TransientError: :raises PermanentError:
    """
    if write.state == WriteState.UNSURE:
        raise Undecided(write.note, write_id=write.pk)
    if write.state == WriteState.DONE or (write.state == WriteState.SKIPPED and write.reply is not None):
        return reply_of(write, replayed=True)
    if write.state == WriteState.SKIPPED:
        raise named(PermanentError(write.note), write)
    if write.state == WriteState.FAILED and was_gone_on_after(write):
        if 200 <= (write.answer_status or 0) < 300:
            return reply_of(write, replayed=True)
        raise named(_error_of(write), write)
    return None


def _error_of(write: RecordWrite) -> FieldportError:
    reply = reply_of(write, replayed=True)
    status = reply.status if write.answer_status else None
    passing = status is None or status in _TRANSIENT or status >= 500
    kind = TransientError if passing else PermanentError
    error = kind(write.note, status=status, body_start=write.answer)
    error.headers, error.content = reply.headers, reply.text.encode()
    return error


def named(error: FieldportError, write: RecordWrite) -> FieldportError:
    """Let the error lead to its row: `write_id`."""
    vars(error)["write_id"] = write.pk
    return error
