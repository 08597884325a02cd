"""Real threads on a real PostgreSQL: what two workers, or a worker and an operator, do at the same moment."""

from collections.abc import Callable, Iterator
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from integrations.connections.models import Connection
from integrations.core import platforms
from integrations.events.models import Event
from integrations.workorders import services
from integrations.workorders.models import ExternalId, Join, Photo, WorkOrder
from tests.workorders.making import NOON, join_session, make_connection, make_order, the_join
from tests.workorders.test_photos import keep, picture

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
Job = Callable[[], Any]


def at_once(*jobs: Job) -> list[Any]:
    """Run the jobs in a thread each, started together; return what each returned, or its exception."""
    barrier, results = Barrier(len(jobs)), [None] * len(jobs)

    def run(position: int, job: Job) -> None:
        barrier.wait()
        try:
            results[position] = job()
        except Exception as error:
            results[position] = error  # type: ignore[call-overload]  # the caller looks at it
        finally:
            connection.close()

    threads = [Thread(target=run, args=(position, job)) for position, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_eight_workers_join_one_source_to_one_order() -> None:
    for _ in rounds():
        system, sender = make_connection(), make_connection()

        joined = at_once(*[partial(join_session, sender, key="WO-1", system=system)] * 8)

        assert {each.work_order.pk for each in joined} == {WorkOrder.objects.get().pk}
        assert sum(each.newly for each in joined) == 1
        assert (Join.objects.count(), ExternalId.objects.count()) == (1, 1)


def test_eight_sources_with_one_unknown_key_make_one_stub() -> None:
    system, sender = make_connection(), make_connection()
    jobs = [partial(join_session, sender, key="WO-1", system=system, source_id=str(number)) for number in range(8)]

    joined = at_once(*jobs)

    assert {each.work_order.pk for each in joined} == {WorkOrder.objects.get().pk}
    assert Join.objects.filter(work_order__isnull=False).count() == 8


def test_eight_puts_of_a_new_order_create_it_once() -> None:
    for _ in rounds():
        system = make_connection()

        puts = at_once(*[partial(put, system, asset="A")] * 8)

        assert sorted((each.created, each.changed) for each in puts) == [(False, False)] * 7 + [(True, True)]
        assert (WorkOrder.objects.count(), Event.objects.count()) == (1, 1)


def test_different_puts_at_once_are_each_published_and_the_row_is_the_last_ones() -> None:
    system = make_connection()
    make_order("WO-1", system=system)

    puts = at_once(*[partial(put, system, status=status) for status in "abcdefgh"])

    updates = list(Event.objects.filter(type="workorder.updated").order_by("pk"))
    assert all(each.changed for each in puts)
    assert len(updates) == 8
    assert WorkOrder.objects.get().status in "abcdefgh"


def put(system: Connection, **values: Any) -> services.Put:
    return services.put_work_order(system=system, external_id="WO-1", values=values, now=NOON)


def rounds(count: int = 5) -> Iterator[int]:
    """Yield a few times, each time with nothing left of the last."""
    for number in range(count):
        for model in (Event, Photo, Join, WorkOrder):
            model.objects.all().delete()
        yield number


@pytest.fixture
def session_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = platforms.ContextKind("worklink.session", "Session", ("session.joined",), (), lambda source_id: {})
    monkeypatch.setitem(platforms._contexts, "worklink.session", kind)


def test_two_operators_who_choose_differently_have_one_winner(session_kind: None) -> None:
    system = make_connection()
    orders = [make_order(f"WO-{number}", system=system) for number in range(2)]
    join_session(make_connection(), system=system)
    shown = the_join()

    results = at_once(*[partial(services.assign, shown, order, by="olga", now=NOON) for order in orders])

    assert sorted(type(result).__name__ for result in results) == ["JoinChanged", "Joined"]
    assert Event.objects.filter(type="session.joined").count() == 1


def test_an_operator_wins_over_a_worker_that_reads_a_key_at_the_same_moment(session_kind: None) -> None:
    for _ in rounds():
        system, sender = make_connection(), make_connection()
        order = make_order("WO-1", system=system)
        join_session(sender, system=system)
        shown = the_join()

        results = at_once(
            partial(services.assign, shown, order, by="olga", now=NOON),
            partial(join_session, sender, key="WO-2", system=system),
        )

        # Either the operator was first and stays, or the key was, and the operator is told that the row changed.
        if isinstance(results[0], services.JoinChanged):
            assert str(the_join().work_order) == "WO-2"
        else:
            assert the_join().work_order == order


def test_a_photo_kept_while_its_source_is_assigned_reaches_the_order(session_kind: None) -> None:
    for _ in rounds():
        system = make_connection()
        order = make_order("WO-1", system=system)
        join_session(make_connection(), system=system)
        shown, data = the_join(), picture(side=8)

        at_once(
            partial(services.assign, shown, order, by="olga", now=NOON),
            partial(keep, data, workspace_id=order.workspace_id),
        )

        assert Photo.objects.get().work_order == order
        stored = Event.objects.filter(type="photo.stored").order_by("pk").last()
        assert stored is not None
        assert stored.payload["records"] == {str(system.pk): "WO-1"}


def test_one_photo_kept_by_eight_workers_is_kept_once_with_its_files() -> None:
    workspace_id, data = make_connection().workspace_id, picture(side=8)

    kept = at_once(*[partial(keep, data, workspace_id=workspace_id)] * 8)

    photo = Photo.objects.get()
    assert {each.pk for each in kept} == {photo.pk}
    assert photo.file.storage.exists(str(photo.file.name))
    assert Event.objects.count() == 1
