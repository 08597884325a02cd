"""Dry runs whose look-ups are answered as an earlier run got them."""

import pytest

from integrations.scripts import trial
from integrations.scripts.models import ScriptCall
from tests.scripts.conftest import House
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER

pytestmark = pytest.mark.django_db

ASKS = f"async function run(ctx) {{ return (await ctx.http.get('/api/orders?number={NUMBER}')).json.items[0].status; }}"


def test_a_look_up_is_answered_from_the_earlier_run_and_not_asked_again(house: House, record: RunningRecord) -> None:
    script = house.script(ASKS)
    event = house.tell()
    house.work()
    before = house.last().result
    record.control.change_order(NUMBER, status="changed since")

    tried = trial.dry_run(script, ASKS, event=event, recorded=True)
    live = trial.dry_run(script, ASKS, event=event)

    assert (tried.ending, tried.result) == ("RETURNED", before), tried.note
    assert live.result == "changed since"


def test_what_the_earlier_run_did_not_ask_is_refused_and_not_asked(house: House) -> None:
    script = house.script(ASKS)
    event = house.tell()
    house.work()

    tried = trial.dry_run(script, ASKS.replace("number=", "status=open&number="), event=event, recorded=True)

    assert not tried.good
    assert "live look-ups" in tried.note
    assert len(tried.calls) == 1
    assert ScriptCall.objects.count() == 1


def test_without_an_earlier_run_nothing_is_tried(house: House) -> None:
    script = house.script(ASKS)
    event = house.tell()

    tried = trial.dry_run(script, ASKS, event=event, recorded=True)

    assert (tried.ending, tried.calls) == ("FAILED", [])
    assert "has not run on this event" in tried.note


def test_an_answer_too_long_to_be_kept_whole_is_refused(house: House) -> None:
    script = house.script(ASKS)
    event = house.tell()
    house.work()
    ScriptCall.objects.update(answer="x" * 32_000)

    tried = trial.dry_run(script, ASKS, event=event, recorded=True)

    assert not tried.good
    assert "too long to be kept" in tried.note
