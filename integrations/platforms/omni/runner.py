"""The program that follows every OMNI Platform: a thread for each connection that this one holds the lease of."""

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID, uuid4

from django.db import DatabaseError, close_old_connections, connection

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.work import LeaseLost, lease
from integrations.platforms.omni import leases
from integrations.platforms.omni.following import Follower
from integrations.platforms.omni.models import Subscription
from integrations.platforms.omni.options import SLUG
from integrations.schedules.jobs import beat

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
WAIT_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
STOP_SECONDS = 8.0


class Runner:
    """Looks for subscriptions that nobody follows, and follows them until it is told to stop."""

    def __init__(self) -> None:
        self._token = uuid4()
        self._stopping = threading.Event()
        self._threads: dict[int, threading.Thread] = {}

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except DatabaseError as error:
                logger.warning("the database does not answer: %s", type(error).__name__)
            close_old_connections()
            self._stopping.wait(LOOK_SECONDS)
        ends = time.monotonic() + STOP_SECONDS
        for thread in self._threads.values():
            thread.join(timeout=max(ends - time.monotonic(), 0))

    def look(self) -> None:
        """Take up what is free."""
        beat("omni")
        ensure_rows()
        self._threads = {pk: thread for pk, thread in self._threads.items() if thread.is_alive()}
        for pk in Subscription.objects.values_list("pk", flat=True):
            if pk not in self._threads and leases.take(pk, token=self._token, now=clock.now()):
                thread = threading.Thread(target=self._follow, args=[pk], name=f"omni-{pk}", daemon=True)
                self._threads[pk] = thread
                thread.start()

    def _follow(self, pk: int) -> None:
        """Follow until the lease is lost, the connection is gone, or the runner stops."""
        try:
            follow(pk, token=self._token, stopping=self._stopping)
        except LeaseLost:
            logger.warning("omni %s: the lease was lost, another runner goes on", pk)
        except (Subscription.DoesNotExist, Connection.DoesNotExist):
            logger.info("omni %s: the connection is gone", pk)
        except DatabaseError as error:
            logger.warning("omni %s: the database does not answer: %s", pk, type(error).__name__)
            self._stopping.wait(PATIENCE_SECONDS)
        except Exception:  # the edge of a job: this connection must be followed again, and the others on
            logger.exception("omni %s: following failed", pk)
            self._stopping.wait(PATIENCE_SECONDS)
        finally:
            connection.close()


def follow(pk: int, *, token: UUID, stopping: threading.Event) -> None:
    """Follow one subscription whose lease `token` holds. :raises LeaseLost: when another holds it"""
    renew = _renewal(pk, token=token)
    follower = Follower(Subscription.objects.select_related("connection").get(pk=pk), renew=renew)
    try:
        while not stopping.is_set():
            renew()
            if not follower.step(now=clock.now(), seconds=WAIT_SECONDS):
                stopping.wait(WAIT_SECONDS)
    finally:
        follower.close()
    leases.release(pk, token=token)


def _renewal(pk: int, *, token: UUID) -> Callable[[], None]:
    """Return what renews the lease once a third of it is over."""
    renewed_at = time.monotonic()

    def renew() -> None:
        nonlocal renewed_at
        if time.monotonic() - renewed_at < lease().total_seconds() / 3:
            return
        before = time.monotonic()
        if not leases.renew(pk, token=token, now=clock.now()):
            raise LeaseLost
        renewed_at = before

    return renew


def ensure_rows() -> None:
    """Make a subscription for each connection that has none yet."""
    missing = Connection.objects.filter(platform=SLUG, omni_subscription__isnull=True)
    rows = [Subscription(connection=each) for each in missing]
    Subscription.objects.bulk_create(rows, ignore_conflicts=True)
