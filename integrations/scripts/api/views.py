"""Scripts and their runs over HTTP: read, tried again, replayed, and run by hand."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.connections.api.views import ApiView, Conflict, DetailView, ListView
from integrations.connections.idempotency import idempotent
from integrations.core import clock
from integrations.scripts import services
from integrations.scripts.api import visible
from integrations.scripts.api.filters import RunFilter, ScriptFilter
from integrations.scripts.api.serializers import RunAnswer, RunInput, RunRow, ScriptAnswer, ScriptRow
from integrations.scripts.models import Script, ScriptRun


def _refuse_unrunnable(script: Script, *, published: bool) -> None:
    """Refuse at once what the worker would skip later. :raises Conflict:"""
    if not script.enabled:
        raise Conflict("The script is switched off; switch it on first.", code="script_switched_off")
    if published and script.active_version_id is None:
        raise Conflict("No version of the script is published; publish one first.", code="not_published")


def _accepted(run: ScriptRun) -> Response:
    return Response(RunRow(run).data, status=status.HTTP_202_ACCEPTED)


class _Runs(ApiView):
    scope = "runs:read"
    tag = "Runs of scripts"
    serializer_class: type[RunRow] = RunRow

    def rows(self, workspace_id: int) -> QuerySet[ScriptRun]:
        return visible.runs(workspace_id)


@extend_schema_view(get=extend_schema(operation_id="list_runs", summary="List runs of scripts"))
class RunList(_Runs, ListView):
    filterset_class = RunFilter
    orderings = ("-id", "id", "created_at", "-created_at")


@extend_schema_view(
    get=extend_schema(
        operation_id="get_run",
        summary="Read a run, with its log, calls, writes and result",
        description="Its input too, for a token with the scope `bodies:read`.",
    )
)
class RunDetail(_Runs, DetailView):
    serializer_class = RunAnswer

    def rows(self, workspace_id: int) -> QuerySet[ScriptRun]:
        return super().rows(workspace_id).only(*visible.OF_RUN, *visible.WITH_ONE, *visible.OF_OTHERS)


class _Again(_Runs):
    scope = "runs:write"

    def again(self, ask: Callable[..., int], *, refusal: Conflict, keeps_version: bool = False) -> Response:
        """Let a run go again. :raises Conflict:"""
        run: ScriptRun = self.get_object()
        script = Script.objects.only("enabled", "active_version").get(pk=run.script_id)
        _refuse_unrunnable(script, published=not (keeps_version and run.version_id))
        if not ask(ScriptRun.objects.filter(pk=run.pk), by=self.caller, now=clock.now()):
            raise refusal
        return _accepted(self.get_object())


class Retry(_Again):
    @extend_schema(
        operation_id="retry_run",
        summary="Try a failed run again, with the version and the input that it had",
        description="One that waits, was done or skipped: 409. What it wrote is not written twice.",
        request=None,
        responses={202: RunRow},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        said = "It waits, was done or skipped; only a failed run is tried again. One that has ended can be replayed."
        return self.again(services.retry, refusal=Conflict(said, code="not_retryable"), keeps_version=True)


class Replay(_Again):
    @extend_schema(
        operation_id="replay_run",
        summary="Run again, with the published version and the facts as they are now",
        description="One that has not ended: 409. What it wrote is not written twice.",
        request=None,
        responses={202: RunRow},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        refusal = Conflict("It has not ended; wait for its outcome.", code="not_ended")
        return self.again(services.replay, refusal=refusal)


class _Scripts(ApiView):
    scope = "scripts:read"
    tag = "Scripts"
    serializer_class: type[ScriptRow] = ScriptRow

    def rows(self, workspace_id: int) -> QuerySet[Script]:
        return visible.scripts(workspace_id)

    def get_object(self) -> Script:
        """Return the script that the address names by `slug`. :raises NotFound:"""
        found: Script | None = self.get_queryset().filter(slug=self.kwargs["slug"]).first()
        if found is None:
            raise NotFound(self.not_found)
        return found


@extend_schema_view(get=extend_schema(operation_id="list_scripts", summary="List scripts"))
class ScriptList(_Scripts, ListView):
    filterset_class = ScriptFilter
    orderings = ("-id", "id", "slug", "-slug")


@extend_schema_view(
    get=extend_schema(operation_id="get_script", summary="Read a script, with the text of its published version")
)
class ScriptDetail(_Scripts, DetailView):
    serializer_class = ScriptAnswer

    def rows(self, workspace_id: int) -> QuerySet[Script]:
        return super().rows(workspace_id).only(*visible.OF_SCRIPT, "active_version__number", "active_version__source")


class Run(_Scripts):
    scope = "runs:write"

    @extend_schema(
        operation_id="run_script",
        summary="Run the published version now",
        description="On a source of the workspace, or on none. One that is switched off, or has no version: 409.",
        request=RunInput,
        responses={202: RunRow},
        examples=[
            OpenApiExample("on a work order", {"source_type": "workorder", "source_id": "7"}, request_only=True),
            OpenApiExample("on nothing", {}, request_only=True),
        ],
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        asked = RunInput(data=request.data)
        asked.is_valid(raise_exception=True)
        script = self.get_object()
        _refuse_unrunnable(script, published=True)
        run = self._start(script, **asked.validated_data)
        return _accepted(visible.runs(self.workspace_id).get(pk=run.pk))

    def _start(self, script: Script, **source: Any) -> ScriptRun:
        """:raises ValidationError:"""
        refusal = ValidationError({"source_id": ["There is no such source in the token's workspace."]})
        if source and not visible.has_source(**source, workspace_id=self.workspace_id):
            raise refusal
        try:
            return services.run_by_hand(script, by=self.caller, now=clock.now(), **source)
        except (ObjectDoesNotExist, LookupError):
            raise refusal from None
