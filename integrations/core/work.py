"""The one life cycle of slow work: a row that is due, claimed under a lease, and ended by its holder.

`DUE → RUNNING → DONE | SKIPPED | FAILED`. A claim moves `due_at` to the end of the lease, so a row whose worker died
becomes due by itself. While a row is RUNNING only the holder of its `claim_token` writes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.core import statements
from integrations.core.claiming import take
from integrations.core.ids import current_correlation_id
from integrations.core.wake import wake_at

MAX_DEATHS = 5
DEATH_NOTE = "The worker died five times while doing this; it was stopped. Look into the worker's log, then retry."


class WorkState(models.TextChoices):
    DUE = "DUE", _("due")
    RUNNING = "RUNNING", _("running")
    DONE = "DONE", _("done")
    SKIPPED = "SKIPPED", _("skipped")
    FAILED = "FAILED", _("failed")


OPEN_STATES = (WorkState.DUE, WorkState.RUNNING)
ENDED_STATES = (WorkState.DONE, WorkState.SKIPPED, WorkState.FAILED)

Row = TypeVar("Row", bound="Work", covariant=True)  # noqa: PLC0105  the name says what it is


class LeaseLost(Exception):
    """The row belongs to someone else now: stop, write nothing."""


def lease() -> timedelta:
    """Return how long a claim holds without being renewed."""
    return timedelta(seconds=settings.WORK_LEASE_SECONDS)


def _case(condition: Q, *, then: Any, default: Any) -> Case:
    """A number that depends on a condition."""
    return Case(When(condition, then=then), default=default, output_field=models.IntegerField())


@dataclass
class Claim:
    """A held row, as read just after the claim. `until` is the end of the lease by the database's clock."""

    rows: "WorkQuerySet[Any]"
    row: Any
    token: UUID
    until: datetime

    @property
    def pk(self) -> int:
        pk: int = self.row.pk
        return pk

    def seconds_left(self, *, now: datetime) -> float:
        return (self.until - now).total_seconds()

    def renew(self, *, now: datetime) -> None:
        """Move the end of the lease on; call it before each send.

        :raises LeaseLost: if another worker holds the row
        """
        until = now + lease()
        if not self.rows.held(self).update(due_at=until):
            raise LeaseLost
        self.until = until


def _held(claim: Claim) -> dict[str, Any]:
    """What the row says as long as its claim holds."""
    return {"id": claim.pk, "state": WorkState.RUNNING, "claim_token": claim.token}


class WorkQuerySet(models.QuerySet[Row]):
    def due(self, now: datetime) -> Self:
        """Rows whose time has come, and rows a dead worker left behind.

        Filter on this table only: claim() is atomic as long as there is no join.
        """
        return self.filter(state__in=OPEN_STATES, due_at__lte=now)

    def claim(self, pk: int, *, now: datetime) -> Claim | None:
        """Take one due row; None if it is not due or another worker holds it. `now` is the database's clock."""
        token, until = uuid4(), now + lease()
        taken = {
            "state": WorkState.RUNNING,
            "due_at": until,
            "claim_token": token,
            "attempts": F("attempts") + 1,
            "deaths": _case(Q(state=WorkState.RUNNING), then=F("deaths") + 1, default=F("deaths")),
        }
        if self.due(now).filter(pk=pk, deaths__lt=MAX_DEATHS).update(**taken) != 1:
            return None
        rows = rows_of(self.model)
        row = rows.get(pk=pk)
        rows.attach([row])
        return Claim(rows=rows, row=row, token=token, until=until)

    def claim_due(self, *, now: datetime, limit: int = 1) -> list[Claim]:
        """Take the longest due rows of the whole table, at most `limit`, under one token and in one statement.

        A row whose worker died comes behind the others, and alone.
        """
        return self.claim_only("", now=now, limit=limit)

    def claim_only(self, only: str, *, now: datetime, limit: int = 1) -> list[Claim]:
        """As `claim_due`, of the rows for which `only` is true: SQL on the row's own columns."""
        token = uuid4()
        rows = rows_of(self.model)
        taken = take(self.model, token=token, now=now, lease=lease(), most_deaths=MAX_DEATHS, limit=limit, only=only)
        rows.attach(taken)
        return [Claim(rows=rows, row=row, token=token, until=now + lease()) for row in taken]

    def attach(self, rows: Sequence[Any]) -> None:
        """Give claimed rows the related ones that their run needs; override where a worker can remember them."""

    def held(self, claim: Claim) -> Self:
        return self.filter(**_held(claim))

    def finish(self, claim: Claim, *, state: WorkState, note: str = "", **values: Any) -> bool:
        """End the work; False if the lease was lost, and then nothing is written."""
        ended = ENDING | {"state": state, "note": note, "finished_at": timezone.now()} | values
        return statements.update(self.model, where=_held(claim), values=ended) == 1

    def retry(self, claim: Claim, *, due_at: datetime, note: str, **values: Any) -> bool:
        """Put the row back after a transient failure; `retry_since` keeps the time of the first one."""
        since = Coalesce(F("retry_since"), Value(timezone.now()))
        back = {"state": WorkState.DUE, "due_at": due_at, "note": note, "claim_token": None, "deaths": 0}
        return self.held(claim).update(**back, retry_since=since, **values) == 1

    def put_back(self, claim: Claim, *, due_at: datetime, note: str) -> bool:
        """Put the row back without counting an attempt, as for a paused connection."""
        back = {"state": WorkState.DUE, "due_at": due_at, "note": note, "claim_token": None, "deaths": 0}
        return self.held(claim).update(**back, attempts=F("attempts") - 1) == 1

    def fail_dead(self, *, now: datetime) -> int:
        """End rows whose worker died MAX_DEATHS times."""
        dead = self.due(now).filter(state=WorkState.RUNNING, deaths__gte=MAX_DEATHS)
        return dead.update(state=WorkState.FAILED, note=DEATH_NOTE, claim_token=None, finished_at=timezone.now())

    def rerun(self, *, now: datetime, **values: Any) -> int:
        """Make ended rows due again, as if new; running and due rows stay as they are."""
        again = {"state": WorkState.DUE, "due_at": now, "attempts": 0, "deaths": 0, "retry_since": None, "note": ""}
        return self.filter(state__in=ENDED_STATES).update(**again, finished_at=None, **values)


ENDING: dict[str, Any] = {"claim_token": None, "deaths": 0, "retry_since": None}


class Work(models.Model):
    """Base of every row that takes time. Each kind names its manager: `objects = WorkQuerySet.as_manager()`."""

    state = models.CharField(max_length=8, choices=WorkState, default=WorkState.DUE, editable=False)
    due_at = models.DateTimeField(default=timezone.now, editable=False)
    claim_token = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    deaths = models.PositiveSmallIntegerField(default=0, editable=False)
    retry_since = models.DateTimeField(null=True, blank=True, editable=False)
    note = models.TextField(blank=True, default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True, editable=False)
    correlation_id = models.CharField(
        max_length=40, blank=True, default=current_correlation_id, db_index=True, editable=False
    )

    class Meta:
        abstract = True
        default_permissions = ["view", "rerun"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN_STATES), name="%(app_label)s_%(class)s_due"),
        ]


def rows_of(model: type["Work"]) -> WorkQuerySet[Any]:
    """Return all rows of a kind of work."""
    return cast("WorkQuerySet[Any]", model._default_manager.all())


class StandingQuerySet(WorkQuerySet[Row]):
    def want(self, *, now: datetime, **values: Any) -> int:
        """Ask for the rows to be worked on (again).

        An ended row becomes due, not before its `not_before`; a waiting one keeps its time (it may be held back);
        a running one is asked again when its holder finishes.
        """
        ended = Q(state__in=ENDED_STATES)
        soonest = Case(When(not_before__gt=now, then=F("not_before")), default=Value(now))
        return self.update(
            wanted=F("wanted") + 1,
            due_at=Case(When(ended, then=soonest), default=F("due_at")),
            attempts=_case(ended, then=Value(0), default=F("attempts")),
            deaths=_case(ended, then=Value(0), default=F("deaths")),
            state=Case(When(ended, then=Value(WorkState.DUE)), default=F("state")),
            **values,
        )

    def finish(self, claim: Claim, *, state: WorkState, note: str = "", **values: Any) -> bool:
        """End the work, or make it due again, with a hint, if it was wanted since the claim.

        False if the lease was lost, and then nothing is written.
        """
        ended = ENDING | {"state": state, "note": note, "finished_at": timezone.now(), "attempts": 0} | values
        as_claimed = _held(claim) | {"wanted": claim.row.wanted}
        if statements.update(self.model, where=as_claimed, values=ended) == 1:
            return True
        now = timezone.now()
        pace = values.get("not_before", claim.row.not_before)
        due_at = max(now, pace or now)
        again = ENDING | {"state": WorkState.DUE, "note": note, "due_at": due_at, "attempts": 0} | values
        if self.held(claim).update(**again) != 1:
            return False
        wake_at(task_of(self.model), [due_at], now=now)
        return True


class Standing(Work):
    """Work that stays and is wanted again and again: a resource to refresh, a lane to drain, a job to run."""

    wanted = models.PositiveBigIntegerField(default=1, editable=False)
    not_before = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(Work.Meta):
        abstract = True


@dataclass(frozen=True)
class Kind:
    """A registered kind of work: its model and the task that drains it."""

    model: type[Work]
    task: str


_kinds: dict[str, Kind] = {}


def register(model: type[Work], *, task: str) -> None:
    """Make a Work model known to the sweep, which hints `task` whenever a row is due."""
    _kinds[model._meta.label] = Kind(model, task)


def kinds() -> list[Kind]:
    return list(_kinds.values())


def task_of(model: type[Work]) -> str:
    """Return the name of the task that drains `model`."""
    return _kinds[model._meta.label].task


Run = Callable[[Claim], None]
RunBatch = Callable[[Sequence[Claim]], None]
