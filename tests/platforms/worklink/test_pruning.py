"""A token that sees only some groups (A25, E15): lists are pruned silently, and the set-up page says so."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connections import services as connections
from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.platforms.worklink import names, probing
from integrations.platforms.worklink.models import ScenarioSession
from integrations.platforms.worklink.pruning import Sight, compared, look_now, sight_of
from tests.platforms.worklink.conftest import make_worklink
from tests.platforms.worklink.house import House
from tests.simulators.running import RunningWorkLink
from tests.simulators.worklink.access import LIMITED_TOKEN


@pytest.fixture
def limited(cms: RunningWorkLink, db: None) -> Connection:
    """One session of the group that the token sees, one of another."""
    generators = cms.control.state.nodes.all("Scenario")[-1]["id"]
    cms.control.start_session({})
    cms.control.start_session({}, scenario=generators)
    return make_worklink(cms.url, credentials={"token": LIMITED_TOKEN})


@pytest.mark.django_db
def test_a25_only_permitted_sessions_are_listed_and_the_set_up_page_warns(house: House, admin_client: Client) -> None:
    generators = house.cms.state.nodes.all("Scenario")[-1]["id"]
    seen = house.cms.start_session({"work_order_id": "WO-000981"})
    hidden = house.cms.start_session({"work_order_id": "WO-000981"}, scenario=generators)
    page_of_it = reverse("admin:worklink_set_up", args=[house.connection.pk])
    assert "Lists leave out silently" not in admin_client.get(page_of_it).content.decode()

    house.connection.credentials = {"token": LIMITED_TOKEN}
    house.connection.save()

    client = probing.client_of(house.connection, open_client(house.connection))
    page = client.page(names.SESSION)
    assert page is not None
    assert [node["id"] for node in page.nodes] == [seen]
    assert hidden != seen
    text = admin_client.get(page_of_it).content.decode()
    assert "Lists leave out silently" in text
    assert "take a token that has All Groups" in text
    assert not ScenarioSession.objects.exists()


@pytest.mark.django_db
def test_the_test_of_the_connection_warns_too(limited: Connection) -> None:
    assert "The token sees nothing of 2 of 3 groups" in connections.check(limited)


@pytest.mark.django_db
def test_a_server_that_names_no_groups_leaves_it_to_a_person(cms: RunningWorkLink) -> None:
    cms.control.set_settings(removed_fields=("Organization.groups",))
    connection = make_worklink(cms.url, credentials={"token": LIMITED_TOKEN})

    sight = look_now(connection)

    assert (sight.groups, sight.warning) == (0, "")


def test_groups_without_content_that_is_seen_are_named() -> None:
    organization = {
        "groups": {"nodes": [{"id": "1", "name": "Pumps"}, {"id": "2", "name": "Generators"}]},
        "scenarios": {"nodes": [{"originGroup": {"id": "1"}}, {"originGroup": None}]},
    }

    sight = sight_of({"viewer": {"organization": organization}}, sessions=4)

    assert (sight.groups, sight.unseen) == (2, ("Generators",))


@pytest.mark.parametrize("data", [{}, {"viewer": None}, {"viewer": {"organization": {"groups": 7, "scenarios": []}}}])
def test_an_answer_of_another_shape_is_no_warning(data: dict[str, object]) -> None:
    assert sight_of(data, sessions=None).warning == ""


@pytest.mark.parametrize(
    ("expected", "said", "all_seen"),
    [
        ("260", "sees 60 of 260 sessions", False),
        ("60", "all of them", True),
        ("", "Enter the number", False),
        ("-1", "Enter the number", False),
        ("9" * 40, "Enter the number", False),
    ],
)
def test_the_count_is_compared_with_what_a_person_read(expected: str, said: str, all_seen: bool) -> None:
    sentence, everything = compared(Sight(60, 3, ()), expected)

    assert said in sentence
    assert everything is all_seen
