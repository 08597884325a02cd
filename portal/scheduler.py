"""The scheduler and the program that follows recognition platforms, as one process: `python -m portal.scheduler`.

For one machine: a process of its own takes 115 MB and seconds of CPU at each start, and mostly has nothing to follow.
"""

import logging
import os
import signal
from collections.abc import Callable
from threading import Thread

import django
from django.db import connections

from portal.celery import app

logger = logging.getLogger(__name__)


def main() -> None:
    django.setup()
    from integrations.platforms.omni.runner import STOP_SECONDS, Runner

    runner = Runner()
    follower = Thread(target=_follow, args=[runner.run], name="omni", daemon=True)
    follower.start()
    try:
        app.Beat(loglevel="WARNING", quiet=True).run()  # ends by SystemExit, at a signal
    finally:
        runner.stop()
        follower.join(timeout=STOP_SECONDS)


def _follow(run: Callable[[], None]) -> None:
    """Follow until told to stop; what nobody foresaw ends the process, and its supervisor starts it again."""
    try:
        run()
    except Exception:
        logger.exception("the recognition platforms are not followed")
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        connections.close_all()


if __name__ == "__main__":
    main()
