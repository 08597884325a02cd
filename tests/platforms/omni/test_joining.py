"""Recognitions join work orders by explicit rules alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from integrations.camera.models import Scenario, Visit
from integrations.connections.models import Workspace
from integrations.core import registries, work
from integrations.core.drain import drain
from integrations.core.platforms import context_kind
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.events.sequencer import sequence_all
from integrations.events.services import ingest
from integrations.platforms.omni import joining
from integrations.platforms.omni.models import JoinRule, Recognition, Window
from integrations.workorders.models import WorkOrder
from tests.camera.making import make_token
from tests.platforms.omni.conftest import NOON
from tests.simulators.omni import golden

pytestmark = pytest.mark.django_db


def seen(number: int = 1, *, camera: int = 1, type: str = "roi", minutes: float = 0) -> dict[str, Any]:
    at = NOON + timedelta(minutes=minutes)
    return {
        "id": f"01010101-1111-4222-8333-{number:012}",
        "type": type,
        "date": at.isoformat(),
        "source": golden.camera_id(camera),
        "roi": {"region_name": "Loading bay", "state": "in"},
    }


def make_rule(**values: Any) -> JoinRule:
    given = {"name": "Pump hall", "cameras": [golden.camera_id(1)], "asset": "PUMP-77", "window": Window.ORDER}
    rule = JoinRule(workspace=Workspace.default(), **given | values)
    rule.full_clean()
    rule.save()
    return rule


def make_order(**values: Any) -> WorkOrder:
    given = {"asset": "PUMP-77", "site": "Basel", "opened_at": NOON - timedelta(hours=1)}
    return WorkOrder.objects.create(**given | values)


def happen(*items: dict[str, Any]) -> None:
    """Events are handed in, numbered, and what they brought about is done."""
    ingest(Workspace.default().pk, items, now=NOON)
    sequence_all()
    drain(Recognition, joining.join)
    sequence_all()


def test_by_default_nothing_joins() -> None:
    make_order()

    happen(seen())

    assert not Recognition.objects.exists()
    assert list(Event.objects.values_list("type", flat=True)) == ["roi"]


def test_a_rule_joins_what_its_cameras_saw_to_the_open_order_of_its_asset() -> None:
    order = make_order()
    make_rule()

    happen(seen(1), seen(2, camera=2))

    (row,) = Recognition.objects.all()
    assert (row.state, row.subject) == (WorkState.DONE, order.subject)
    told = Event.objects.get(type=joining.JOINED)
    assert (told.subject, told.payload["rule"], told.seq) == (order.subject, "Pump hall", 3)
    (entry,) = [each for each in registries.timeline(order.subject) if each.kind == "recognition"]
    assert (entry.note, "roi" in entry.title) == ("By rule “Pump hall”.", True)


@pytest.mark.parametrize(
    ("order", "minutes"),
    [
        ({"asset": "GEN-9"}, 0),
        ({"opened_at": NOON + timedelta(minutes=1)}, 0),
        ({"resolved_at": NOON - timedelta(minutes=1), "closed": True}, 0),
        ({"closed": True}, 0),
        ({}, -90),
    ],
)
def test_outside_of_the_rules_asset_or_time_nothing_joins(order: dict[str, Any], minutes: float) -> None:
    make_order(**order)
    make_rule()

    happen(seen(minutes=minutes))

    row = Recognition.objects.get()
    assert (row.state, row.subject) == (WorkState.SKIPPED, "")
    assert row.note == "No work order with asset PUMP-77 was open then."
    assert not Event.objects.filter(type=joining.JOINED).exists()


def test_minutes_around_widen_the_window() -> None:
    order = make_order(resolved_at=NOON - timedelta(minutes=5), closed=True)
    make_rule(minutes_around=5)

    happen(seen())

    assert Recognition.objects.get().subject == order.subject


@pytest.mark.parametrize(("minutes", "joins"), [(0, True), (9, True), (11, False), (-1, False)])
def test_a_rule_may_ask_for_an_open_visit_of_the_camera(minutes: float, joins: bool) -> None:
    order = make_order()
    make_order()  # of the same asset, visited by nobody
    visit = {"token": make_token()[0], "scenario": Scenario.ORDER, "idempotency_key": "v", "subject": order.subject}
    times = {"arrived_at": NOON, "left_at": NOON + timedelta(minutes=10), "expires_at": NOON + timedelta(hours=8)}
    Visit.objects.create(**visit, **times)
    make_rule(window=Window.VISIT)

    happen(seen(minutes=minutes))

    assert Recognition.objects.get().subject == (order.subject if joins else "")


def test_of_several_orders_none_is_guessed() -> None:
    make_order()
    make_order()
    make_rule()

    happen(seen())

    row = Recognition.objects.get()
    assert (row.state, "Several work orders were meant" in row.note) == (WorkState.SKIPPED, True)
    assert not Event.objects.filter(type=joining.JOINED).exists()


def test_types_narrow_a_rule_and_a_rule_switched_off_does_nothing() -> None:
    make_order()
    make_rule(event_types=["har"])
    make_rule(name="Off", enabled=False)

    happen(seen())

    assert not Recognition.objects.exists()


def test_a_rule_that_is_switched_off_meanwhile_joins_nothing() -> None:
    make_order()
    rule = make_rule()
    ingest(Workspace.default().pk, [seen()], now=NOON)
    sequence_all()
    JoinRule.objects.filter(pk=rule.pk).update(enabled=False)

    drain(Recognition, joining.join)

    assert Recognition.objects.get().state == WorkState.SKIPPED
    assert not Event.objects.filter(type=joining.JOINED).exists()


def test_an_event_is_judged_once_by_each_rule_however_often_it_comes() -> None:
    make_order()
    make_rule()

    happen(seen())
    happen(seen())

    assert Recognition.objects.count() == 1
    assert Event.objects.filter(type=joining.JOINED).count() == 1


def test_a_killed_worker_leaves_neither_a_join_without_its_event_nor_two() -> None:
    make_order()
    make_rule()
    ingest(Workspace.default().pk, [seen()], now=NOON)
    sequence_all()
    (claim,) = Recognition.objects.claim_due(now=Recognition.objects.get().due_at)
    joining.join(claim)

    joining.join(claim)

    assert Event.objects.filter(type=joining.JOINED).count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"cameras": []}, "cameras"),
        ({"cameras": ["gate"]}, "cameras"),
        ({"asset": ""}, "asset"),
        ({"event_types": ["door"]}, "event_types"),
        ({"cameras": "x"}, "cameras"),
    ],
)
def test_a_rule_that_would_join_everything_is_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make_rule(**values)

    assert list(caught.value.message_dict) == [field]
    assert not JoinRule.objects.exists()


def test_mappings_and_scripts_see_the_recognition_and_its_order() -> None:
    make_order()
    make_rule()
    happen(seen())

    found = context_kind(joining.SOURCE).load(str(Recognition.objects.get().pk))

    assert found["recognition"]["type"] == "roi"
    assert (found["camera"]["id"], found["details"]["state"]) == (golden.camera_id(1), "in")
    assert found["order"]["asset"] == "PUMP-77"
    named = {each.path.partition(".")[0] for each in context_kind(joining.SOURCE).fields}
    assert named <= found.keys()


def test_its_kind_of_work_is_swept() -> None:
    assert work.task_of(Recognition) == "omni.join"
