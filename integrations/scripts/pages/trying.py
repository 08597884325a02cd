"""Trying a text: is it readable, and what would it do with an event that came in. Answers in JSON, for the editor."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.translation import gettext as _

from integrations.core import clock
from integrations.core.errors import FieldportError
from integrations.events.models import Event
from integrations.scripts import services, trial
from integrations.scripts.models import Script, ScriptVersion
from integrations.scripts.pages.access import script_to_change
from integrations.scripts.sandbox import SandboxUnavailable
from integrations.scripts.trial import Trial

Json = dict[str, Any]


class NoSuchEvent(Exception):
    """The chosen event is not kept any more."""


@dataclass(frozen=True)
class Tried:
    """A dry run; `version` is the saved one with this very text, if there is one."""

    trial: Trial
    version: ScriptVersion | None

    @property
    def may_publish(self) -> bool:
        return self.trial.good and self.version is not None


def check(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Answer `{"problems": […]}` of the posted source."""
    script_to_change(owner, request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        return JsonResponse({"problems": trial.problems_of(source_of(request))})
    except SandboxUnavailable as error:
        return _refused(str(error), status=503)


def dry_run(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what the posted source would do with the chosen event."""
    script = script_to_change(owner, request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        return JsonResponse(shown(tried(script, request)))
    except NoSuchEvent as error:
        return _refused(str(error), status=404)
    except FieldportError as error:
        return _refused(str(error), status=503)


def _refused(sentence: str, *, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def source_of(request: HttpRequest) -> str:
    """Return the posted text with the line ends of the editor."""
    return request.POST.get("source", "").replace("\r\n", "\n").replace("\r", "\n")


def tried(script: Script, request: HttpRequest) -> Tried:
    """Run the posted text; a saved version of it is tested by that. :raises NoSuchEvent: :raises FieldportError:"""
    source = source_of(request)
    done = trial.dry_run(
        script, source, event=event_of(script, request), recorded=request.POST.get("reads") == "recorded"
    )
    version = saved(script, source)
    if done.good and version is not None:
        services.note_tested(version, now=clock.now())
    return Tried(done, version)


def saved(script: Script, source: str) -> ScriptVersion | None:
    """Return the newest version with this very text."""
    return script.versions.filter(source=source).order_by("-number").first()


def event_of(script: Script, request: HttpRequest) -> Event | None:
    """Return the chosen event; None: as the schedule does. :raises NoSuchEvent:"""
    number = request.POST.get("event", "")
    if not number:
        return None
    event = Event.objects.filter(workspace=script.workspace_id, pk=int(number)).first() if number.isdecimal() else None
    if event is None:
        raise NoSuchEvent(_("This event is not kept any more; choose another one."))
    return event


def shown(done: Tried) -> Json:
    """Return a dry run as the editor shows it; docs/script-editor.md has the shape."""
    tried = done.trial
    note = [tried.note]
    if tried.good and done.version is None:
        note.append(_("Save this text, then try it again, to publish it."))
    return {
        "ending": tried.ending.lower(),
        "note": " ".join(filter(None, note)),
        "result": tried.result,
        "duration_ms": round(tried.seconds * 1000),
        "may_publish": done.may_publish,
        "logs": tried.logs,
        "writes": [_write(each) for each in tried.writes],
        "calls": [_call(each) for each in tried.calls if not each["writes"]],
        "problems": [*tried.problems, *_thrown(tried)],
    }


def _write(write: Json) -> Json:
    """Return a write with what it is called by first."""
    kept = {name: value for name, value in write.items() if name != "path"}
    return {**kept, "url": write.get("path") or write.get("url", "")}


def _call(call: Json) -> Json:
    """Return a look-up: what was asked and what came."""
    kept = {name: call[name] for name in ("kind", "status", "request", "note") if call[name]}
    kept |= {"headers": headers} if (headers := call["details"].get("headers")) else {}
    return {**kept, "summary": call["title"], "ms": round(call["milliseconds"]), "answer": _parsed(call["answer"])}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _thrown(tried: Trial) -> list[Json]:
    """Return where the error was thrown that the script did not catch."""
    error = tried.error or {}
    if not error.get("line"):
        return []
    return [
        {"line": error["line"], "column": error.get("column") or 0, "message": f"{error['name']}: {error['message']}"}
    ]
