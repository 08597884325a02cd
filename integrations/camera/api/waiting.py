"""Waiting for a verdict: the call is synchronous, the work is a row that a worker does (4.6)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework import status
from rest_framework.exceptions import APIException

from integrations.camera.models import Analysis, AnalysisState, Input

# The vendor's own client gives up after 40 s (4.1).
SECONDS = 35.0
PAUSES = (0.05, 0.1, 0.2, 0.4)
# Each holds a thread and a session of the database.
MOST = 16
_places = threading.BoundedSemaphore(MOST)


class Busy(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = f"{MOST} analyses are being waited for at the moment. Send the photo again in a few seconds."
    wait = 5  # becomes Retry-After


class StillRunning(APIException):
    status_code = status.HTTP_504_GATEWAY_TIMEOUT


class Failed(APIException):
    status_code = status.HTTP_502_BAD_GATEWAY


@contextmanager
def place() -> Iterator[None]:
    """Hold one of the places to wait in. :raises Busy: before anything was kept"""
    if not _places.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _places.release()


def until_judged(photo: Input) -> Analysis:
    """Return the photo's analysis when it has ended, or waits for a person.

    :raises StillRunning: after 35 s; the analysis goes on :raises Failed: if the engine could not judge it
    """
    ends, rows = time.monotonic() + SECONDS, Analysis.objects.filter(input=photo).order_by("-pk")
    for number in range(10_000):
        found = rows.first()
        if found is not None and found.state != AnalysisState.RUNNING:
            break
        if time.monotonic() > ends:
            raise StillRunning(
                f"The photo is kept as the input {photo.uuid} and its analysis goes on: read the work order later, "
                "and do not send the photo again."
            )
        pause(PAUSES[min(number, len(PAUSES) - 1)])
    if found is None or found.state == AnalysisState.FAILED:
        raise Failed(f"The photo is kept as the input {photo.uuid}, and could not be analysed.")
    return found


def pause(seconds: float) -> None:
    time.sleep(seconds)
