"""The life cycle, on ReceivedWebhook (one-shot) and ResourceRefresh (standing)."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.models.sql import Query
from django.utils import timezone

from integrations.core import claiming
from integrations.core.work import DEATH_NOTE, MAX_DEATHS, Claim, LeaseLost, WorkState, kinds, rows_of
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh
from tests.factories import make_connection, make_received, make_source

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def due_row() -> ReceivedWebhook:
    return make_received(due_at=NOON)


def refresh_row() -> ResourceRefresh:
    return ResourceRefresh.objects.create(
        connection=make_connection(), resource_type="ScenarioSession", resource_id="s1", due_at=NOON
    )


def claimed(row: ReceivedWebhook | ResourceRefresh, now: datetime = NOON) -> Claim:
    claim = type(row)._default_manager.all().claim(row.pk, now=now)
    assert claim is not None
    return claim


def test_a_due_row_is_claimed_once() -> None:
    row = due_row()

    first = ReceivedWebhook.objects.claim(row.pk, now=NOON)
    second = ReceivedWebhook.objects.claim(row.pk, now=NOON)

    assert first is not None
    assert second is None
    row.refresh_from_db()
    assert (row.state, row.attempts, row.deaths) == (WorkState.RUNNING, 1, 0)


def test_a_row_that_is_not_due_yet_is_not_claimed() -> None:
    row = due_row()

    assert ReceivedWebhook.objects.claim(row.pk, now=NOON - timedelta(seconds=1)) is None

    row.refresh_from_db()
    assert (row.state, row.attempts) == (WorkState.DUE, 0)


def test_a_row_whose_worker_died_is_claimed_again_and_the_death_is_counted() -> None:
    row = due_row()
    first = claimed(row)

    second = claimed(row, LATER)

    assert not ReceivedWebhook.objects.finish(first, state=WorkState.DONE)
    row.refresh_from_db()
    assert (row.state, row.deaths) == (WorkState.RUNNING, 1)
    assert ReceivedWebhook.objects.finish(second, state=WorkState.DONE)


def test_five_deaths_end_a_row_as_failed() -> None:
    row = due_row()
    now = NOON
    for _ in range(MAX_DEATHS + 1):
        claimed(row, now)
        now += timedelta(hours=1)

    assert ReceivedWebhook.objects.claim(row.pk, now=now) is None
    assert ReceivedWebhook.objects.fail_dead(now=now) == 1

    row.refresh_from_db()
    assert row.state == WorkState.FAILED
    assert "died five times" in row.note


def test_standing_work_that_died_too_often_is_done_again_when_it_is_wanted_again() -> None:
    row = refresh_row()
    now = NOON
    for _ in range(MAX_DEATHS + 1):
        claimed(row, now)
        now += timedelta(hours=1)
    ResourceRefresh.objects.all().fail_dead(now=now)

    ResourceRefresh.objects.filter(pk=row.pk).want(now=now)

    assert [claim.pk for claim in ResourceRefresh.objects.all().claim_due(now=now)] == [row.pk]
    row.refresh_from_db()
    assert (row.state, row.deaths) == (WorkState.RUNNING, 0)


def test_a_normal_end_resets_the_deaths() -> None:
    row = due_row()
    claimed(row)
    claim = claimed(row, LATER)

    ReceivedWebhook.objects.retry(claim, due_at=LATER, note="the other side is busy")

    row.refresh_from_db()
    assert (row.state, row.deaths, row.attempts) == (WorkState.DUE, 0, 2)
    assert row.retry_since is not None


def test_a_lost_lease_cannot_be_renewed() -> None:
    row = due_row()
    first = claimed(row)
    claimed(row, LATER)

    with pytest.raises(LeaseLost):
        first.renew(now=LATER)


def test_renewing_moves_the_end_of_the_lease() -> None:
    row = due_row()
    claim = claimed(row)

    claim.renew(now=NOON + timedelta(seconds=50))

    assert ReceivedWebhook.objects.claim(row.pk, now=NOON + timedelta(seconds=70)) is None


def test_a_row_put_back_counts_no_attempt() -> None:
    row = due_row()

    ReceivedWebhook.objects.put_back(claimed(row), due_at=LATER, note="paused")

    row.refresh_from_db()
    assert (row.state, row.attempts, row.note) == (WorkState.DUE, 0, "paused")


def test_wanting_a_running_row_makes_it_due_again_when_its_holder_finishes() -> None:
    row = refresh_row()
    claim = claimed(row)

    ResourceRefresh.objects.filter(pk=row.pk).want(now=NOON)
    assert ResourceRefresh.objects.finish(claim, state=WorkState.DONE, not_before=None)

    row.refresh_from_db()
    assert row.state == WorkState.DUE


def test_a_row_wanted_while_it_ran_keeps_the_pace_that_its_run_sets() -> None:
    row = refresh_row()
    claim = claimed(row)
    soon = timezone.now() + timedelta(seconds=5)

    ResourceRefresh.objects.filter(pk=row.pk).want(now=NOON)
    ResourceRefresh.objects.finish(claim, state=WorkState.DONE, not_before=soon)

    row.refresh_from_db()
    assert (row.state, row.due_at) == (WorkState.DUE, soon)


def test_a_wanted_row_that_waits_keeps_its_time() -> None:
    row = refresh_row()
    ResourceRefresh.objects.retry(claimed(row), due_at=LATER, note="503")

    ResourceRefresh.objects.filter(pk=row.pk).want(now=NOON)

    row.refresh_from_db()
    assert (row.state, row.due_at) == (WorkState.DUE, LATER)


def test_an_ended_row_is_due_again_not_before_its_pace_allows() -> None:
    row = refresh_row()
    ResourceRefresh.objects.finish(claimed(row), state=WorkState.DONE, not_before=LATER)

    ResourceRefresh.objects.filter(pk=row.pk).want(now=NOON)

    row.refresh_from_db()
    assert (row.state, row.due_at) == (WorkState.DUE, LATER)


def test_rerun_leaves_running_rows_alone() -> None:
    row = due_row()
    claimed(row)

    assert ReceivedWebhook.objects.all().rerun(now=NOON) == 0

    row.refresh_from_db()
    assert row.state == WorkState.RUNNING


def test_due_reads_one_table_only_for_every_kind_of_work() -> None:
    assert kinds()
    for kind in kinds():
        query: Query = rows_of(kind.model).due(NOON).query
        assert len(query.alias_map) <= 1 or set(query.alias_map) == {kind.model._meta.db_table}


def test_a_statement_takes_the_longest_due_rows_up_to_its_limit() -> None:
    source = make_received(due_at=LATER).source
    first, second, third = (make_received(source=source, due_at=NOON + timedelta(minutes=each)) for each in range(3))

    claims = ReceivedWebhook.objects.all().claim_due(now=NOON + timedelta(minutes=30), limit=2)

    assert {claim.pk for claim in claims} == {first.pk, second.pk}
    assert claims[0].row.state == WorkState.RUNNING
    assert claims[0].row.source == source
    third.refresh_from_db()
    assert third.state == WorkState.DUE
    assert ReceivedWebhook.objects.finish(claims[0], state=WorkState.DONE)


def test_a_statement_counts_the_deaths_of_what_it_takes() -> None:
    row = due_row()
    claimed(row)

    (claim,) = ReceivedWebhook.objects.all().claim_due(now=LATER)

    assert (claim.row.deaths, claim.row.attempts) == (1, 2)
    assert ReceivedWebhook.objects.all().claim_due(now=LATER) == []


def test_rows_whose_worker_died_are_taken_behind_the_others_and_each_alone() -> None:
    source = make_source()
    died = {make_received(source=source, due_at=NOON, state=WorkState.RUNNING).pk for _ in range(3)}
    soon = NOON + claiming.BEHIND - timedelta(seconds=1)
    fresh = {make_received(source=source, due_at=soon).pk for _ in range(2)}

    taken = [{claim.pk for claim in ReceivedWebhook.objects.all().claim_due(now=soon, limit=50)} for _ in range(5)]

    assert taken[0] == fresh
    assert [len(each) for each in taken[1:]] == [1, 1, 1, 0]
    assert set.union(*taken[1:]) == died


def test_a_row_whose_worker_died_waits_for_a_minute_at_most_while_others_keep_coming() -> None:
    source = make_source()
    died = {make_received(source=source, due_at=NOON, state=WorkState.RUNNING).pk for _ in range(2)}
    late = NOON + claiming.BEHIND
    fresh = {make_received(source=source, due_at=NOON).pk for _ in range(2)}

    taken = [{claim.pk for claim in ReceivedWebhook.objects.all().claim_due(now=late, limit=50)} for _ in range(4)]

    assert [len(each) for each in taken] == [1, 1, 2, 0]
    assert taken[0] | taken[1] == died
    assert taken[2] == fresh


def test_a_row_that_kills_its_worker_takes_no_other_with_it() -> None:
    source = make_source()
    poison, *others = (make_received(source=source, due_at=NOON).pk for _ in range(10))
    now = NOON

    while ReceivedWebhook.objects.filter(pk=poison).exclude(state=WorkState.FAILED).exists():
        now += timedelta(hours=1)
        ReceivedWebhook.objects.all().fail_dead(now=now)
        while claims := ReceivedWebhook.objects.all().claim_due(now=now, limit=50):
            if poison in {claim.pk for claim in claims}:
                continue  # this worker is gone, another one goes on
            for claim in claims:
                ReceivedWebhook.objects.finish(claim, state=WorkState.DONE)

    assert set(ReceivedWebhook.objects.filter(pk__in=others).values_list("state", flat=True)) == {"DONE"}
    assert ReceivedWebhook.objects.get(pk=poison).note == DEATH_NOTE


def test_a_claim_finds_its_rows_by_the_index_of_what_is_due() -> None:
    statement = claiming._statement(ReceivedWebhook, connection.vendor)
    values = [connection.ops.adapt_datetimefield_value(NOON), 50] * 3 + [None, None]
    explain, unwanted = "EXPLAIN QUERY PLAN", "TEMP B-TREE FOR ORDER"

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table is empty; many rows make it choose so itself
            explain, unwanted = "EXPLAIN", "Sort"
        cursor.execute(f"{explain} {statement}", values)
        plan = str(cursor.fetchall())

    assert plan.count("inbox_receivedwebhook_due") == 3
    assert unwanted not in plan


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", [WorkState.DUE, WorkState.RUNNING])
def test_eight_workers_take_each_row_exactly_once(state: WorkState) -> None:
    source = make_source()
    pks = {make_received(source=source, due_at=NOON, state=state).pk for _ in range(100)}
    won: list[int] = []
    start = Barrier(8)

    def take_all() -> None:
        start.wait()
        while claims := ReceivedWebhook.objects.all().claim_due(now=NOON, limit=3):
            assert len(claims) <= 3
            won.extend(claim.pk for claim in claims)
        connection.close()

    threads = [Thread(target=take_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == sorted(pks)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_threads_win_each_row_exactly_once() -> None:
    source = make_received(due_at=NOON).source
    for _ in range(99):
        make_received(source=source, due_at=NOON)
    pks = list(ReceivedWebhook.objects.values_list("pk", flat=True))
    won: list[int] = []
    start = Barrier(8)

    def take_all() -> None:
        start.wait()
        for pk in pks:
            if ReceivedWebhook.objects.claim(pk, now=NOON):
                won.append(pk)
        connection.close()

    threads = [Thread(target=take_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == sorted(pks)
