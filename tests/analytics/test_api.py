"""The report over HTTP."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.analytics.models import BusinessCalendar
from integrations.connections.models import ApiToken, Workspace
from tests.analytics.making import make_job, make_seven, measure_all
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db
PATH = reverse("analytics:time_to_resolution")


def client(*scopes: str, workspace: Workspace | None = None) -> Client:
    space = workspace or make_workspace()
    ApiToken.objects.create(workspace=space, name="BI", token_hash=ApiToken.hash_of("fp_x"), scopes=list(scopes))
    return Client(headers={"authorization": "Bearer fp_x"})


def test_the_worked_example_comes_out_exactly() -> None:
    make_seven(priority="High")
    make_job(None)
    measure_all()

    told: dict[str, Any] = client("reports:read").get(f"{PATH}?guard_rail=off").json()

    assert (told["with_call"]["median_hours"], told["without_call"]["median_hours"]) == (4, 8)
    assert (told["difference_hours"], told["ratio"], told["causal"]) == (-4, 0.5, False)
    assert told["left_out"] == {"NOT_OPENED": 0, "NOT_RESOLVED": 1, "BACKWARDS": 0}
    assert [each["priority"] for each in told["by_priority"]] == ["", "High"]
    assert told["resolved_within"][2] == {"within_hours": 4, "with_call": 2 / 3, "without_call": 0}


def test_small_groups_have_no_figures_unless_asked_for() -> None:
    make_seven()
    measure_all()

    told = client("reports:read").get(PATH).json()

    assert (told["fewest"], told["with_call"]["jobs"], told["with_call"]["median_hours"]) == (10, 3, None)


def test_it_is_of_the_tokens_workspace_and_its_calendars() -> None:
    make_job(1)
    plant = Workspace.objects.create(slug="plant", name="Plant")
    BusinessCalendar.objects.create(workspace=plant, slug="desk", name="Desk", shifts=["Mon 08:00-17:00"])
    measure_all()
    asking = client("reports:read", workspace=plant)

    told = asking.get(f"{PATH}?calendar=desk").json()

    assert (told["calendar"], told["without_call"]["jobs"]) == ("desk", 0)
    ApiToken.objects.all().delete()
    assert client("reports:read").get(f"{PATH}?calendar=desk").status_code == 400


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=now", "since"),
        ("since=2026-03-02&until=2026-03-01", "until"),
        ("calendar=no", "calendar"),
        ("guard_rail=1", "guard_rail"),
        ("sites=Basel", "sites"),
        ("site=%00", "site"),
        ("site=", "site"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(query: str, field: str) -> None:
    answer = client("reports:read").get(f"{PATH}?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_without_the_scope_nothing_is_told() -> None:
    answer = client("workorders:read").get(PATH)

    assert (answer.status_code, "with_call" in answer.json()) == (403, False)
