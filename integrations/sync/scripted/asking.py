"""What identifies a script's write: what it asks for, in a form that is the same in every try and holds no secrets."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from integrations.core.graphql import parsed
from integrations.sync.messages import Message, storable
from integrations.sync.scripted.asked import Effect, RawRequest

# ⟦secret:NAME:mark⟧; the mark may differ from try to try.
PLACEHOLDER = re.compile("⟦secret:([^⟦⟧:]*)(:[^⟦⟧]*)?⟧")
REPEATABLE = frozenset({"PUT", "DELETE"})


@dataclass(frozen=True)
class Asked:
    """A request as the ledger keeps it, with prints of what was asked for and of what is to be there afterwards."""

    kept: dict[str, Any]
    arguments_hash: str
    content_hash: str


def asked_for(effect: Effect, request: RawRequest) -> Asked:
    """Return what a script asks for. Headers count for the repetition of a run, not for what is to be there.

    :raises PermanentError: if the document is not GraphQL
    """
    if request.document:
        parsed(request.document)
    body = without_marks(body_of(request))
    message = Message(method_of(request), request.path, dict(request.query), {}, body, request.document)
    headers = without_marks(dict(request.headers))
    content = [message.method, message.path, message.query, message.body, message.document, kind_of_body(request)]
    kept = replace(message, headers=headers).kept()
    kept |= {"read_back": list(request.read_back)} if request.read_back else {}
    kept |= {"repeatable": True} if is_repeatable(effect, request) else {}
    return Asked(storable(kept), print_of([content, headers]), print_of(content))


def method_of(request: RawRequest) -> str:
    return "POST" if request.document else request.method.upper()


def body_of(request: RawRequest) -> Any:
    """Return what is sent: variables of a document, else JSON, form fields or a text."""
    if request.document:
        return dict(request.variables)
    if request.form is not None:
        return dict(request.form)
    return request.json if request.text is None else request.text


def kind_of_body(request: RawRequest) -> str:
    return "form" if request.form is not None else "text" if request.text is not None else "json"


def key_header(effect: Effect) -> str:
    """Return the header that carries the key of scripts' writes to this connection; empty if none does."""
    return str(effect.connection.setting("script_key_header", "") or "")


def is_repeatable(effect: Effect, request: RawRequest) -> bool:
    """Whether sending it twice does no harm: the key tells a repetition, or the method replaces or removes."""
    return bool(key_header(effect)) or (method_of(request) in REPEATABLE and not request.document)


def without_marks(value: Any) -> Any:
    """Return a JSON value with placeholders of secrets reduced to their names."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(r"⟦secret:\1⟧", value)
    if isinstance(value, Mapping):
        return {str(name): without_marks(each) for name, each in value.items()}
    return [without_marks(each) for each in value] if isinstance(value, list | tuple) else value


def print_of(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def effect_of(effect: Effect) -> str:
    """Name the effect: the same for every run, and for no other one, in any installation."""
    connection = effect.connection
    account = ("raw", connection.pk, connection.created_at.isoformat(), effect.record_key)
    made_of = (*account, effect.source_type, effect.source_id, effect.name)
    return hashlib.sha256("\x1f".join(map(str, made_of)).encode()).hexdigest()[:32]
