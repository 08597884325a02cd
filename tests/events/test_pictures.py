"""Who may see which picture, for how long, and what is answered until it is there (sheet, 9.1: 23, 24, 27)."""

from collections.abc import Callable, Container
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django.fixtures import Settings

from integrations.connections.models import Workspace
from integrations.connections.services import issue_token
from integrations.core import clock, files
from integrations.core.signing import sign_until
from integrations.core.work import Claim, WorkState
from integrations.events import services, strays
from integrations.events.jobs import FOLDER
from integrations.events.links import LAST, PURPOSE, picture_key
from integrations.events.models import Event, EventPolicy, Picture, Profile, Standing
from integrations.events.services import directory
from integrations.events.services.picturing import address_of
from integrations.schedules import retention
from tests.events import payloads
from tests.factories import make_connection

pytestmark = pytest.mark.django_db
IMAGE = payloads.image(1)
URL, SAMPLE_URL = f"/event-service/get-image/{IMAGE}", f"/get-image/{IMAGE}"
BYTES = b"\xff\xd8 as we encoded it"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": kept}


@pytest.fixture
def space() -> int:
    return Workspace.default().pk


def make_picture(workspace_id: int, *, image: str = IMAGE, content: bytes = BYTES, **values: Any) -> Picture:
    """A stored picture; `file=""`: one that is still to be fetched."""
    at = values.pop("stored_at", clock.now())
    name = values.pop("file", None)
    if name is None:
        name = files.save(f"{FOLDER}/{at:%Y-%m-%d}/{image}.jpg", content)
    facts: dict[str, Any] = {"workspace_id": workspace_id, "image_id": image, "address": "a", "file": name}
    if name:
        facts |= {"state": WorkState.DONE, "stored_at": at, "content_type": "image/jpeg", "bytes": len(content)}
    return Picture.objects.create(**facts | values)


def open_pictures(workspace_id: int) -> None:
    EventPolicy.objects.create(workspace_id=workspace_id, open_images=True)


def key_for(workspace_id: int, *, image: str = IMAGE, came: datetime | None = None) -> dict[str, str]:
    return {"key": picture_key(image, Event(workspace_id=workspace_id, created_at=came or clock.now()))}


def bearer(*scopes: str, workspace: Workspace | None = None) -> dict[str, str]:
    return {"token": issue_token("reader", scopes=scopes, workspace=workspace)[1]}


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("url", [URL, SAMPLE_URL])
def test_o21_both_paths_answer_with_the_picture_and_headers_that_let_nothing_run(
    client: Client, space: int, url: str
) -> None:
    make_picture(space)

    answer = client.get(url, key_for(space))

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, BYTES, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Disposition"] == f'inline; filename="{IMAGE}.jpg"'
    assert client.head(url, key_for(space)).status_code == 200
    assert client.post(url, key_for(space)).status_code == 405


def test_o43_without_key_or_token_nothing_is_told_of_what_exists(client: Client, space: int) -> None:
    make_picture(space)

    answers = [client.get(URL), client.get(URL.replace(IMAGE, payloads.image(7)))]
    answers += [client.get(URL, headers={"token": "wrong"}), client.get(URL, {"key": "wrong"})]

    assert {code_of(answer) for answer in answers} == {(401, "not_allowed")}
    assert answers[0].content == answers[1].content


def test_a_token_opens_the_pictures_of_its_workspace_if_it_may_read_events(client: Client, space: int) -> None:
    make_picture(space)

    assert client.get(URL, headers=bearer("events:read")).status_code == 200
    assert code_of(client.get(URL, headers=bearer("events:write"))) == (403, "not_allowed")


def test_o7_a_picture_of_one_workspace_is_opened_by_nothing_of_another(client: Client, space: int) -> None:
    other = Workspace.objects.create(slug="two", name="Two")
    make_picture(space)

    assert code_of(client.get(URL, headers=bearer("events:read", workspace=other))) == (404, "not_found")
    assert code_of(client.get(URL, key_for(other.pk))) == (404, "not_found")
    open_pictures(other.pk)
    assert code_of(client.get(URL)) == (401, "not_allowed")
    assert code_of(client.get(URL, headers=bearer("events:read", workspace=other))) == (404, "not_found")


def test_a_key_opens_one_picture_and_no_other(client: Client, space: int) -> None:
    make_picture(space, image=payloads.image(2))

    url = URL.replace(IMAGE, payloads.image(2))

    assert code_of(client.get(url, key_for(space))) == (401, "not_allowed")
    forged = sign_until(f"{space}/{payloads.image(2)}", purpose="photo", expires_at=clock.now() + timedelta(days=1))
    assert code_of(client.get(url, {"key": forged})) == (401, "not_allowed")


def test_o24_where_pictures_are_open_the_link_alone_is_enough(client: Client, space: int) -> None:
    make_picture(space)
    open_pictures(space)

    answers = [client.get(URL), client.get(URL, {"key": "of-older-days"}), client.get(URL, headers={"token": "gone"})]

    assert [answer.status_code for answer in answers] == [200, 200, 200]


def test_the_same_id_in_two_workspaces_is_two_pictures(client: Client, space: int) -> None:
    other = Workspace.objects.create(slug="two", name="Two")
    make_picture(space, content=b"first")
    make_picture(other.pk, content=b"second")
    open_pictures(space)

    assert client.get(URL).content == b"first"
    assert client.get(URL, key_for(other.pk)).content == b"second"
    assert client.get(URL, headers=bearer("events:read", workspace=other)).content == b"second"


def test_a_key_ends_and_one_that_is_handed_out_later_is_good_for_a_day(client: Client, space: int) -> None:
    make_picture(space)
    over = sign_until(f"{space}/{IMAGE}", purpose=PURPOSE, expires_at=clock.now() - timedelta(seconds=1))

    assert code_of(client.get(URL, {"key": over})) == (410, "link_expired")
    for days in (0, 0.9, 1.1, 25):
        key = key_for(space, came=clock.now() - timedelta(days=days))
        assert client.get(URL, key).status_code == 200


def test_an_old_link_opens_with_a_token(client: Client, space: int) -> None:
    make_picture(space)
    over = sign_until(f"{space}/{IMAGE}", purpose=PURPOSE, expires_at=clock.now() - timedelta(seconds=1))

    assert client.get(URL, {"key": over}, headers=bearer("events:read")).status_code == 200
    assert code_of(client.get(URL, {"key": over}, headers={"token": "wrong"})) == (401, "not_allowed")


def test_within_a_day_everyone_is_handed_the_same_link(space: int) -> None:
    came = clock.now() - timedelta(hours=3)

    assert key_for(space, came=came) == key_for(space, came=came)
    assert key_for(space, came=came) != key_for(space, came=came - LAST / 24)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, (503, "not_yet")),
        ({"state": WorkState.RUNNING}, (503, "not_yet")),
        ({"state": WorkState.FAILED, "note": "http://10.0.0.5 said no"}, (404, "not_fetched")),
        ({"state": WorkState.SKIPPED, "expired_at": datetime(2026, 1, 1, tzinfo=UTC)}, (410, "expired")),
    ],
)
def test_what_is_not_there_is_answered_by_what_became_of_it(
    client: Client, space: int, values: Any, code: tuple[int, str]
) -> None:
    make_picture(space, file="", **values)

    answer = client.get(URL, key_for(space))

    assert code_of(answer) == code
    assert ("Retry-After" in answer.headers) == (code[0] == 503)
    assert b"10.0.0.5" not in answer.content


@pytest.mark.parametrize(
    ("state", "waits", "said"), [("DUE", 0, {2}), ("DUE", 50, range(10, 51)), ("DUE", 900, {60}), ("RUNNING", 60, {2})]
)
def test_it_says_when_to_ask_again(client: Client, space: int, state: str, waits: int, said: Container[int]) -> None:
    make_picture(space, file="", state=state, due_at=clock.now() + timedelta(seconds=waits))

    assert int(client.get(URL, key_for(space))["Retry-After"]) in said


def test_one_whose_file_is_lost_is_not_found(client: Client, space: int) -> None:
    default_storage.delete(str(make_picture(space).file.name))

    assert code_of(client.get(URL, key_for(space))) == (404, "not_found")


def test_what_is_no_id_is_not_found(client: Client) -> None:
    assert code_of(client.get("/get-image/no-id")) == (404, "not_found")


class Held:
    def renew(self, *, now: datetime) -> None:
        assert now


def test_o27_pictures_expire_after_their_time_and_their_links_then_answer_410(client: Client, space: int) -> None:
    old = clock.now() - timedelta(days=31)
    gone = make_picture(space, named_at=old)
    waiting = make_picture(space, image=payloads.image(2), named_at=old, file="")
    running = make_picture(space, image=payloads.image(3), named_at=old, file="", state=WorkState.RUNNING)
    kept = make_picture(space, image=payloads.image(4), named_at=clock.now() - timedelta(days=29))
    assert files.read(str(gone.file.name))

    told = retention.apply_retention(cast(Claim, Held()))

    assert told == "Deleted Pictures of events: 2."
    standings = {str(row.image_id): row.standing for row in Picture.objects.all()}
    assert standings == {
        IMAGE: Standing.EXPIRED,
        str(waiting.image_id): Standing.EXPIRED,
        str(running.image_id): Standing.WAITING,
        str(kept.image_id): Standing.STORED,
    }
    assert code_of(client.get(URL, key_for(space))) == (410, "expired")
    with pytest.raises(FileNotFoundError):
        files.read(str(gone.file.name))
    assert files.read(str(kept.file.name))


def test_rows_of_expired_pictures_go_after_a_year(space: int) -> None:
    make_picture(space, file="", state=WorkState.SKIPPED, expired_at=clock.now() - timedelta(days=366))
    make_picture(space, image=payloads.image(2), file="", state=WorkState.SKIPPED, expired_at=clock.now())

    retention.apply_retention(cast(Claim, Held()))

    assert [str(row.image_id) for row in Picture.objects.all()] == [payloads.image(2)]


def test_a_picture_that_events_go_on_naming_is_kept_and_one_that_expired_is_fetched_again(space: int) -> None:
    old = clock.now() - timedelta(days=29)
    kept = make_picture(space, named_at=old)
    gone = make_picture(space, image=payloads.image(2), named_at=old, file="", state=WorkState.SKIPPED, expired_at=old)
    connection = make_connection(platform="omni")

    services.ingest(space, [payloads.pushed()], now=clock.now(), pictures_from=connection.pk)

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.standing, kept.state) == (Standing.STORED, WorkState.DONE)
    assert (gone.standing, gone.state, gone.connection) == (Standing.WAITING, WorkState.DUE, connection)
    assert min(kept.named_at, gone.named_at) > old
    assert Picture.objects.count() == 3


def test_events_that_come_through_no_connection_have_no_pictures(space: int) -> None:
    services.ingest(space, [payloads.pushed(), payloads.handed(2, image=payloads.image(5))], now=clock.now())

    assert Event.objects.count() == 2
    assert not Picture.objects.exists()


def test_an_event_without_pictures_wants_none(space: int) -> None:
    services.ingest(space, [payloads.handed()], now=clock.now(), pictures_from=make_connection(platform="omni").pk)

    assert Event.objects.count() == 1
    assert not Picture.objects.exists()


def test_strays_of_past_days_are_deleted_and_what_a_row_names_stays(space: int) -> None:
    day = clock.now() - timedelta(days=4)
    row = make_picture(space, stored_at=day)
    names = [f"{FOLDER}/{at:%Y-%m-%d}/stray.jpg" for at in (day, clock.now())]
    for name in names:
        default_storage.save(name, ContentFile(b"x"))

    told = strays.delete_strays(cast(Claim, Held()))

    assert told == "1 files deleted."
    assert [default_storage.exists(name) for name in names] == [False, True]
    assert files.read(str(row.file.name)) == BYTES


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("", f"get-image/{IMAGE}"),
        (f"http://omni.example/get-image/{IMAGE}", f"get-image/{IMAGE}"),
        (f"http://omni.example/get-image/{IMAGE}?key=a:b#c", f"get-image/{IMAGE}?key=a:b"),
        (f"http://omni.example/get-image/{IMAGE.upper()}?key=a", f"get-image/{IMAGE}?key=a"),
        (f"http://omni.example/get-image/{IMAGE}/delete?sure=1", f"get-image/{IMAGE}"),
        (f"http://omni.example/x?get-image/{IMAGE}", f"get-image/{IMAGE}"),
        (f"/../admin/get-image/{payloads.image(2)}?a=b", f"get-image/{IMAGE}"),
        (f"http://omni.example/get-image/{IMAGE}?{'a' * 2001}", f"get-image/{IMAGE}"),
        ("http://[not an address", f"get-image/{IMAGE}"),
        (f"file:///get-image/{IMAGE}?a=b", f"get-image/{IMAGE}?a=b"),
    ],
)
def test_of_a_link_only_a_signature_is_taken(link: str, address: str) -> None:
    assert address_of(IMAGE, "get-image", link=link) == address


Sign = Callable[..., Client]


@pytest.fixture
def signed_in(client: Client, db: None) -> Sign:
    def sign_in(*rights: str) -> Client:
        user = User.objects.create_user("olga", password="x", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        client.force_login(user)
        return client

    return sign_in


def test_the_page_of_an_event_shows_its_pictures_with_their_states(signed_in: Sign, space: int) -> None:
    services.ingest(space, [payloads.pushed()], now=clock.now(), pictures_from=make_connection(platform="omni").pk)
    Picture.objects.filter(image_id=IMAGE).delete()
    make_picture(space)
    Picture.objects.filter(image_id=payloads.image(2)).update(state=WorkState.FAILED, note="It answered 410.")
    event = Event.objects.get()
    client = signed_in("view_event", "view_picture")

    page = client.get(f"/admin/events/event/{event.pk}/change/").content.decode()

    assert f'src="{URL}?key=' in page
    assert all(word in page for word in ("face", "whole frame", "sample of a profile", "It answered 410.", "waits"))


def test_faces_are_for_those_who_may_see_pictures(signed_in: Sign, space: int) -> None:
    services.ingest(space, [payloads.pushed()], now=clock.now())
    make_picture(space)
    client = signed_in("view_event")

    page = client.get(f"/admin/events/event/{Event.objects.get().pk}/change/").content.decode()

    assert "?key=" not in page
    assert client.get("/admin/events/picture/").status_code == 403


def test_a_picture_is_found_by_its_id_and_fetched_again_by_who_may(signed_in: Sign, space: int) -> None:
    row = make_picture(space)
    gone = make_picture(space, image=payloads.image(2), file="", state=WorkState.SKIPPED, expired_at=clock.now())
    client = signed_in("view_picture", "rerun_picture")

    found = client.get("/admin/events/picture/", {"q": IMAGE}).content.decode()
    page = client.get(f"/admin/events/picture/{row.pk}/change/").content.decode()
    client.post(f"/admin/events/picture/{row.pk}/fetch_again/")
    client.post("/admin/events/picture/", {"action": "retry", "_selected_action": [row.pk, gone.pk]})

    assert IMAGE in found
    assert payloads.image(2) not in found
    assert f'src="{URL}?key=' in page
    row.refresh_from_db()
    gone.refresh_from_db()
    assert (row.state, row.standing) == (WorkState.DUE, Standing.STORED)
    assert (gone.state, gone.standing) == (WorkState.SKIPPED, Standing.EXPIRED)
    assert UUID(IMAGE) == row.image_id


def test_an_erased_profile_leaves_no_picture_of_the_person(
    space: int, tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    now, person = clock.now(), UUID(payloads.PROFILE)
    directory.put_profile(space, person, now=now, main_sample_id=UUID(payloads.image(9)))
    names = {"image": payloads.image(1), "original_image": payloads.image(2)}
    common: dict[str, Any] = {"workspace_id": space, "type": "identification", "source_type": "recognition"}
    Event.objects.create(
        **common, occurred_at=now, payload={"event": names, "candidates": [{"profile": {"id": payloads.PROFILE}}]}
    )
    Event.objects.create(**common, occurred_at=now, payload={"event": {"image": payloads.image(3)}, "candidates": []})
    for number in (1, 2, 3, 9):
        make_picture(space, image=payloads.image(number))
    other = Workspace.objects.create(slug="two", name="Two")
    make_picture(other.pk, content=b"of another workspace")

    with django_capture_on_commit_callbacks(execute=True):
        assert directory.delete_profile(space, person, now=now, erase=True)

    left = [(picture.workspace_id, str(picture.image_id)) for picture in Picture.objects.order_by("pk")]
    assert left == [(space, payloads.image(3)), (other.pk, payloads.image(1))]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    assert not Profile.objects.exists()
