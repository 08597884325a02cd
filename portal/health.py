"""Is it alive, is it ready: `/healthz` and `/readyz`."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypedDict

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from integrations.core import clock, heif
from integrations.core.registries import Health, healths
from integrations.schedules.models import Heartbeat
from integrations.scripts import guard

SILENT_AFTER = timedelta(seconds=30)


class State(TypedDict):
    state: str
    note: str


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer as long as the web process does; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 only when database, broker, worker, scheduler and what the apps registered all work."""
    parts = {name: check() for name, check in CHECKS.items()}
    parts |= {name: _said(check) for name, check in healths().items()}
    ready = all(part["state"] == "ok" for part in parts.values())
    return JsonResponse({"ready": ready} | parts, status=200 if ready else 503)


def _database() -> State:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return State(state="down", note=type(error).__name__)
    return State(state="ok", note=connection.vendor)


def _broker() -> State:
    timeouts = {"socket_connect_timeout": 1.0, "socket_timeout": 1.0}
    try:
        with Redis.from_url(settings.CELERY_BROKER_URL, **timeouts) as broker:
            broker.ping()
    except RedisError as error:
        return State(state="down", note=type(error).__name__)
    return State(state="ok", note="")


def _process(name: str) -> State:
    try:
        beat = Heartbeat.objects.filter(name=name).first()
        now = clock.now()
    except DatabaseError:
        return State(state="unknown", note="the database does not answer")
    if beat is None:
        return State(state="down", note="never seen")
    silent = now - beat.seen_at
    note = f"seen {max(0, int(silent.total_seconds()))} s ago"
    return State(state="ok" if silent < SILENT_AFTER else "down", note=note)


def _said(check: Health) -> State:
    problem = check()
    return State(state="down" if problem else "ok", note=problem)


def _scripts() -> State:
    """How strong the jail of scripts is in this process; the workers of one machine are as strong."""
    level, problem = guard.state()
    return State(state="down" if problem else "ok", note=problem or f"jail: {level}")


def _heic() -> State:
    """How strong the jail of the decoder of HEIC photos is on this machine."""
    problem = heif.weakness()
    return State(state="down" if problem else "ok", note=problem or f"jail: {heif.level()}")


CHECKS: dict[str, Callable[[], State]] = {
    "database": _database,
    "broker": _broker,
    "worker": lambda: _process("worker"),
    "scheduler": lambda: _process("scheduler"),
    "scripts": _scripts,
    "heic": _heic,
}
