"""One request to a system of record and its answer, REST or GraphQL."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.filepost import encode_multipart_formdata

from integrations.connections.client import ConnectionClient
from integrations.core import graphql, safe_json
from integrations.core.answers import redacted, sent_secrets
from integrations.core.errors import AnswerTooLarge, FieldportError, PermanentError, TransientError, Unsure
from integrations.core.http import Options
from integrations.sync.expressions import holds
from integrations.sync.messages import Answer, Message
from integrations.sync.models import Operation
from integrations.sync.templates import as_text

_BUSY_CODES = frozenset({"THROTTLED", "RATE_LIMITED", "TOO_MANY_REQUESTS", "SERVICE_UNAVAILABLE"})


def send(
    client: ConnectionClient, message: Message, *, effect: bool, boundary: str = "", whole: bool = False
) -> Answer:
    """Send a message and read its answer. `whole`: with all of its text, credentials masked.

    `boundary` separates the parts of a file's request: the same for each try, so that a repetition is the same bytes.

    :raises TransientError: :raises PermanentError: :raises Captured: as core.http does
    """
    if message.document:
        return _ask_graphql(client, message, effect=effect)
    try:
        response = client.request(message.method, message.path, **_options(message, boundary, effect))
    except AnswerTooLarge as error:
        if effect and (error.status or 0) >= 500:
            raise Unsure(str(error), status=error.status) from error
        if not 200 <= (error.status or 0) < 300:
            raise
        return Answer(status=error.status or 0, text=str(error))
    headers = {name.lower(): value for name, value in response.headers.items()}
    if whole:
        text = client.without_secrets(response.content.decode("utf-8", "replace"))
    else:
        text = _start(response, message.query) if effect else ""
    return Answer(response.status_code, headers, as_json(response.content), text)


def refusal(error: FieldportError) -> Answer:
    """Return the answer that an error came from, as far as there was one."""
    return Answer(error.status or 0, dict(error.headers), as_json(error.content), error.body_start)


def send_for(
    operation: Operation, client: ConnectionClient, message: Message, *, effect: bool, boundary: str = ""
) -> Answer:
    """Send a message of an operation. What its condition “try again” holds for was not carried out and will pass.

    :raises TransientError: :raises PermanentError: :raises Captured: :raises ExpressionError:
    """
    try:
        answer = send(client, message, effect=effect, boundary=boundary)
    except (PermanentError, Unsure) as error:
        _raise_if_busy(operation, refusal(error), error)
        raise
    _raise_if_busy(operation, answer, None)
    return answer


def _raise_if_busy(operation: Operation, answer: Answer, cause: FieldportError | None) -> None:
    """Row locks, concurrent calls and quotas come as 400, 403 or 409 from systems that mean: later."""
    if not operation.try_again or not answer.status or not holds(operation.try_again, answer.as_context()):
        return
    note = f"Answered {answer.status}, which the mapping “{operation}” takes for busy. It will be tried again."
    raise TransientError(note, status=answer.status, body_start=answer.text) from cause


def as_json(content: bytes) -> Any:
    """Read JSON; None where it is none, or not one that we read (too deep, not finite)."""
    try:
        return safe_json.parse(content)
    except safe_json.UnreadableJSON:
        return None


def _options(message: Message, boundary: str, effect: bool) -> Options:
    options = Options(params=message.query, headers=message.headers, effect=effect)
    if message.file is None:
        if message.body is not None:
            options["json"] = message.body
        return options
    file = message.file
    if not message.file_field:
        return options | Options(data=file.data, headers={"Content-Type": file.content_type, **message.headers})
    body = message.body if isinstance(message.body, dict) else {}
    parts: dict[str, Any] = {name: as_text(value) for name, value in body.items() if value is not None}
    parts[message.file_field] = (file.name, file.data, file.content_type)
    data, content_type = encode_multipart_formdata(parts, boundary=boundary or file.sha256)
    return options | Options(data=data, headers={**message.headers, "Content-Type": content_type})


def _start(response: requests.Response, query: Mapping[str, Any]) -> str:
    sent = response.request
    secrets = sent_secrets(sent, plain=_plain_request(response, query) if "?" in (sent.url or "") else sent)
    return redacted(response.content[:4000].decode("utf-8", "replace").replace("\x00", "\ufffd"), secrets)


def _plain_request(response: requests.Response, query: Mapping[str, Any]) -> requests.PreparedRequest:
    """Return the request as it was before credentials were added to its query."""
    plain = requests.PreparedRequest()
    plain.prepare_url(urlsplit(response.request.url or "")._replace(query="").geturl(), dict(query))
    return plain


def _ask_graphql(client: ConnectionClient, message: Message, *, effect: bool) -> Answer:
    variables = message.body if isinstance(message.body, dict) else {}
    path = message.path or client.connection.setting("graphql_path", "/graphql")
    reply = graphql.execute(
        client, path, message.document, variables, effect=effect, headers=message.headers, params=message.query
    )
    body = {"data": reply.data, "errors": reply.errors}
    codes = {str((error.get("extensions") or {}).get("code", "")).upper() for error in reply.errors}
    text = redacted(json.dumps(reply.errors or reply.data, ensure_ascii=False), ())
    if codes & _BUSY_CODES:
        raise TransientError("The system is busy; it will be tried again.", body_start=text)
    return Answer(200, dict(reply.headers), body, text)
