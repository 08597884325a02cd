"""The report's pages: figures, refusals, jobs, CSV."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.analytics.models import BusinessCalendar, MeasuredJob, Recount, ResolutionTarget
from integrations.analytics.pages import jobs
from integrations.analytics.words import MINUS, ratio, share, span
from integrations.connections.models import Workspace
from tests.analytics.making import NOON, hours, make_job, make_seven, measure_all
from tests.factories import make_workspace
from tests.workorders.making import make_connection

pytestmark = pytest.mark.django_db
REPORT = reverse("admin:analytics_measuredjob_changelist")
JOBS = reverse("admin:analytics_measuredjob_jobs")
FIGURES_CSV, JOBS_CSV = (reverse(f"admin:analytics_measuredjob_{name}") for name in ("figures_csv", "jobs_csv"))


def rows_of(answer: Any) -> list[list[str]]:
    text = answer.getvalue().decode()
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    return list(csv.reader(StringIO(text[1:])))


def test_a32_the_page_shows_the_worked_example_exactly(admin_client: Client) -> None:
    make_seven()
    measure_all()

    shown = admin_client.get(f"{REPORT}?guard_rail=off")

    medians = [(each["n"], each["median"]) for each in shown.context["cohorts"]]
    assert medians == [(3, "4 h"), (4, "8 h")]
    assert (shown.context["difference"], shown.context["ratio"]) == (f"{MINUS}4 h", "0.50")
    page = shown.content.decode()
    assert f'<dd id="difference">{MINUS}4 h</dd>' in page
    assert "Not causal." in page
    assert shown.context["verdict"] == "In the middle, jobs with a call were resolved 4 h faster."


def test_with_the_guard_rail_seven_jobs_are_too_few(admin_client: Client) -> None:
    make_seven()
    measure_all()

    shown = admin_client.get(REPORT)

    assert [(each["n"], each["too_few"]) for each in shown.context["cohorts"]] == [(3, True), (4, True)]
    assert (shown.context["difference"], shown.context["chart"]["sets"]) == ("–", [])
    assert b"4 h" not in shown.content


def test_targets_and_what_is_left_out_are_shown(admin_client: Client) -> None:
    make_seven(priority="High")
    make_job(None)
    ResolutionTarget.objects.create(workspace=make_workspace(), priority="High", hours=4)
    measure_all()

    shown = admin_client.get(f"{REPORT}?guard_rail=off").context

    assert [each["within"] for each in shown["cohorts"]] == ["67 %", "0 %"]
    assert [(str(reason), count) for reason, count in shown["left_out"]] == [("It is not resolved.", 1)]


def test_a_calendar_changes_what_counts(admin_client: Client) -> None:
    make_job(24 * 7)
    BusinessCalendar.objects.create(
        workspace=make_workspace(), slug="desk", name="Service desk", shifts=["Mon-Fri 08:00-17:00"]
    )
    measure_all()

    medians = [
        admin_client.get(f"{REPORT}?guard_rail=off&calendar={each}").context["cohorts"][1]["median"]
        for each in ("clock", "desk")
    ]

    assert medians == ["168 h", "45 h"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday", "since"),
        ("since=2026-02-30", "since"),
        ("since=2026-03-02&until=2026-03-01", "until"),
        ("calendar=nowhere", "calendar"),
        ("guard_rail=perhaps", "guard_rail"),
        ("site=%00", "site"),
        (f"priority={'x' * 61}", "priority"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(admin_client: Client, query: str, field: str) -> None:
    make_job(1)
    measure_all()

    shown = admin_client.get(f"{REPORT}?{query}")

    assert (shown.status_code, list(shown.context["form"].errors)) == (200, [field])
    assert "figures" not in shown.context
    assert admin_client.get(f"{JOBS}?{query}").status_code == 200
    assert admin_client.get(f"{JOBS_CSV}?{query}").status_code == 400
    assert admin_client.get(f"{FIGURES_CSV}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["since=0001-01-01&until=9999-12-31", "workspace=%00", "workspace=no", "p=x&group=no"]
)
def test_odd_addresses_show_what_there_is(admin_client: Client, query: str) -> None:
    make_job(1)
    measure_all()

    assert [admin_client.get(f"{path}?{query}").status_code for path in (REPORT, JOBS, JOBS_CSV)] == [200] * 3


def test_an_empty_report_says_what_fills_it(admin_client: Client) -> None:
    shown = admin_client.get(REPORT)

    assert b"No job has been measured yet." in shown.content
    assert "figures" not in shown.context


def test_a_recount_on_its_way_is_told(admin_client: Client) -> None:
    make_job(1)
    measure_all()
    Recount.objects.update(after=25, until=100, why="business calendar")

    assert b"business calendar): 25 %" in admin_client.get(REPORT).content


def test_who_may_not_see_reports_sees_none() -> None:
    client = Client()
    client.force_login(User.objects.create_user("eve", is_staff=True))

    assert [client.get(path).status_code for path in (REPORT, JOBS, JOBS_CSV, FIGURES_CSV)] == [403] * 4


def test_another_workspace_has_its_own_jobs(admin_client: Client) -> None:
    plant = Workspace.objects.create(slug="plant", name="Plant")
    make_job(1, workspace=plant)
    measure_all()

    assert admin_client.get(f"{REPORT}?workspace=plant").context["cohorts"][1]["n"] == 1
    assert admin_client.get(REPORT).context["is_empty"]


def test_the_jobs_of_a_group_are_shown_page_by_page(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SIZE", 2)
    first, *_others = make_seven()
    measure_all()

    pages = [admin_client.get(f"{JOBS}?group=with")]
    pages.append(admin_client.get(f"{JOBS}?{pages[0].context['older']}"))

    keys = [row["row"].work_order_id for page in pages for row in page.context["rows"]]
    assert keys == sorted(keys, reverse=True)
    assert len(keys) == 3
    assert "older" not in pages[1].context
    row = pages[1].context["rows"][0]
    assert row["row"].work_order_id == first.pk
    assert (row["took"], row["in_calls"], row["to_first_call"], row["from_last_call"]) == (
        "2 h",
        "12 min",
        "1 h",
        "1 h",
    )


def test_the_jobs_need_as_many_queries_for_five_as_for_one(admin_client: Client) -> None:
    make_job(2, 1)
    measure_all()
    admin_client.get(JOBS)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(JOBS)
    for _ in range(4):
        make_job(2, 1)
    measure_all()

    with CaptureQueriesContext(connection) as five:
        assert len(admin_client.get(JOBS).context["rows"]) == 5
    assert len(one) == len(five)


def test_the_figures_are_a_csv_file(admin_client: Client) -> None:
    make_seven(priority="=HYPERLINK(0)")
    measure_all()

    heading, first, second, third, _ = rows_of(admin_client.get(f"{FIGURES_CSV}?guard_rail=off"))

    assert heading[:4] == ["priority", "group", "jobs", "median_hours"]
    assert (first[:4], second[:4]) == (["", "with_call", "3", "4.0"], ["", "without_call", "4", "8.0"])
    assert third[0] == "'=HYPERLINK(0)"


def test_the_jobs_are_a_csv_file_without_formulas(admin_client: Client) -> None:
    system = make_connection("erp")
    order = make_job(2, 0.5, site="+1", priority="@a")
    order.external_ids.create(system=system, external_id="=cmd|' /C calc'!A0")
    measure_all()

    heading, row = rows_of(admin_client.get(JOBS_CSV))

    found = dict(zip(heading, row, strict=True))
    assert (found["external_id"], found["site"], found["priority"]) == ("'=cmd|' /C calc'!A0", "'+1", "'@a")
    assert (found["hours_to_resolution"], found["calls"], found["minutes_in_calls"]) == ("2.0", "1", "12.0")
    assert (found["opened_at"], found["hours_to_first_call"]) == (NOON.isoformat(), "0.5")


@pytest.mark.parametrize(
    ("took", "said"),
    [
        (hours(4), "4 h"),
        (hours(-4), f"{MINUS}4 h"),
        (hours(4.25), "4 h 15 min"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=3599.9), "1 h"),
        (timedelta(seconds=-0.1), "0 s"),
        (hours(1234.4), "1,234 h"),
        (timedelta(), "0 s"),
        (None, "–"),
    ],
)
def test_a_time_is_told_in_hours_and_minutes(took: timedelta | None, said: str) -> None:
    assert span(took) == said
    assert (ratio(0.5), ratio(None), share(0.935), share(None)) == ("0.50", "–", "94 %", "–")


def test_a_saved_calendar_has_all_jobs_measured_anew(admin_client: Client) -> None:
    make_job(1)
    measure_all()
    given = {"workspace": make_workspace().pk, "name": "Desk", "slug": "desk", "zone": "Europe/Berlin"}
    path = reverse("admin:analytics_businesscalendar_add")

    wrong = admin_client.post(path, given | {"shifts": "Mon-Fri 8 to 5", "closed_days": "Christmas"})
    assert list(wrong.context["adminform"].form.errors) == ["shifts", "closed_days"]
    assert not BusinessCalendar.objects.exists()
    good = admin_client.post(path, given | {"shifts": "Mon-Fri 08:00-17:00\n\nSat 09:00-12:00", "closed_days": ""})

    assert good.status_code == 302
    assert BusinessCalendar.objects.get().shifts == ["Mon-Fri 08:00-17:00", "Sat 09:00-12:00"]
    assert Recount.objects.get().running
    assert MeasuredJob.objects.count() == 1  # of before, until a worker comes
