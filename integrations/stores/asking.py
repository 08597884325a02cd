"""What can be asked of a store: a load of news or of a period, stop, go on; and the loads that the clock asks for."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from integrations.core import clock
from integrations.core.asked import stop, take_turn
from integrations.core.errors import PermanentError
from integrations.core.wake import wake
from integrations.core.work import Claim
from integrations.stores.loading import TASK
from integrations.stores.models import DataStore, Mode, StoreLoad

__all__ = ["EVERY", "go_on", "start", "start_due", "stop"]

EVERY = timedelta(minutes=1)
# A row is stamped, and committed a moment later: so long a transaction may take.
SETTLING = timedelta(minutes=2)
BUSY = "A load into {name} is at work already; wait for it, or stop it."


def start(store: DataStore, *, by: str = "", mode: str = Mode.NEWS, **period: datetime | None) -> StoreLoad:
    """Ask for a load, and let a worker do it. :raises PermanentError: if one is at work"""
    until_row = clock.now() - SETTLING
    try:
        with transaction.atomic():
            load = StoreLoad.objects.create(store=store, mode=mode, asked_by=by, until_row=until_row, **period)
    except IntegrityError:
        raise PermanentError(BUSY.format(name=store.name)) from None
    wake(TASK)
    return load


def go_on(load: StoreLoad) -> None:
    """Continue one that ended before its time, where it stopped. :raises PermanentError: if another is at work"""
    try:
        with transaction.atomic():
            StoreLoad.objects.filter(pk=load.pk).rerun(now=clock.now(), stopped_by="")
    except IntegrityError:
        raise PermanentError(BUSY.format(name=load.store.name)) from None
    wake(TASK)


def start_due(claim: Claim) -> str:
    """Ask for the loads whose time has come; return of which stores."""
    now, said = clock.now(), []
    due = DataStore.objects.filter(enabled=True).exclude(cron="").filter(Q(next_at__lte=now) | Q(next_at=None))
    for store in due:
        if take_turn(store, now=now):
            said.append(_started(store))
    return " ".join(said) or "No load is due."


def _started(store: DataStore) -> str:
    try:
        start(store)
    except PermanentError as error:
        return str(error)
    return f"{store.name}."
