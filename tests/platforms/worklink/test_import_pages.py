"""Imports in the admin: asked for by a form, stopped, continued, repeated; schedules that can be meant."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Connection
from integrations.core.work import WorkState
from integrations.platforms.worklink.models import ImportJob, ImportSchedule
from tests.desk.people import signed_in
from tests.factories import make_connection

pytestmark = pytest.mark.django_db
ASK = "admin:worklink_import_ask"


@pytest.fixture
def cms(db: None) -> Connection:
    return make_connection(platform="worklink", slug="cms", name="CMS")


def asked(client: Client, cms: Connection, **values: Any) -> str:
    answer = client.post(reverse(ASK), {"connection": cms.pk, "what": "", **values}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def pressed(client: Client, job: ImportJob, name: str) -> ImportJob:
    client.post(reverse("admin:worklink_importjob_do", args=[job.pk, name]))
    return ImportJob.objects.get(pk=job.pk)


def test_a_period_is_asked_for_once_for_sessions_and_once_for_calls(admin_client: Client, cms: Connection) -> None:
    asked(admin_client, cms, since="2026-01-01T00:00", until="2026-02-01T00:00")

    jobs = ImportJob.objects.order_by("resource_type")
    assert [job.resource_type for job in jobs] == ["CallSession", "ScenarioSession"]
    assert {(job.since, job.until, job.asked_by) for job in jobs} == {
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), "admin")
    }


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"since": "2026-02-01T00:00", "until": "2026-01-01T00:00"}, "The end must be after the start."),
        ({"since": "soon"}, "Enter a valid date/time."),
        ({"what": "Everything"}, "Select a valid choice."),
        ({"connection": "999999"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_asked_for(
    admin_client: Client, cms: Connection, values: dict[str, Any], sentence: str
) -> None:
    assert sentence in asked(admin_client, cms, **values)

    assert not ImportJob.objects.exists()


def test_an_import_is_stopped_continued_and_repeated(admin_client: Client, cms: Connection) -> None:
    job = ImportJob.objects.create(connection=cms, since=datetime(2026, 1, 1, tzinfo=UTC), cursor="abc", seen=25)

    job = pressed(admin_client, job, "stop")
    assert (job.state, job.note) == (WorkState.SKIPPED, "Stopped by admin.")
    job = pressed(admin_client, job, "go_on")
    assert (job.state, job.cursor, job.stopped_by) == (WorkState.DUE, "abc", "")
    pressed(admin_client, job, "stop")
    pressed(admin_client, job, "run_again")

    again = ImportJob.objects.exclude(pk=job.pk).get()
    assert (again.since, again.cursor, again.seen) == (job.since, "", 0)


def test_who_only_looks_asks_for_nothing(cms: Connection) -> None:
    viewer = signed_in("Viewer")
    job = ImportJob.objects.create(connection=cms)

    assert viewer.get(reverse(ASK)).status_code == 403
    assert viewer.post(reverse(ASK), {"connection": cms.pk}).status_code == 403
    assert pressed(viewer, job, "stop").stopped_by == ""
    assert ImportJob.objects.count() == 1


@pytest.mark.parametrize("values", [{"cron": "at night"}, {"cron": "0 3 30 2 *"}, {"time_zone": "Mars/Base"}])
def test_a_schedule_that_cannot_be_meant_is_refused(
    admin_client: Client, cms: Connection, values: dict[str, str]
) -> None:
    given = {"connection": cms.pk, "cron": "0 3 * * *", "time_zone": "UTC", "enabled": "on"}

    answer = admin_client.post(reverse("admin:worklink_importschedule_add"), given | values)

    assert answer.status_code == 200
    assert not ImportSchedule.objects.exists()
