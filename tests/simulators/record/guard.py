"""What stands before every handler of the system of record: credentials, Idempotency-Key, typed refusals."""

import hashlib
from collections.abc import Callable

from tests.simulators.asking import Ask, Told
from tests.simulators.record.orders import Refused
from tests.simulators.record.state import KeptReply, RecordState

Handler = Callable[[Ask], Told]


def guarded(state: RecordState, handler: Handler) -> Handler:
    def handle(ask: Ask) -> Told:
        if not state.credentials.accept(ask.headers, ask.query):
            challenge = (("www-authenticate", 'Bearer error="invalid_token"'),)
            return Told(401, {"error": {"code": "unauthorized", "message": "credentials refused"}}, challenge)
        try:
            return _once(state, handler, ask)
        except Refused as refusal:
            return Told(refusal.status, {"error": refusal.as_dict()})
        except ValueError as error:
            return Told(400, {"error": {"code": "bad_request", "message": str(error)}})

    return handle


def _once(state: RecordState, handler: Handler, ask: Ask) -> Told:
    """Run the handler, or repeat the answer that its Idempotency-Key was given before."""
    key = ask.headers.get("idempotency-key", "")
    if not key or not state.idempotency_keys or ask.scope["method"] == "GET":
        return handler(ask)
    fingerprint = f"{ask.scope['method']} {ask.scope['path']} {hashlib.sha256(ask.body).hexdigest()}"
    with state.orders.lock:
        kept = state.replies.get(key)
        if kept is None:
            told = handler(ask)
            state.replies[key] = KeptReply(fingerprint, told.status, told.content)
            return told
    if kept.fingerprint != fingerprint:
        raise Refused(422, "idempotency_key_reused", "this Idempotency-Key came with another request")
    return Told(kept.status, kept.content, (("idempotent-replayed", "true"),))
