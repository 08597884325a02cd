"""The Celery application. Tasks are found in each app's `tasks` module."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init, worker_ready

import portal.settings.environment  # noqa: F401  a .env file may name the settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.local")

app = Celery("fieldport")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_wrong_key(**_: Any) -> None:
    """End the process if its key does not open this database; Celery would swallow any other exception."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connections

    from integrations.connections.installation import check_start

    try:
        check_start()
    except ImproperlyConfigured as refusal:
        sys.exit(f"Refused to start: {refusal}")
    finally:
        connections.close_all()  # the pool's processes must not inherit it


@worker_ready.connect
def sweep_at_once(**_: Any) -> None:
    """Look for work that waited while no worker ran, rather than at the next tick."""
    app.send_task("schedules.tick", expires=30, retry=False)
