from typing import Any

import pytest

from integrations.connections.models import Workspace
from integrations.core import platforms
from integrations.events.models import Event
from integrations.workorders import services
from integrations.workorders.models import ExternalId, Join, JoinedBy, WorkOrder
from tests.workorders.making import NOON, join_session, make_connection, make_order, the_join

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Register the source's platform; return what it was told when an operator joined one."""
    calls: list[tuple[str, str]] = []
    kind = platforms.ContextKind(
        source_type="worklink.session",
        label="Session",
        event_types=("session.joined",),
        fields=(),
        load=lambda source_id: {},
        joined=lambda source_id, subject: calls.append((source_id, subject)),
    )
    monkeypatch.setitem(platforms._contexts, "worklink.session", kind)
    return calls


def test_a_key_of_a_known_order_joins_to_it() -> None:
    system = make_connection()
    order = make_order("WO-1", system=system)

    joined = join_session(make_connection(), key="WO-1", system=system)

    assert joined == services.Joined(order, f"workorder/{order.pk}", {str(system.pk): "WO-1"}, newly=True)


def test_a_key_of_an_unknown_order_makes_a_stub_that_a_later_put_fills() -> None:
    system = make_connection()

    joined = join_session(make_connection(), key="WO-1", system=system)
    stub = joined.work_order
    put = services.put_work_order(system=system, external_id="WO-1", values={"asset": "Pump 7"}, now=NOON)

    assert stub is not None
    assert stub.stub
    assert put.work_order.pk == stub.pk
    assert (put.created, put.work_order.stub, put.work_order.asset) == (True, False, "Pump 7")


def test_joining_again_changes_nothing() -> None:
    system, connection = make_connection(), make_connection()
    join_session(connection, key="WO-1", system=system)

    again = join_session(connection, key="WO-1", system=system)

    assert not again.newly
    assert (Join.objects.count(), WorkOrder.objects.count(), Event.objects.count()) == (1, 1, 0)


def test_without_a_key_it_waits_in_unmatched_with_a_sentence() -> None:
    joined = join_session(make_connection(), system=make_connection())

    assert joined == services.Joined(None)
    assert Join.objects.unmatched().get().reason.startswith("No work order key")
    assert not WorkOrder.objects.exists()


@pytest.mark.parametrize("key", ["K" * 201, "WO\x001", "WO-1\n"])
def test_a_key_that_cannot_be_kept_waits_in_unmatched(key: str) -> None:
    joined = join_session(make_connection(), key=key, system=make_connection())

    assert joined.work_order is None
    assert the_join().reason.startswith("The external id")
    assert not ExternalId.objects.exists()


def test_a_key_without_a_system_waits_with_the_callers_reason() -> None:
    join_session(make_connection(), key="WO-1", reason="Two systems could be meant.")

    assert the_join().reason == "Two systems could be meant."
    assert the_join().key_read == "WO-1"


def test_a_key_of_another_workspace_is_not_joined() -> None:
    system = make_connection(workspace=Workspace.objects.create(slug="other", name="Other"))
    make_order("WO-1", system=system)

    joined = join_session(make_connection(), key="WO-1", system=system)

    assert joined.work_order is None
    assert "another workspace" in the_join().reason


def test_a_key_read_later_joins_and_one_that_vanishes_does_not_undo_it() -> None:
    system, connection = make_connection(), make_connection()
    join_session(connection, system=system)

    later = join_session(connection, key="WO-1", system=system)
    without = join_session(connection, system=system)

    assert later.newly
    assert without.work_order == later.work_order
    assert not Join.objects.unmatched().exists()


def test_a_changed_key_moves_the_source() -> None:
    system, connection = make_connection(), make_connection()
    join_session(connection, key="WO-1", system=system)

    moved = join_session(connection, key="WO-2", system=system)

    assert moved.newly
    assert moved.records == {str(system.pk): "WO-2"}


def test_a19_an_operator_assigns_and_the_event_is_published_once(told: list[tuple[str, str]]) -> None:
    system = make_connection()
    order = make_order("WO-1", system=system)
    Event.objects.all().delete()
    join_session(make_connection(), system=system)
    shown = the_join()

    services.assign(shown, order, by="olga", now=NOON)
    services.assign(shown, order, by="olga", now=NOON)

    event = Event.objects.get()
    assert (event.type, event.source_type, event.source_id) == ("session.joined", "worklink.session", "1")
    assert (event.subject, event.reason, event.occurred_at) == (order.subject, "operator", NOON)
    assert event.payload["records"] == {str(system.pk): "WO-1"}
    assert told == [("1", order.subject)]
    assert (the_join().joined_by, the_join().decided_by) == (JoinedBy.OPERATOR, "olga")
    assert not Join.objects.unmatched().exists()


def test_an_operators_choice_is_never_overwritten(told: list[tuple[str, str]]) -> None:
    system, connection = make_connection(), make_connection()
    order = make_order("WO-1", system=system)
    join_session(connection, system=system)
    services.assign(the_join(), order, by="olga", now=NOON)

    joined = join_session(connection, key="WO-2", system=system)

    assert joined.work_order == order
    assert not ExternalId.objects.filter(external_id="WO-2").exists()


def test_a_second_operator_is_told_that_the_row_changed(told: list[tuple[str, str]]) -> None:
    system = make_connection()
    first, second = make_order("WO-1", system=system), make_order("WO-2", system=system)
    join_session(make_connection(), system=system)
    shown = the_join()
    services.assign(shown, first, by="olga", now=NOON)
    before = Event.objects.count()

    with pytest.raises(services.JoinChanged):
        services.assign(shown, second, by="piet", now=NOON)

    assert the_join().work_order == first
    assert Event.objects.count() == before


def test_an_order_of_another_workspace_cannot_be_assigned(told: list[tuple[str, str]]) -> None:
    other = make_connection(workspace=Workspace.objects.create(slug="other", name="Other"))
    order = make_order("WO-1", system=other)
    Event.objects.all().delete()
    join_session(make_connection())

    with pytest.raises(ValueError, match="another workspace"):
        services.assign(the_join(), order, by="olga", now=NOON)

    assert the_join().work_order is None
    assert not Event.objects.exists()


def test_a_dismissed_row_stays_dismissed_until_restored() -> None:
    system, connection = make_connection(), make_connection()
    join_session(connection, system=system)

    assert services.dismiss(the_join(), by="olga", now=NOON)
    assert not services.dismiss(the_join(), by="olga", now=NOON)
    joined = join_session(connection, key="WO-1", system=system)
    assert (joined.work_order, Join.objects.unmatched().count()) == (None, 0)
    assert "dismissed" in the_join().reason

    assert services.restore(the_join())
    assert join_session(connection, key="WO-1", system=system).newly


def test_text_that_a_database_cannot_keep_is_cleaned() -> None:
    join_session(make_connection(), title="Pump\x00 \ud800" + "x" * 400)

    assert the_join().title.startswith("Pump\ufffd ?xx")
    assert len(the_join().title) == 300


def test_a_session_read_again_costs_few_queries(django_assert_num_queries: Any) -> None:
    system, connection = make_connection(), make_connection()
    join_session(connection, key="WO-1", system=system)

    with django_assert_num_queries(3):  # a savepoint's two, the join, its records
        join_session(connection, key="WO-1", system=system)
