"""What blocks going live, and what going live is."""

from datetime import UTC, datetime

import pytest

from integrations.readiness import judging, producing, services
from integrations.readiness.models import Questionnaire
from integrations.sync.models import RecordWrite
from tests.readiness.conftest import MINUTES, STATE, Asked
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)


def go_live(asked: Asked) -> services.WentLive:
    return services.go_live(asked.read(), write_from=EARLIER, by="anna", now=asked.house.time.now())


def held_back(asked: Asked) -> None:
    asked.house.connection.capture = True
    asked.house.connection.save()


def states(asked: Asked) -> list[str]:
    return [each.state for each in judging.judge(asked.read(), list(asked.row.items.all()))]


def test_an_item_without_a_field_blocks_going_live_and_nothing_changes(asked: Asked) -> None:
    """A40."""
    producing.produce(asked.row)
    held_back(asked)
    asked.change(MINUTES, field="NO")
    before = asked.connection

    with pytest.raises(services.NotReady, match=r"visit\.minutes has no field"):
        go_live(asked)

    now = asked.connection
    assert (now.capture, now.write_from) == (True, before.write_from)
    assert [operation.enabled for operation in asked.made()] == [False]
    assert asked.read().live_at is None


def test_going_live_switches_the_mapping_on_and_lets_writes_leave(asked: Asked, record: RunningRecord) -> None:
    held_back(asked)
    producing.produce(asked.row)

    assert go_live(asked) == services.WentLive(switched_on=1, mappings=1)

    assert (asked.connection.capture, asked.connection.write_from) == (False, EARLIER)
    assert (asked.read().live_at is not None, asked.read().live_by) == (True, "anna")
    asked.house.connection.refresh_from_db()
    asked.house.tell()
    asked.house.work_until_done()
    assert RecordWrite.objects.get().verdict == "CONFIRMED"
    assert record.control.order("WO-000981")["status"] == "in_progress"


def test_going_live_again_changes_nothing_but_its_time(asked: Asked) -> None:
    producing.produce(asked.row)
    go_live(asked)

    assert go_live(asked) == services.WentLive(switched_on=0, mappings=1)


def test_writes_are_held_back_again_and_the_mappings_stay(asked: Asked) -> None:
    producing.produce(asked.row)
    go_live(asked)

    services.hold_back(asked.read())

    assert asked.connection.capture
    assert asked.made()[0].enabled
    assert asked.read().live_at is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"field": ""}, "Question 4: it is not answered whether there is a field for visit.state"),
        ({"type": ""}, "Question 5: it is not answered how visit.state is updated: its type"),
        ({"target": "u_minutes"}, "filled by two facts"),
    ],
)
def test_what_is_not_answered_blocks_and_is_named(asked: Asked, values: dict[str, str], said: str) -> None:
    producing.produce(asked.row)
    asked.change(STATE, **values)

    with pytest.raises(services.NotReady, match=said):
        go_live(asked)

    assert not asked.made()[0].enabled


def test_a_way_that_is_missing_blocks(asked: Asked) -> None:
    Questionnaire.objects.update(path="")

    with pytest.raises(services.NotReady, match="method and path"):
        go_live(asked)

    assert asked.made() == []


def test_nothing_chosen_blocks(asked: Asked) -> None:
    services.choose_facts(asked.row, [])

    with pytest.raises(services.NotReady, match="Question 3: nothing is chosen"):
        go_live(asked)

    assert asked.read().live_at is None


def test_a_mapping_that_is_not_made_or_older_than_the_answers_blocks(asked: Asked) -> None:
    with pytest.raises(services.NotReady, match="not made of these answers"):
        go_live(asked)

    producing.produce(asked.row)
    asked.change(STATE, target="state_text")

    with pytest.raises(services.NotReady, match="not made of these answers"):
        go_live(asked)
    assert not asked.made()[0].enabled


def test_questions_one_and_two_do_not_block(asked: Asked) -> None:
    producing.produce(asked.row)
    Questionnaire.objects.update(deep_links="")

    go_live(asked)

    assert states(asked) == ["open", "answered", "answered", "answered", "answered"]


def test_without_an_api_it_goes_live_by_exports_and_no_mapping_is_made(asked: Asked) -> None:
    Questionnaire.objects.update(api="NONE")

    assert go_live(asked) == services.WentLive(switched_on=0, mappings=0)

    assert asked.made() == []


def test_a_pause_and_an_installation_that_holds_writes_back_block(asked: Asked, settings: object) -> None:
    producing.produce(asked.row)
    settings.OUTBOUND = "capture"  # type: ignore[attr-defined]
    asked.house.connection.paused = True
    asked.house.connection.save()

    with pytest.raises(services.NotReady) as refused:
        go_live(asked)

    assert "paused" in str(refused.value)
    assert "OUTBOUND=capture" in str(refused.value)
    assert asked.connection.paused


def test_a_choice_that_stays_keeps_its_answers(asked: Asked) -> None:
    services.choose_facts(asked.row, [MINUTES, "test.visit:visit.ended_at"])

    kept = [(item.fact, item.target) for item in asked.row.items.all()]
    assert kept == [(MINUTES, "u_minutes"), ("test.visit:visit.ended_at", "")]
