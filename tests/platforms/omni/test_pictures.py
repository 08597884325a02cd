"""Pictures of events against a simulated platform: fetched from it, and answered here after it has dropped them."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from integrations.connections.models import Connection
from integrations.connections.services import issue_token
from integrations.core import clock, files, images, statements
from integrations.core.drain import drain
from integrations.core.work import MAX_DEATHS, WorkState
from integrations.events import jobs
from integrations.events.models import Event, Picture, Standing
from integrations.events.selectors.subscriptions import subscriptions
from integrations.events.sequencer import sequence_all
from integrations.platforms.omni.options import conditions_of
from integrations.platforms.omni.taking import take_pushed
from tests.platforms.omni.conftest import Following, make_omni
from tests.platforms.omni.test_following import receive
from tests.simulators.omni.state import new_id
from tests.simulators.running import RunningOmni

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": kept}


def fetch() -> int:
    return drain(Picture, jobs.fetch)


def happened(connection: Connection, platform: RunningOmni, type: str = "roi", **values: Any) -> Event:
    """An event as the platform pushes it, taken into the log."""
    event = platform.control.happen(type) | values
    take_pushed(connection, [event], conditions=conditions_of(connection), now=clock.now())
    return Event.objects.get(uuid=event["event"]["id"])


def body_of(event: Event) -> dict[str, Any]:
    """What subscribers are handed."""
    document: dict[str, Any] = json.loads(subscriptions(event.workspace_id).wire.body(event))
    return document


def path_of(link: str, settings: Settings) -> str:
    assert link.startswith(f"{settings.PUBLIC_URL}/")
    return link.removeprefix(settings.PUBLIC_URL)


def the_picture(event: Event, name: str = "image") -> Picture:
    return Picture.objects.get(image_id=event.payload["event"][name])


def asked(platform: RunningOmni) -> list[str]:
    return [each.path for each in platform.control.state.log.requests if "get-image" in each.path]


def stored() -> set[str]:
    try:
        days = default_storage.listdir(jobs.FOLDER)[0]
    except FileNotFoundError:
        return set()
    return {
        f"{jobs.FOLDER}/{day}/{name}" for day in days for name in default_storage.listdir(f"{jobs.FOLDER}/{day}")[1]
    }


def test_an_event_comes_by_websocket_and_all_its_links_open_after_the_platform_dropped_its_pictures(
    following: Following, platform: RunningOmni, client: Client, settings: Settings
) -> None:
    following.step()
    pushed = platform.control.happen("identification")
    receive(following, platform)

    assert fetch() == 3
    sample = pushed["candidates"][0]["profile"]["main_sample_id"]
    platform.control.drop_images(pushed["event"]["image"], pushed["event"]["original_image"], sample)
    body = body_of(Event.objects.get())

    links = [body["event"]["image_link"], body["event"]["original_image_link"]]
    assert all("/event-service/get-image/" in link for link in links)
    links.append(body["candidates"][0]["profile"]["sample_link"])
    for link in links:
        answer = client.get(path_of(link, settings))
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert Image.open(BytesIO(answer.content)).size == (64, 48)
    assert sorted(asked(platform)) == sorted(
        [f"/event-service/get-image/{pushed['event'][name]}" for name in ("image", "original_image")]
        + [f"/get-image/{sample}"]
    )


def test_pictures_of_events_that_only_the_api_told_of_are_fetched_too(
    following: Following, platform: RunningOmni
) -> None:
    pushed = platform.control.happen("har")
    following.step()

    fetch()

    assert Event.objects.get().reason == "reconciled"
    ids = {str(id) for id in Picture.objects.filter(state=WorkState.DONE).values_list("image_id", flat=True)}
    assert ids == {pushed["event"]["image"], pushed["event"]["original_image"]}


def test_the_token_is_sent_to_a_platform_that_asks_for_it(connection: Connection, platform: RunningOmni) -> None:
    platform.control.set_settings(open_images=False)
    event = happened(connection, platform)

    fetch()

    assert the_picture(event).standing == Standing.STORED


def test_a_connection_may_leave_pictures_where_they_are(db: None, platform: RunningOmni) -> None:
    happened(make_omni(platform, pictures=False), platform)

    assert not Picture.objects.exists()
    assert fetch() == 0
    assert asked(platform) == []


def test_a_sample_that_many_events_name_is_fetched_once(connection: Connection, platform: RunningOmni) -> None:
    events = [happened(connection, platform, "identification") for _ in range(3)]

    fetch()

    samples = {event.payload["candidates"][0]["profile"]["main_sample_id"] for event in events}
    assert len(samples) == 1
    assert sum(path.startswith("/get-image/") for path in asked(platform)) == 1


def test_a_link_leads_nowhere_but_to_the_picture_at_the_platform(connection: Connection, platform: RunningOmni) -> None:
    image, original = new_id(), new_id()
    links = {
        "image": image,
        "image_link": f"http://169.254.169.254/event-service/get-image/{image}?X-Signature=a%26b",
        "original_image": original,
        "original_image_link": f"{platform.url}/_sim/reset?of=/event-service/get-image/{original}",
    }
    facts = platform.control.happen("roi")["event"] | links
    event = happened(connection, platform, event=facts)

    fetch()

    assert sorted(Picture.objects.values_list("address", flat=True)) == sorted(
        [f"event-service/get-image/{image}?X-Signature=a%26b", f"event-service/get-image/{original}"]
    )
    assert {the_picture(event, name).standing for name in ("image", "original_image")} == {Standing.STORED}
    assert sorted(asked(platform)) == sorted(f"/event-service/get-image/{each}" for each in (image, original))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"body": b"<script>alert(1)</script>", "content_type": "image/jpeg"}, "not a photo that can be read"),
        ({"body": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "content_type": "image/svg+xml"}, "not a photo"),
        ({"body": b"", "status": 302, "location": "http://169.254.169.254/"}, "302"),
        ({"body": b"\xff" * 5000}, "more than 4000 bytes"),
        ({"body": b"", "status": 410}, "410"),
    ],
)
def test_what_is_no_picture_of_the_platform_is_not_kept_and_the_row_says_why(
    connection: Connection, platform: RunningOmni, monkeypatch: pytest.MonkeyPatch, answer: Any, said: str
) -> None:
    monkeypatch.setattr("integrations.core.images.MAX_BYTES", 4000)
    event = happened(connection, platform)
    row = the_picture(event)
    platform.control.serve_instead(str(row.image_id), **answer)

    fetch()

    row.refresh_from_db()
    assert (row.standing, row.state) == (Standing.FAILED, WorkState.FAILED)
    assert said in row.note
    assert len(stored()) == 1  # the other picture of the event


def test_bytes_decide_what_a_picture_is_and_what_is_served_is_never_what_came(
    connection: Connection, platform: RunningOmni
) -> None:
    came = BytesIO()
    Image.new("RGBA", (10, 8), (1, 2, 3, 0)).save(came, "PNG")
    event = happened(connection, platform)
    row = the_picture(event)
    platform.control.serve_instead(str(row.image_id), came.getvalue() + b"<script>", content_type="text/html")

    fetch()

    row.refresh_from_db()
    assert (row.content_type, row.width, row.height, row.file_name) == ("image/png", 10, 8, f"{row.image_id}.png")
    assert b"<script>" not in files.read(str(row.file.name))


def test_a_picture_that_is_uploaded_late_is_asked_for_again_for_a_quarter_of_an_hour(
    connection: Connection, platform: RunningOmni
) -> None:
    event = happened(connection, platform)
    row = the_picture(event)
    platform.control.drop_images(str(row.image_id))

    fetch()
    row.refresh_from_db()
    assert (row.state, row.standing) == (WorkState.DUE, Standing.WAITING)

    platform.control.state.images_dropped.clear()
    Picture.objects.update(due_at=clock.now())
    fetch()
    row.refresh_from_db()
    assert row.standing == Standing.STORED


def test_a_picture_that_never_comes_is_given_up_and_had_when_an_event_names_it_again(
    connection: Connection, platform: RunningOmni
) -> None:
    event = happened(connection, platform)
    row = the_picture(event)
    platform.control.drop_images(str(row.image_id))
    fetch()
    Picture.objects.filter(pk=row.pk).update(due_at=clock.now(), retry_since=clock.now() - timedelta(minutes=16))
    fetch()
    row.refresh_from_db()
    assert (row.standing, row.retry_since) == (Standing.FAILED, None)

    platform.control.state.images_dropped.clear()
    facts = platform.control.happen("roi")["event"] | {"image": str(row.image_id)}
    happened(connection, platform, event=facts)
    fetch()

    row.refresh_from_db()
    assert row.standing == Standing.STORED


def test_a_paused_connection_counts_no_attempt_and_a_failing_platform_is_asked_again(
    connection: Connection, platform: RunningOmni
) -> None:
    event = happened(connection, platform)
    Connection.objects.update(paused=True)
    fetch()
    assert (the_picture(event).attempts, the_picture(event).state) == (0, WorkState.DUE)

    Connection.objects.update(paused=False)
    platform.control.fault("status", path="*get-image*", status=503, times=1)
    Picture.objects.exclude(pk=the_picture(event).pk).delete()
    Picture.objects.update(due_at=clock.now())
    fetch()
    assert (the_picture(event).state, the_picture(event).standing) == (WorkState.DUE, Standing.WAITING)
    assert "503" in the_picture(event).note


def test_without_its_connection_it_cannot_be_had(connection: Connection, platform: RunningOmni) -> None:
    event = happened(connection, platform)
    Picture.objects.update(connection=None)

    fetch()

    assert the_picture(event).note == jobs.NO_CONNECTION
    assert asked(platform) == []


class Killed(BaseException):
    """The worker dies here: nothing catches it."""


STEPS = [(jobs, "open_client"), (images, "clean"), (files, "save"), (statements, "update"), (files, "discard")]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_worker_that_is_killed_between_any_two_steps_loses_no_picture(
    connection: Connection,
    platform: RunningOmni,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    step: str,
    after: bool,
) -> None:
    event = happened(connection, platform)
    Picture.objects.exclude(pk=the_picture(event).pk).delete()
    real = getattr(module, step)

    def killed(*args: Any, **values: Any) -> None:
        if after:
            real(*args, **values)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(module, step, killed)
        with pytest.raises(Killed):
            fetch()
    Picture.objects.filter(state=WorkState.RUNNING).update(due_at=clock.now())  # its lease is over

    fetch()

    row = the_picture(event)
    assert (row.state, row.standing, row.deaths) == (WorkState.DONE, Standing.STORED, 0)
    assert files.read(str(row.file.name))
    assert len(stored()) <= 2, "a file that no row names is left to the daily sweep"


def test_one_that_kills_its_worker_again_and_again_is_stopped(connection: Connection, platform: RunningOmni) -> None:
    event = happened(connection, platform)
    Picture.objects.update(state=WorkState.RUNNING, deaths=MAX_DEATHS, due_at=clock.now())

    Picture.objects.all().fail_dead(now=clock.now())

    assert the_picture(event).standing == Standing.FAILED


def test_whoever_lost_the_lease_keeps_nothing(connection: Connection, platform: RunningOmni) -> None:
    event = happened(connection, platform)
    (claim,) = Picture.objects.filter(pk=the_picture(event).pk).claim_due(now=clock.now())
    Picture.objects.filter(pk=claim.pk).update(claim_token=UUID(int=1))

    jobs.fetch(claim)

    assert the_picture(event).file == ""
    assert stored() == set()


def test_fetching_again_takes_the_old_file_away_after_the_row_names_the_new_one(
    connection: Connection, platform: RunningOmni
) -> None:
    happened(connection, platform)
    fetch()
    before = stored()

    Picture.objects.all().rerun(now=clock.now())
    assert {row.standing for row in Picture.objects.all()} == {Standing.STORED}
    fetch()

    assert len(before) == len(stored()) == 2
    assert not before & stored()
    assert stored() == {str(row.file.name) for row in Picture.objects.all()}


def test_the_id_that_graphql_tells_and_the_link_of_the_rest_api_open(
    connection: Connection, platform: RunningOmni, client: Client, settings: Settings
) -> None:
    image = happened(connection, platform).payload["event"]["image"]
    sequence_all()
    fetch()
    token = {"token": issue_token("reader", scopes=["events:read"])[1]}

    query = {"query": "{ events { collectionItems { data } } }"}
    told = client.post("/event-service/graphql", query, content_type="application/json", headers=token).json()
    listed = client.get("/api/v1/events/", headers={"Authorization": f"Bearer {token['token']}"}).json()

    assert told["data"]["events"]["collectionItems"][0]["data"]["$image"] == {"id": image}
    assert client.get(f"/event-service/get-image/{image}", headers=token).status_code == 200
    (event,) = listed["events"]
    assert client.get(path_of(event["body"]["event"]["image_link"], settings)).status_code == 200
