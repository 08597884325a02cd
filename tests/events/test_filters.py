"""The predicate and its index: which endpoints an event goes to."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.events.facts import type_names
from integrations.events.filters import FilterIndex, Rule, explained, matches, reference

UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
VALUES = st.frozensets(st.sampled_from("abcdef"), max_size=3)
FIELDS = ("cameraIds", "agentIds", "profileGroupIds", "eventTypes", "workOrder.site")
ENDPOINTS = [f"endpoint {number}" for number in range(5)]


def rule(key: str = "f", endpoints: tuple[str, ...] = (), **conditions: set[str]) -> Rule:
    return Rule(key, {name: frozenset(values) for name, values in conditions.items()}, endpoints)


RULES = st.lists(
    st.builds(
        Rule,
        key=st.just("f"),
        conditions=st.dictionaries(st.sampled_from(FIELDS), VALUES),
        endpoints=st.lists(st.sampled_from(ENDPOINTS), max_size=3).map(tuple),
    ),
    max_size=40,
)
FACTS = st.dictionaries(st.sampled_from(FIELDS), VALUES)


@settings(max_examples=60, **UNHURRIED)
@given(rules=RULES, facts=FACTS)
def test_the_index_finds_what_the_reference_predicate_finds(
    rules: list[Rule], facts: dict[str, frozenset[str]]
) -> None:
    index = FilterIndex(rules, endpoints=ENDPOINTS)

    assert index.endpoints(facts) == reference(facts, rules=rules, endpoints=ENDPOINTS)
    assert list(index.rules(facts)) == [each for each in rules if matches(each, facts)]


def test_many_filters_on_one_value_are_found_like_few() -> None:
    rules = [rule(str(number), ("all",), cameraIds={"c"} | ({"d"} if number == 70 else set())) for number in range(100)]
    index = FilterIndex(rules, endpoints=["all"])

    assert len(list(index.rules({"cameraIds": ("c",)}))) == 100
    assert [each.key for each in index.rules({"cameraIds": ("d",)})] == ["70"]
    assert index.endpoints({"cameraIds": ("e",)}) == set()


def test_o10_values_of_a_field_are_alternatives_and_fields_must_all_hold() -> None:
    both = rule(cameraIds={"c1", "c2"}, eventTypes={"ROI"})

    assert matches(both, {"cameraIds": ("c2",), "eventTypes": ("ROI",)})
    assert not matches(both, {"cameraIds": ("c1",), "eventTypes": ("HAR",)})
    assert not matches(both, {"cameraIds": ("c3",), "eventTypes": ("ROI",)})


def test_a_clause_says_what_it_wanted_and_what_it_saw() -> None:
    clauses = explained(rule(cameraIds={"c1"}, eventTypes={"ROI"}, agentIds=set()), {"cameraIds": ("c2",)})

    assert [(each.field, each.wanted, each.seen, each.holds) for each in clauses] == [
        ("cameraIds", ("c1",), ("c2",), False),
        ("eventTypes", ("ROI",), (), False),
    ]


def test_an_endpoint_that_is_gone_gets_nothing() -> None:
    index = FilterIndex([rule("f", ("here", "gone"))], endpoints=["here"])

    assert index.endpoints({}) == {"here"}


def test_a_type_of_ours_is_found_by_its_name_and_by_each_part_of_it() -> None:
    assert type_names("camera.input.received") == ("camera.input.received", "camera.input.*", "camera.*")
