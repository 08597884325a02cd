"""Status, score and progress, from tasks and their outcomes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.protocol.outcomes import Outcome, OutcomeType
from integrations.camera.protocol.rules import read_rules
from integrations.camera.protocol.verdicts import (
    ItemFacts,
    Status,
    TaskFacts,
    applicable,
    progress,
    score,
    status,
    verdict,
    verdicts,
)
from tests.camera.protocol.tasks import YES_OR_NO, item, task

TASKS = st.builds(task, mandatory=st.booleans(), dashboard=st.booleans(), counts=st.booleans())
VALUES = st.none() | st.booleans()


def test_a01_all_validated_is_ok_and_100() -> None:
    assert (status(item(True, True)), score(item(True, True))) == (Status.OK, 100)


@pytest.mark.parametrize(("values", "points"), [((False,), 0), ((True, False), 50), ((True, True, None), 67)])
def test_a31_a_mandatory_task_that_is_not_validated_is_ko(values: tuple[bool | None, ...], points: int) -> None:
    assert (status(item(*values)), score(item(*values))) == (Status.KO, points)


def test_a31_the_score_stays_below_100_whatever_is_rounded_or_left_out() -> None:
    many = item(*[True] * 400, False)
    uncounted = ItemFacts((task(counts=False),), {"seal": Outcome(False)})

    assert (status(many), score(many)) == (Status.KO, 99)
    assert (status(uncounted), score(uncounted)) == (Status.KO, 99)


def test_a32_only_an_optional_task_is_not_validated() -> None:
    assert (status(item(True, optional=(False,))), score(item(True, optional=(False,)))) == (Status.OK, 50)


def test_what_is_only_for_the_dashboard_does_not_decide() -> None:
    facts = ItemFacts((task("a"), task("b", dashboard=True, counts=False)), {"a": Outcome(True), "b": Outcome(False)})

    assert (status(facts), score(facts)) == (Status.OK, 100)


def test_an_item_where_nothing_counts_has_100() -> None:
    assert (status(ItemFacts((), {})), score(ItemFacts((), {}))) == (Status.OK, 100)


def test_a41_a_correction_makes_it_ok_and_raises_the_score() -> None:
    before, after = item(False, True), item(False, True, corrected=True)

    assert (status(before), score(before)) == (Status.KO, 50)
    assert (status(after), score(after)) == (Status.OK, 100)


def test_a_correction_can_make_it_ko_too() -> None:
    assert status(item(True, corrected=False)) is Status.KO


def test_a44_the_lowest_score_is_0() -> None:
    assert score(item(False, None)) == 0


def test_a_verdict_shows_the_rule_that_decided() -> None:
    assert verdict(task(), Outcome(True)).rule is YES_OR_NO[0]
    assert verdict(task(), Outcome(False)).rule is YES_OR_NO[1]
    assert [verdict(task(), each).validated for each in (Outcome(True), Outcome(False), Outcome(), None)] == [
        True, False, False, False
    ]  # fmt: skip


def test_no_value_is_never_validated_even_if_a_rule_says_so() -> None:
    rules = read_rules([{"schema": {}, "is_conformity_validated": True, "not_analyzed": True, "sentence": "none"}])
    found = verdict(TaskFacts("t", OutcomeType.TEXT, rules), Outcome())

    assert (found.validated, found.rule) == (False, rules[0])


def test_a_task_without_rules_is_never_validated() -> None:
    assert not verdict(TaskFacts("t"), Outcome(True)).validated


def test_a54_outcomes_are_found_by_name() -> None:
    facts = ItemFacts((task("a"),), {"A": Outcome(True), "other": Outcome(True)})

    assert [each.validated for each in verdicts(facts)] == [False]


def test_types_of_an_order_choose_among_its_tasks() -> None:
    every, install, repair = (
        TaskFacts("e"),
        TaskFacts("i", type_names=("install",)),
        TaskFacts("r", type_names=("repair",)),
    )
    tasks = (every, install, repair)

    assert applicable(tasks, type_names=[]) == tasks
    assert applicable(tasks, type_names=["install"]) == (every, install)
    assert applicable((install,), type_names=["repair"]) == ()


def test_progress_is_over_all_tasks_that_count() -> None:
    missing = ItemFacts((task("a"), task("b")))

    assert progress([]) == 0
    assert progress([missing]) == 0
    assert progress([item(True, True), missing]) == 50
    assert progress([item(True, True), item(True, optional=(False,))]) == 75
    assert progress([item(True), item(True)]) == 100


@given(st.lists(st.tuples(TASKS, VALUES)))
def test_score_and_status_agree(pairs: list[tuple[TaskFacts, bool | None]]) -> None:
    named = [(TaskFacts(str(at), rules=one.rules, mandatory=one.mandatory, only_for_dashboard=one.only_for_dashboard,
                        counts=one.counts), value) for at, (one, value) in enumerate(pairs)]  # fmt: skip
    facts = ItemFacts(tuple(one for one, _ in named), {one.name: Outcome(value) for one, value in named})

    assert 0 <= score(facts) <= 100
    assert status(facts) is Status.OK or score(facts) < 100
    assert progress([facts, facts]) == score(facts)
