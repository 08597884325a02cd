"""Any model behind HTTP: a request that the task group writes, verdicts by JMESPath over the answer.

`{"path": "/predict", "send": "json", "json": {"image": "{photo.base64}"}, "max_side": 1600,
  "outcomes": {"seal_present": "predictions[?label=='seal'] | length(@) > `0`"}, "messages": "problems"}`
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import requests

from integrations.camera.engines import seeing, settings
from integrations.camera.engines.checks import SettingsRefused
from integrations.camera.engines.contract import (
    ERROR,
    WARNING,
    EngineFailed,
    GroupFacts,
    Message,
    Outcome,
    Picture,
    Report,
    Value,
    Verdict,
)
from integrations.camera.engines.filling import NotFound, applied, check, compiled, filled, filled_path
from integrations.camera.protocol.messages import TemplateRefused, check_code
from integrations.core.http import Options as Sending
from integrations.core.http import OutboundClient

METHODS = ("POST", "PUT")
JSON, FORM, RAW = "json", "form", "raw"
MOST_MESSAGES = 20
LONGEST_TEXT = 200
LEAST_SIDE, MOST_SIDE = 64, 4096
QUALITY = 90
_KNOWN = (
    "method", "path", "send", "json", "fields", "file_field", "headers", "max_side",
    "outcomes", "regions", "messages", "review", "external_id",
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """How to ask, and where in the answer things are. `max_side`: 0 sends the photo as it is."""

    method: str
    path: str
    send: str
    json: Any
    fields: Mapping[str, str]
    file_field: str
    headers: Mapping[str, str]
    max_side: int
    outcomes: Mapping[str, str]
    regions: Mapping[str, str]
    messages: str
    review: str
    external_id: str


@dataclass(frozen=True)
class Http:
    """Asks the model. The client is the connection's: credentials, limits, address guard, lease."""

    client: OutboundClient

    def analyse(self, photo: Picture, group: GroupFacts, *, report: Report) -> Verdict:
        """:raises EngineFailed: for wrong settings and unusable answers :raises TransientError: if it may pass"""
        seeing.must_be_picture(photo)
        try:
            options = read_options(group)
            report("asking the model")
            answer = self._answer(photo, group, options)
            return _verdict(answer, group, options)
        except SettingsRefused as error:
            raise settings.unusable(group, error) from error
        except NotFound as error:
            raise EngineFailed(f"The model's answer does not fit the task group {group.name!r}. {error}") from error

    def _answer(self, photo: Picture, group: GroupFacts, options: Options) -> Any:
        content = _sized(photo, options)
        values = _values(photo, group, content if options.send == JSON else b"")
        path, sending = filled_path(options.path, values), _sending(content, photo, options, values)
        sending["effect"] = False  # to judge a photo changes nothing over there: it may be asked again
        response = self.client.request(options.method, path, **sending)
        return _json(response)


def read_options(group: GroupFacts) -> Options:
    """Read the engine's settings. :raises SettingsRefused:"""
    given = group.settings
    settings.known_only(given, *_KNOWN)
    options = Options(
        method=settings.one_of(given, "method", *METHODS),
        path=_text(given, "path"),
        send=settings.one_of(given, "send", JSON, FORM, RAW),
        json=given.get("json", {"image": "{photo.base64}"}),
        fields=settings.texts(given, "fields"),
        file_field=_text(given, "file_field") or "file",
        headers=settings.texts(given, "headers"),
        max_side=int(settings.number(given, "max_side", default=0, most=MOST_SIDE)),
        outcomes=settings.texts(given, "outcomes"),
        regions=settings.texts(given, "regions"),
        messages=_text(given, "messages"),
        review=_text(given, "review"),
        external_id=_text(given, "external_id"),
    )
    _check(group, options)
    return options


def _check(group: GroupFacts, options: Options) -> None:
    settings.tasks_exist(group, options.outcomes, setting="outcomes")
    settings.tasks_exist(group, options.regions, setting="regions")
    if 0 < options.max_side < LEAST_SIDE:
        raise SettingsRefused(f"The setting 'max_side' is 0 or from {LEAST_SIDE} to {MOST_SIDE}.")
    check([options.path, options.json, dict(options.fields), dict(options.headers)])
    single = (options.messages, options.review, options.external_id)
    for expression in (*options.outcomes.values(), *options.regions.values(), *filter(None, single)):
        compiled(expression)


def _text(given: Mapping[str, Any], name: str) -> str:
    text = given.get(name, "")
    if not isinstance(text, str):
        raise SettingsRefused(f"The setting {name!r} is a text.")
    return text


def _sized(photo: Picture, options: Options) -> bytes:
    """Return the photo, or a smaller JPEG of it: most models look at no more than 1,600 pixels."""
    if not options.max_side or max(photo.width, photo.height) <= options.max_side:
        return photo.content
    out = BytesIO()
    seeing.colour(photo.content, side=options.max_side).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _values(photo: Picture, group: GroupFacts, content: bytes) -> dict[str, Any]:
    """Return what placeholders may name."""
    return {
        "photo": {
            "uuid": photo.uuid,
            "base64": base64.b64encode(content).decode(),
            "link": photo.link,
            "sha256": photo.sha256,
            "metadata": dict(photo.metadata),
        },
        "group": {"uuid": group.uuid, "name": group.name},
        "order": {"uuid": photo.order.uuid, "name": photo.order.name, "metadata": dict(photo.order.metadata)},
        "tasks": [{"name": each.name, "type": each.outcome_type, "uuid": each.uuid} for each in group.tasks],
    }


def _sending(content: bytes, photo: Picture, options: Options, values: Mapping[str, Any]) -> Sending:
    headers = {name: str(text) for name, text in filled(dict(options.headers), values).items()}
    kind = photo.content_type if content is photo.content else "image/jpeg"
    if options.send == JSON:
        return {"headers": headers, "json": filled(options.json, values)}
    if options.send == RAW:
        return {"headers": {"Content-Type": kind, **headers}, "data": content}
    fields = {name: str(text) for name, text in filled(dict(options.fields), values).items()}
    return {"headers": headers, "data": fields, "files": {options.file_field: ("photo", content, kind)}}


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise EngineFailed("The model did not answer with JSON.") from None


def _verdict(answer: Any, group: GroupFacts, options: Options) -> Verdict:
    outcomes = tuple(_outcome(task.name, answer, options) for task in group.tasks)
    external_id = applied(options.external_id, answer) if options.external_id else ""
    return Verdict(
        outcomes=outcomes,
        messages=tuple(_messages(answer, options)),
        review=bool(options.review and applied(options.review, answer) is True),
        external_id=str(external_id if external_id is not None else ""),
    )


def _outcome(task: str, answer: Any, options: Options) -> Outcome:
    found = applied(options.outcomes[task], answer) if task in options.outcomes else None
    regions = applied(options.regions[task], answer) if task in options.regions else []
    return Outcome(task, _scalar(task, found), regions if isinstance(regions, list) else [regions])


def _scalar(task: str, found: Any) -> Value:
    if found is None or isinstance(found, bool | str | int | float):
        return found
    raise NotFound(f"For the task {task!r} it gave a list or an object, and not one value.")


def _messages(answer: Any, options: Options) -> list[Message]:
    found = applied(options.messages, answer) if options.messages else None
    if found is not None and not isinstance(found, list):
        raise NotFound(f"“{options.messages:.200}” gave no list of messages.")
    return [_message(each) for each in (found or [])[:MOST_MESSAGES]]


def _message(raw: Any) -> Message:
    """Read {severity, code, message}. Commas and `::` give way: field apps split there."""
    given = raw if isinstance(raw, Mapping) else {}
    severity, text = str(given.get("severity", "")).lower(), str(given.get("message") or "").strip()
    if severity not in (ERROR, WARNING) or not text:
        raise NotFound('A message is {"severity": "error" or "warning", "code": "…", "message": "…"}.')
    try:
        code = check_code(str(given.get("code", "")))
    except TemplateRefused as error:
        raise NotFound(str(error)) from None
    return Message(severity, code, text.replace(",", ";").replace("::", ":")[:LONGEST_TEXT])
