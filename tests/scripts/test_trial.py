"""Dry runs: all is shown, nothing is written."""

import pytest

from integrations.scripts import trial
from integrations.scripts.models import ScriptCall, ScriptRun, ScriptValue
from integrations.sync.models import RecordWrite
from tests.scripts.conftest import House
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER

pytestmark = pytest.mark.django_db

WRITES = f"""
async function run(ctx) {{
  const found = await ctx.http.get('/api/orders?number={NUMBER}');
  const order = found.json.items[0];
  const answer = await ctx.http.patch(`/api/orders/${{order.id}}`, {{json: {{status: ctx.session.state}}}});
  await ctx.store.set('seen', 1);
  ctx.log.info('sent', {{status: answer.status, dry: ctx.dryRun}});
  return order.number;
}}
"""


def test_a38_a_dry_run_shows_the_write_sends_none_and_asks_what_it_reads(house: House, record: RunningRecord) -> None:
    script = house.script("function run(ctx) {}")
    event = house.tell()

    tried = trial.dry_run(script, WRITES, event=event)

    assert (tried.ending, tried.result, tried.good) == ("RETURNED", NUMBER, True), tried.note
    (write,) = tried.writes
    assert (write["method"], write["body"]) == ("PATCH", {"status": "done"})
    assert tried.calls[0]["title"] == "GET /api/orders"
    assert tried.logs[0]["data"] == {"status": 202, "dry": True}
    assert record.control.order(NUMBER)["status"] != "done"
    assert not RecordWrite.objects.exists()
    assert not ScriptValue.objects.exists()
    assert not ScriptCall.objects.exists()
    assert ScriptRun.objects.count() == 1  # the published script's own, on the event


def test_what_cannot_be_read_is_shown_with_its_line(house: House) -> None:
    script = house.script("function run(ctx) {}")

    tried = trial.dry_run(script, "function run(ctx) {\n  return (;\n}")

    assert not tried.good
    assert tried.problems[0]["line"] == 2


def test_a_dry_run_that_throws_says_what_would_become_of_the_run(house: House) -> None:
    script = house.script("function run(ctx) {}")

    tried = trial.dry_run(script, "function run(ctx) {\n  null.x;\n}", event=house.tell())

    assert not tried.good
    assert tried.error is not None
    assert tried.error["line"] == 2
    assert "Next try" in tried.note


def test_events_to_try_on_are_the_newest_of_each_type_and_shape(house: House) -> None:
    script = house.script("function run(ctx) {}", event_types=["visit.updated", "visit.joined"])
    told = [house.tell() for _ in range(7)] + [house.tell(type="visit.joined"), house.tell(subject="")]

    found = trial.recent_events(script)

    assert [event.pk for event in found][:2] == [told[8].pk, told[7].pk]
    assert len(found) == 7
