"""Which scenario a visit is, and which ids may come."""

from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given

from integrations.camera.models import Scenario as StoredScenario
from integrations.camera.protocol.errors import ArrivalRefused, NameTooLong, NotFound, UnknownTaskGroup
from integrations.camera.protocol.pages import Arrival, Scenario, read_arrival
from integrations.camera.protocol.query import Parameters, read_query
from tests.camera.protocol.texts import ANY_TEXT

SOME = "7f0c0000-0000-4000-8000-0000000000aB"
SOME_ID = UUID(SOME)
CONNECTOR = "/field/connector"


def test_the_stored_scenarios_are_the_protocols() -> None:
    assert [each.value for each in StoredScenario] == [each.value for each in Scenario]


@pytest.mark.parametrize(
    ("path", "query", "arrival"),
    [
        ("work_item/create", "task_group_name=G", Arrival(Scenario.CREATE, task_group_name="G")),
        ("work_item/create/", "task_group_name=G", Arrival(Scenario.CREATE, task_group_name="G")),
        (
            "work_item/create",
            "task_group_name=G&work_order_name=J+1&wo_metadata=e30&work_order_id=&type_names=a",
            Arrival(Scenario.CREATE, task_group_name="G", work_order_name="J 1", wo_metadata="e30"),
        ),
        (
            "work_item/create",
            f"work_order_id={SOME}&task_group_name=G&work_order_name=J&wo_metadata=no",
            Arrival(Scenario.ADD, order_id=SOME_ID, task_group_name="G"),
        ),
        (f"work_item/{SOME}", "task_group_name=G&work_order_id=x", Arrival(Scenario.RETAKE, item_id=SOME_ID)),
        (f"input/{SOME}", "task_group_name=G&work_order_id=x", Arrival(Scenario.ANALYSIS, input_id=SOME_ID)),
        ("work_order/create", "type_names=a,b", Arrival(Scenario.ORDER, type_names=("a", "b"))),
        (f"work_order/{SOME}", "type_names=a,b&work_order_name=J", Arrival(Scenario.ORDER, order_id=SOME_ID)),
    ],
)
def test_path_and_parameters_tell_the_scenario(path: str, query: str, arrival: Arrival) -> None:
    assert read_arrival(f"{CONNECTOR}/{path}", read_query(query)) == arrival


@pytest.mark.parametrize("query", ["", "task_group_name=", "task_group_name=&task_group_name=G", "Task_Group_Name=G"])
def test_a09_without_a_task_group_nothing_is_created(query: str) -> None:
    with pytest.raises(UnknownTaskGroup, match="task_group_name is missing") as refused:
        read_arrival(f"{CONNECTOR}/work_item/create", read_query(query))

    assert refused.value.code == "unknown_task_group"


@pytest.mark.parametrize(
    "text",
    [
        "1",
        SOME.replace("-", ""),
        "{" + SOME + "}",
        f"urn:uuid:{SOME}",
        SOME + "0",
        SOME[:-1] + "g",
        SOME + "%0a",
        "\u0667f0c0000-0000-4000-8000-000000000000",
        "..",
        "' or 1=1 --",
    ],
)
def test_a13_a_malformed_id_is_not_found(text: str) -> None:
    for path, query in [
        (f"work_item/{text}", ""),
        (f"input/{text}", ""),
        (f"work_order/{text}", ""),
        ("work_item/create", f"task_group_name=G&work_order_id={text}"),
    ]:
        with pytest.raises(NotFound) as refused:
            read_arrival(f"{CONNECTOR}/{path}", read_query(query))
        assert refused.value.code == "not_found"


@pytest.mark.parametrize(
    "path",
    ["", "/", CONNECTOR, f"{CONNECTOR}/", f"{CONNECTOR}/work_item", f"{CONNECTOR}/token/work_item/create",
     f"{CONNECTOR}/input/create", "/x/field/connector/work_item/create", f"{CONNECTOR}/work_item/create//",
     f"{CONNECTOR}/WORK_ITEM/create", f"{CONNECTOR}/work_item/create\n"],
)  # fmt: skip
def test_other_paths_are_no_page_of_ours(path: str) -> None:
    with pytest.raises(NotFound):
        read_arrival(path, Parameters(task_group_name="G"))


def test_a_name_is_kept_as_given_up_to_128_characters() -> None:
    name = " é" * 64
    path = f"{CONNECTOR}/work_order/create"

    assert read_arrival(path, Parameters(work_order_name=name)).work_order_name == name
    with pytest.raises(NameTooLong, match="129 characters"):
        read_arrival(path, Parameters(work_order_name=name + "x"))


@given(ANY_TEXT | ANY_TEXT.map(lambda text: f"{CONNECTOR}/work_item/{text}"), ANY_TEXT)
def test_any_path_and_query_is_read_or_refused_by_name(path: str, query: str) -> None:
    with suppress(ArrivalRefused):
        assert read_arrival(path, read_query(query)).scenario in Scenario
