"""What changed is measured again, whatever happens in between; a kept call outlives retention."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum

from integrations.analytics import calls, services, tally
from integrations.analytics.models import (
    AssetClass,
    BusinessCalendar,
    CallFact,
    JobTally,
    MeasuredJob,
    Recount,
    StaleJob,
)
from integrations.analytics.selectors.chosen import Chosen
from integrations.analytics.selectors.figures import figures
from integrations.connections.models import Connection
from integrations.core.registries import retained_kinds
from integrations.events import services as events
from integrations.events.sequencer import sequence_all
from integrations.platforms.worklink.models import CallSession
from integrations.workorders.models import WorkOrder
from integrations.workorders.services import put_work_order
from tests.analytics.making import NOON, hours, make_call, make_job, measure_all
from tests.factories import make_workspace
from tests.workorders.making import make_connection

pytestmark = pytest.mark.django_db


def by_the_clock(order: WorkOrder) -> MeasuredJob:
    return MeasuredJob.objects.get(work_order=order, calendar__isnull=True)


def measure() -> None:
    sequence_all()
    while services.measure_some():
        pass


def put(**values: Any) -> WorkOrder:
    system = Connection.objects.filter(slug="erp").first() or make_connection("erp")
    return put_work_order(system=system, external_id="WO-1", values=values, now=NOON).work_order


def test_what_a_system_of_record_tells_later_is_measured_again() -> None:
    order = put(opened_at=NOON)
    measure()
    assert by_the_clock(order).left_out == "NOT_RESOLVED"

    put(resolved_at=NOON + hours(2))
    measure()
    put(resolved_at=NOON + hours(5))  # reopened: the last resolution counts
    measure()

    assert (by_the_clock(order).seconds, MeasuredJob.objects.count()) == (5 * 3600, 1)
    assert not StaleJob.objects.exists()


def test_a_call_that_comes_hours_late_makes_the_job_one_with_a_call() -> None:
    order = put(opened_at=NOON, resolved_at=NOON + hours(2))
    measure()
    assert not by_the_clock(order).with_call

    call = make_call(order, NOON + hours(1))
    events.publish(
        workspace_id=make_workspace().pk,
        type="call.joined",
        occurred_at=NOON + hours(1),
        payload={},
        source_type="worklink.call",
        source_id=str(call.pk),
        subject=order.subject,
    )
    measure()

    found = by_the_clock(order)
    assert (found.calls, found.call_seconds, found.first_call_at) == (1, 720, NOON + hours(1))


def test_a_call_that_an_operator_moves_leaves_the_job_it_was_counted_for() -> None:
    first, second = make_job(2, 1), make_job(2)
    measure_all()
    call = CallSession.objects.get()

    CallSession.objects.update(subject=second.subject)
    StaleJob.objects.create(work_order=second.pk, source_type="worklink.call", source_id=str(call.pk))
    measure()

    assert (by_the_clock(first).calls, by_the_clock(second).calls) == (0, 1)
    assert CallFact.objects.get().work_order == second


def test_calls_that_do_not_count_make_no_job_one_with_a_call() -> None:
    never, late, unplaced = make_job(2), make_job(2), make_job(2)
    make_call(never, NOON + hours(1), connected=False, seconds=0)  # E26
    make_call(late, NOON + hours(3))  # E24, A33
    make_call(unplaced, None, connected=False, seconds=60)

    measure_all()

    assert not MeasuredJob.objects.filter(with_call=True).exists()


def test_what_retention_deletes_was_still_a_call() -> None:
    order = make_job(2, 1)
    measure_all()

    CallSession.objects.all().delete()
    measure_all()

    assert (by_the_clock(order).with_call, by_the_clock(order).calls) == (True, 1)


def test_a_length_that_no_call_has_is_not_taken() -> None:
    order = make_job(2)
    for seconds in (-5.0, 1e300, None):
        make_call(order, NOON + hours(1), seconds=seconds)

    measure_all()

    assert by_the_clock(order).call_seconds == calls.LONGEST


def test_a_time_that_stands_for_none_is_measured_without_harm() -> None:
    BusinessCalendar.objects.create(
        workspace=make_workspace(), slug="d", name="D", zone="America/New_York", shifts=["Mon-Fri 08:00-17:00"]
    )
    make_job(None, opened=datetime(1, 1, 1, tzinfo=UTC), resolved_at=datetime(9999, 12, 31, 23, tzinfo=UTC))

    measure_all()

    assert MeasuredJob.objects.filter(seconds__gt=0).count() == 2


def test_a_kill_between_measuring_and_forgetting_what_was_stale_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    order = put(opened_at=NOON, resolved_at=NOON + hours(2))
    measure()
    put(resolved_at=NOON + hours(3))
    sequence_all()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "_keep_words", killed)
    with pytest.raises(KeyboardInterrupt):
        services.measure_some()
    monkeypatch.undo()
    assert (by_the_clock(order).seconds, StaleJob.objects.count()) == (2 * 3600, 1)

    measure()
    assert (by_the_clock(order).seconds, StaleJob.objects.count()) == (3 * 3600, 0)


def test_a_recount_goes_on_where_it_was_stopped() -> None:
    orders = [make_job(1) for _ in range(5)]
    services.recount("a test", now=NOON)

    services.measure_some(size=2)
    assert (MeasuredJob.objects.count(), Recount.objects.get().after) == (2, orders[1].pk)

    while services.measure_some(size=2):
        pass
    state = Recount.objects.get()
    assert (MeasuredJob.objects.count(), state.running, state.finished_at is not None) == (5, False, True)
    assert services.measure_some() == 0


def test_everything_is_measured_once_without_being_asked() -> None:
    make_job(1)

    measure()

    assert MeasuredJob.objects.count() == 1


def test_the_command_measures_everything_anew_and_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    make_job(1)
    MeasuredJob.objects.all().delete()

    call_command("measure_jobs", all=True)

    said = capsys.readouterr()
    assert "measured 1" in said.out
    assert "1 measured" in said.err
    assert MeasuredJob.objects.count() == 1


@pytest.mark.parametrize(
    ("asset", "expected"),
    [("pump-77", "Pumps"), ("PUMP-1", "Special"), ("GEAR-4", "Gears"), ("xGEAR-4", "Gears"), ("fan", ""), ("", "")],
)
def test_the_first_pattern_that_fits_names_the_class(asset: str, expected: str) -> None:
    for position, (pattern, name) in enumerate([("pump-1", "Special"), ("PUMP-*", "Pumps"), ("*GEAR-?", "Gears")]):
        AssetClass.objects.create(workspace=make_workspace(), pattern=pattern, name=name, position=position)
    order = make_job(1, asset=asset)

    measure_all()

    assert by_the_clock(order).asset_class == expected


def test_a_calendar_measures_its_own_hours_beside_the_clock() -> None:
    order = make_job(24 * 7)
    shifts = ["Mon-Fri 08:00-17:00"]
    office = BusinessCalendar.objects.create(workspace=make_workspace(), slug="o", name="O", shifts=shifts)

    measure_all()

    rows = {each.calendar_id: each.seconds for each in MeasuredJob.objects.filter(work_order=order)}
    assert rows == {None: timedelta(days=7).total_seconds(), office.pk: 45 * 3600}


def test_an_order_that_went_is_forgotten() -> None:
    order = make_job(1, 0.5)
    measure_all()
    pk = order.pk

    order.delete()
    StaleJob.objects.create(work_order=pk)
    measure()

    assert not MeasuredJob.objects.exists()
    assert not CallFact.objects.exists()
    assert JobTally.objects.aggregate(n=Sum("n"))["n"] == 0


def test_a_job_stays_counted_when_retention_deletes_its_order_and_goes_years_later() -> None:
    make_job(1).delete()
    make_job(1)
    orphan = make_job(1)
    measure_all()
    orphan.delete()
    kind = next(each for each in retained_kinds() if each.kind == "analytics.job")
    assert MeasuredJob.objects.count() == 2
    assert not kind.expired(NOON).exists()
    assert kind.strip is not None

    assert kind.strip(kind.expired(NOON + timedelta(days=1))) == 1

    assert figures(Chosen(make_workspace().pk)).report.without_call.n == MeasuredJob.objects.count() == 1


@pytest.mark.parametrize("most", [1, 10_000])
def test_the_tally_follows_every_change_folded_or_not(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(tally, "MOST_FRESH", most)
    orders = [make_job(number, 0.5, priority="1") for number in range(1, 6)]
    measure_all()
    for order, took in zip(orders, (3, None, 40, 1000, 2), strict=True):
        WorkOrder.objects.filter(pk=order.pk).update(
            resolved_at=None if took is None else NOON + hours(took), priority="2"
        )
        StaleJob.objects.create(work_order=order.pk)
        measure()

    kept = figures(Chosen(make_workspace().pk))
    tally.rebuild()

    assert figures(Chosen(make_workspace().pk)) == kept
    assert (kept.report.with_call.n, kept.report.left_out.total(), list(kept.by_priority)) == (4, 1, ["2"])


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 1, 15), date(2026, 4, 14)), (date(2026, 2, 1), date(2026, 3, 31)), (date(2026, 3, 2), None)],
)
@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_a_period_counts_whole_months_and_the_days_beside_them_once(
    since: date, until: date | None, zone: str | None
) -> None:
    calendar = zone and BusinessCalendar.objects.create(slug="c", name="C", zone=zone, shifts=["Mon-Sun 00:00-24:00"])
    for day in range(0, 130, 3):
        make_job(1, opened=datetime(2026, 1, 1, 2, tzinfo=UTC) + timedelta(days=day))
    measure_all()

    chosen = Chosen(make_workspace().pk, since=since, until=until, calendar=calendar or None)

    assert figures(chosen).report.without_call.n == chosen.rows().count() > 0
