"""`ctx.http`, `ctx.connection(…)`, `ctx.scope` and `ctx.target`: requests of REST and GraphQL systems.

What only reads is asked each time; what may change something goes through the ledger of writes.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from integrations.connections.models import Connection
from integrations.core.errors import FieldportError
from integrations.core.graphql import execute, parsed
from integrations.core.http import SAFE_METHODS, Options
from integrations.scripts.hosting.asking import Asked, refused
from integrations.scripts.sandbox import HostError
from integrations.sync.scripted import RawRequest

if TYPE_CHECKING:
    from integrations.scripts.hosting.host import RunHost

METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
HIDDEN_HEADERS = frozenset({"set-cookie", "set-cookie2", "www-authenticate", "proxy-authenticate"})
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "cookie"})


def http(host: "RunHost", asked: Asked) -> dict[str, Any]:
    """Ask another system. :raises Refused: :raises FieldportError: as core.http does"""
    method = asked.text("method").upper() or "GET"
    if method not in METHODS:
        refused(f"ctx.http sends {', '.join(sorted(METHODS))}, not “{method[:20]}”.")
    connection, url = host.connection(asked.text("connection")), asked.text("url")
    request = _request(asked, method, url)
    if method not in SAFE_METHODS:
        return _write(host, asked, connection, request)
    with host.calling("http", f"{method} {_shown(url)}", _named(asked) | _kept(request)) as call:
        if host.recorded:
            text = host.recorded.look_up(call)
            return {"status": call.status, "headers": call.details.get("headers", {}), "text": text}
        response = host.client(connection).request(method, url, **_options(host, request, connection))
        headers = open_headers(host, response.headers)
        text = host.secrets.mask(response.content.decode("utf-8", "replace"))
        call.answered(response.status_code, text, headers)
    return {"status": response.status_code, "headers": headers, "text": text}


def graphql(host: "RunHost", asked: Asked) -> Any:
    """Send a GraphQL operation and return its data; a mutation is a write.

    :raises Refused: :raises HostError: with the errors, and the data that came beside them
    """
    connection, document = host.connection(asked.text("connection")), asked.text("document", most=100_000)
    variables, (_, is_mutation) = asked.mapping("variables"), parsed(document)
    if is_mutation:
        request = RawRequest(method="POST", document=document, variables=variables)
        return _data_of(_body_of(_write(host, asked, connection, request)))
    path = str(connection.setting("graphql_path", "/graphql"))
    _check_secrets(host, connection, path, variables)
    kept = _named(asked) | {"document": document, "variables": variables}
    with host.calling("graphql", _first_line(document), kept) as call:
        if host.recorded:
            return _data_of(host.recorded.json(call))
        reply = execute(host.client(connection), path, document, host.secrets.fill(variables), effect=False)
        body = host.secrets.mask({"data": reply.data, "errors": reply.errors})
        call.answered(200, json.dumps(body))
    return _data_of(body)


def _request(asked: Asked, method: str, url: str) -> RawRequest:
    headers = asked.texts("headers")
    if ours := sorted(name for name in headers if name.lower() in OURS):
        refused(f"The header {ours[0]} is set by Fieldport.")
    form = asked.texts("form") or None
    timeout = asked.number("timeoutMs")
    read_back = asked.mapping("readBack")
    return RawRequest(
        method=method,
        path=url,
        query=asked.texts("query"),
        headers=headers,
        json=asked.given("json"),
        form=form,
        text=asked.given("text") if isinstance(asked.given("text"), str) else None,
        timeout=timeout / 1000 if timeout else None,
        read_back=(str(read_back.get("path", "")), str(read_back.get("expect", ""))) if read_back else None,
    )


def _options(host: "RunHost", request: RawRequest, connection: Connection) -> Options:
    _check_secrets(host, connection, request.path, request.headers, request.json, request.query)
    fill = host.secrets.fill
    options = Options(params=request.query, headers=fill(dict(request.headers)), timeout=host.seconds(request.timeout))
    if request.json is not None:
        options["json"] = fill(request.json)
    return options


def _write(host: "RunHost", asked: Asked, connection: Connection, request: RawRequest) -> dict[str, Any]:
    if not _is_home(connection, request.path):
        refused("What may change something goes to a granted connection; make one for this host, and grant it.")
    title = f"{request.method} {_shown(request.path)}" if not request.document else _first_line(request.document)
    kind = "graphql" if request.document else "http"
    with host.calling(kind, title, _kept(request), writes=True) as call:
        try:
            reply = host.writer.raw(host, connection, request, key=asked.text("key", most=200))
        except FieldportError as error:
            call.write_id = getattr(error, "write_id", None)
            raise
        call.write_id = reply.write_id
        text, headers = host.secrets.mask(reply.text), open_headers(host, reply.headers)
        call.answered(reply.status, text, headers)
    facts = {"captured": reply.captured, "replayed": reply.replayed}
    return {"status": reply.status, "headers": headers, "text": text} | {name: True for name, on in facts.items() if on}


def _body_of(answer: dict[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(answer["text"] or "{}")
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"errors": [{"message": "The answer is not JSON."}]}


def _data_of(body: dict[str, Any]) -> Any:
    if errors := body.get("errors"):
        messages = "; ".join(str(each.get("message", each) if isinstance(each, dict) else each) for each in errors)
        raise HostError("GraphQLError", messages[:400], permanent=True, errors=errors, data=body.get("data"))
    return body.get("data")


def _check_secrets(host: "RunHost", connection: Connection, url: str, *values: Any) -> None:
    if host.secrets.used_in(url):
        refused("A secret may be used in headers and bodies, not in an address: addresses are logged on their way.")
    if not _is_home(connection, url) and any(map(host.secrets.used_in, values)):
        refused("A secret is sent to granted connections alone, not to other hosts.")


def _is_home(connection: Connection, url: str) -> bool:
    if "://" not in url:
        return True
    mine, theirs = urlsplit(connection.base_url), urlsplit(url)
    return bool(mine.netloc) and (mine.scheme, mine.netloc) == (theirs.scheme, theirs.netloc)


def _kept(request: RawRequest) -> dict[str, Any]:
    """Return what is shown of a request; secrets are placeholders in it."""
    parts = {
        "query": request.query,
        "headers": dict(request.headers),
        "json": request.json,
        "form": request.form,
        "text": request.text,
        "variables": request.variables,
    }
    return {name: value for name, value in parts.items() if value}


def _named(asked: Asked) -> dict[str, str]:
    """Return the name of the connection, where a script gives one, and a query that stands in its address."""
    name, url = asked.text("connection"), asked.text("url")
    return ({"connection": name} if name else {}) | ({"url": url} if "?" in url else {})


def open_headers(host: "RunHost", headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that a script may see, masked, with names in lower case."""
    named = {name.lower(): value for name, value in headers.items()}
    shown = {name: value for name, value in named.items() if name not in HIDDEN_HEADERS}
    masked: dict[str, str] = host.secrets.mask(shown)
    return masked


def _shown(url: str) -> str:
    return url.partition("?")[0][:250]


def _first_line(document: str) -> str:
    return " ".join(document.split())[:120]
