"""What a script keeps from run to run."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.scripts import memory
from integrations.scripts.memory import Memory, StoreRefused
from integrations.scripts.models import Script, ScriptValue

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def script() -> Script:
    return Script.objects.create(slug="orders", name="Orders")


def kept(script: Script) -> dict[str, object]:
    return dict(ScriptValue.objects.filter(script=script).values_list("key", "value"))


def test_nothing_is_kept_before_the_run_finishes(script: Script) -> None:
    store = Memory(script, NOON)
    store.set("seen", ["a"])

    assert store.get("seen") == ["a"]
    assert kept(script) == {}
    store.commit()
    assert kept(script) == {"seen": ["a"]}


def test_a_value_is_gone_after_its_time(script: Script) -> None:
    store = Memory(script, NOON)
    store.set("seen", 1, ttl_seconds=60)
    store.commit()

    assert Memory(script, NOON + timedelta(seconds=59)).get("seen") == 1
    assert Memory(script, NOON + timedelta(seconds=61)).get("seen") is None


def test_two_runs_at_a_time_both_count(script: Script) -> None:
    first, second = Memory(script, NOON), Memory(script, NOON)
    first.incr("count", 1)
    second.incr("count", 2)
    second.incr("count", 1)

    first.commit()
    second.commit()

    assert kept(script) == {"count": 4}


def test_counting_from_a_value_that_this_run_set_keeps_what_it_set(script: Script) -> None:
    ScriptValue.objects.create(script=script, key="count", value=100)
    store = Memory(script, NOON)
    store.set("count", 5)
    store.incr("count", 1)

    store.commit()

    assert kept(script) == {"count": 6}


def test_what_is_deleted_is_gone_for_this_run_and_after_it(script: Script) -> None:
    ScriptValue.objects.create(script=script, key="seen", value=1)
    store = Memory(script, NOON)
    store.delete("seen")

    assert store.get("seen") is None
    store.commit()
    assert kept(script) == {}


def test_too_many_keys_are_refused_and_nothing_is_written(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_KEYS", 2)
    store = Memory(script, NOON)
    for key in "abc":
        store.set(key, 1)

    with pytest.raises(StoreRefused, match="at most 2 keys"):
        store.commit()

    assert kept(script) == {}


@pytest.mark.parametrize(
    ("key", "value", "ttl"), [("", 1, None), ("k" * 201, 1, None), ("k", "x" * 40_000, None), ("k", 1, -1)]
)
def test_what_the_store_does_not_take_is_refused(script: Script, key: str, value: object, ttl: float | None) -> None:
    with pytest.raises(StoreRefused):
        Memory(script, NOON).set(key, value, ttl_seconds=ttl)


def test_counting_on_what_is_no_number_is_refused(script: Script) -> None:
    ScriptValue.objects.create(script=script, key="name", value="x")

    with pytest.raises(StoreRefused, match="is not a number"):
        Memory(script, NOON).incr("name", 1)
