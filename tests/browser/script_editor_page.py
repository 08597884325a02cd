"""A page with a script on it, for tests of the editor alone: the real theme, the real policy, small answers."""

import threading
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path

from tests.browser.conftest import Visitor

SOURCE = """// Tells the job how far the session got.
async function run(ctx) {
  const s = ctx.session;
  if (!s) return ctx.skip("no session");
  const minutes = 42;
  await ctx.http.patch(`/jobs/${s.id}`, { json: { state: s.state, minutes } });
  return { target: s.id, again: /x+/.test(s.state), nothing: null };
}
"""
CHANGED = SOURCE.replace("42", "Math.round(1.5)").replace("  return {", '  ctx.log.info("sent");\n  return {')
CONTEXT = {
    "fields": [
        {"path": "session.steps_percent", "type": "number", "label": "Steps seen, in percent"},
        {"path": "order.number", "type": "text", "label": "Number"},
    ],
    "objects": [
        {"path": "session.percent", "type": "number"},
        {"path": "session.people.nodes[].name", "type": "text"},
    ],
    "open_paths": ["session.externalData"],
    "config": [{"path": "linkKey", "type": "text", "label": "Key of the link"}],
    "secrets": ["TOKEN"],
    "arguments": {"connection": ["erp", "crm"]},
}
OTHER_CONTEXT = {"objects": [{"path": "call.minutes", "type": "number", "label": "Length"}]}

TEMPLATE = """
{% extends "admin/base_site.html" %}{% load static %}
{% block extrahead %}{{ block.super }}<link rel="stylesheet" href="{% static "scripts/editor.css" %}">
{% if scripted %}<script src="{% static "scripts/editor.js" %}" type="module"></script>
<script src="{% static "scripts/page.js" %}" type="module"></script>{% endif %}{% endblock %}
{% block content_title %}<h1>Job progress</h1>{% endblock %}
{% block content %}
<div class="stack">
<form method="post" action="/script/save/" data-dry-run-url="/script/dry-run/" class="card">{% csrf_token %}
  <p><label for="id_event">Event</label> <select name="event" id="id_event">
    <option value="1" data-context="context-session">session.updated</option>
    <option value="2" data-context="context-call">call.finished</option></select></p>
  <p><label for="id_source">Source</label></p>
  <textarea name="source" id="id_source" rows="10" required data-script-editor data-check-url="/script/check/"
            data-context="context-session" data-context-select="id_event">{{ source }}</textarea>
  <p class="submit-row">
  <button class="button" name="_save" data-script-save>Save</button>
  <button class="button" name="_dry_run" data-script-run>Dry run</button>
  <button class="button" name="_publish" data-script-publish disabled aria-describedby="hint">Publish</button>
  <button type="button" class="button plain" data-script-insert="template">Insert the template</button></p>
  <p id="hint" class="quiet" data-script-publish-hint>Publishing needs a successful dry run of this text.</p>
</form>
<section class="card" data-script-results aria-labelledby="results"><h2 id="results">Result</h2>
  <p class="quiet">Nothing was tried yet.</p></section>
<section class="card"><h2>Kept</h2>
  <label for="kept">Version 3</label>
  <textarea id="kept" rows="4" readonly data-script-editor>{{ source }}</textarea></section>
<section class="card"><h2>Changes</h2>
<div data-script-diff data-left="left" data-right="right" data-left-label="Version 3" data-right-label="Version 4">
  <pre class="code" id="left">{{ source }}</pre><pre class="code" id="right">{{ changed }}</pre></div></section>
</div>
<pre id="template" hidden>async function run(ctx) {}</pre>
{{ context|json_script:"context-session" }}{{ other|json_script:"context-call" }}
{% endblock %}
"""


@dataclass
class Server:
    """What the page's server got, and how it answers."""

    runs: list[dict[str, str]] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    may_answer: threading.Event = field(default_factory=threading.Event)

    def forget(self) -> None:
        self.may_answer.set()  # lets a run of the test before end
        self.__dict__.update(Server().__dict__)


server = Server()


def assert_policy_kept(visitor: Visitor) -> None:
    assert [each for each in visitor.complaints if "Content Security Policy" in each] == []


def script(request: HttpRequest) -> HttpResponse:
    facts = {"source": SOURCE, "changed": CHANGED, "context": CONTEXT, "other": OTHER_CONTEXT}
    shown = {
        **admin.site.each_context(request),
        **facts,
        "scripted": "plain" not in request.GET,
        "title": "Job progress",
    }
    return HttpResponse(engines["django"].from_string(TEMPLATE).render(shown, request))


def check(request: HttpRequest) -> JsonResponse:
    """Answer as an engine would that knows one mistake: the word `boom`."""
    source = request.POST["source"]
    server.checked.append(source)
    found = [(number, line.index("boom")) for number, line in enumerate(source.splitlines(), 1) if "boom" in line]
    problems = [{"line": line, "column": at + 1, "message": "boom is not defined here"} for line, at in found]
    return JsonResponse({"problems": problems})


def dry_run(request: HttpRequest) -> JsonResponse:
    server.runs.append({name: str(request.POST[name]) for name in request.POST})
    server.may_answer.wait(timeout=20)  # a test may look at the page while the run is under way
    return JsonResponse(server.answer, status=server.status)


def save(request: HttpRequest) -> HttpResponse:
    server.saved.append(request.POST["source"])
    return HttpResponse("<!doctype html><html lang=en><title>Saved</title><h1>Saved</h1></html>")


urlpatterns = [
    path("script/", script),
    path("script/check/", check),
    path("script/dry-run/", dry_run),
    path("script/save/", save),
    path("", include("portal.urls")),
]
