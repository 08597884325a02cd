"""The client against a simulated platform: cases 23 and 44 to 48 of the vendor sheet, and what they leave open."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from integrations.connections.models import Connection, Health
from integrations.core.errors import TransientError
from integrations.core.transport import NO_TLS
from integrations.events.models import Camera, Event, Profile
from integrations.events.services import directory as events_directory
from integrations.platforms.omni import setting_up
from integrations.platforms.omni.models import State, Subscription
from integrations.platforms.omni.options import workspace_of
from integrations.platforms.omni.receiving import Receiver
from tests.platforms.omni.conftest import NOON, Following, make_omni
from tests.simulators.omni import golden
from tests.simulators.omni.golden import TYPES
from tests.simulators.omni.resolving import Resolvers
from tests.simulators.running import RunningOmni


@pytest.fixture
def followed(db: None) -> Iterator[list[Following]]:
    """Followers to be closed at the end."""
    made: list[Following] = []
    yield made
    for each in made:
        each.follower.close()


def known() -> list[str]:
    return [str(uuid) for uuid in Event.objects.order_by("pk").values_list("uuid", flat=True)]


def id_of(event: dict[str, Any]) -> str:
    return str(event["event"]["id"])


def receive(following: Following, platform: RunningOmni, *, until: int = 1) -> None:
    """Let everything arrive that was pushed, until the log has so many events; then see whether more come."""
    platform.control.state.pushing.settle()
    for _ in range(50):
        following.step(seconds=0.2)
        if Event.objects.count() >= until:
            break
    following.step(seconds=0.05)


def test_o23_dates_without_fraction_and_unknown_keys_are_no_error_and_are_kept(
    following: Following, platform: RunningOmni
) -> None:
    following.step()

    event = platform.control.happen("roi", at="2026-03-01T12:00:00+00:00", mood={"score": 1})
    receive(following, platform)

    assert "." not in event["event"]["detection_date"]
    kept = Event.objects.get(uuid=id_of(event))
    assert (kept.occurred_at, kept.payload["mood"], kept.payload["camera"]["real_name"]) == (NOON, {"score": 1}, None)


def test_all_six_types_arrive_with_and_without_pictures(following: Following, platform: RunningOmni) -> None:
    following.step()

    pushed = [platform.control.happen(type, images=images) for type in TYPES for images in (True, False)]
    receive(following, platform, until=12)

    assert known() == [id_of(each) for each in pushed]
    assert following.state == State.LIVE


def test_o44_converging_twice_leaves_exactly_one_endpoint_and_one_filter(
    connection: Connection, platform: RunningOmni, followed: list[Following]
) -> None:
    for _ in range(2):
        followed.append(Following(connection))
        followed[-1].step()
    Subscription.objects.update(endpoint_id="", filter_id="", told={})  # as of a database that was lost
    followed.append(Following(connection))
    followed[-1].step()

    state = platform.control.state
    assert (len(state.endpoints), len(state.filters)) == (1, 1)
    assert {each.name for each in state.endpoints.values()} == {"fieldport:gate"}
    assert {each.name for each in state.filters.values()} == {"fieldport:gate"}
    assert [each[:2] for each in state.changes] == [("create", "endpoint"), ("create", "filter"), ("update", "filter")]


def test_o45_no_event_outside_the_filter_is_ever_received(
    db: None, platform: RunningOmni, followed: list[Following]
) -> None:
    connection = make_omni(platform, camera_ids=[golden.camera_id(1)], event_types=["roi"])
    platform.control.happen("har", camera=1)
    before = platform.control.happen("roi", camera=1)
    followed.append(Following(connection))
    followed[0].step()

    assert [each[:2] for each in platform.control.changes()] == [("create", "endpoint"), ("create", "filter")]
    platform.control.happen("roi", camera=2)
    platform.control.happen("har", camera=1)
    wanted = platform.control.happen("roi", camera=1)
    receive(followed[0], platform, until=2)

    assert known() == [id_of(before), id_of(wanted)]


def test_o46_an_event_that_comes_by_push_and_by_reading_again_is_kept_once(
    following: Following, platform: RunningOmni
) -> None:
    following.step()
    event = platform.control.happen("identification")
    receive(following, platform)
    asked = platform.control.state.log.operations["events"]

    following.step(after=61)

    assert known() == [id_of(event)]
    assert platform.control.state.log.operations["events"] == asked + 1
    assert Subscription.objects.get().found_later == 0


def test_o47_an_endpoint_that_is_not_known_is_tried_every_five_minutes_with_an_alarm(
    following: Following, platform: RunningOmni
) -> None:
    platform.control.set_pushes(refuse=404)
    opened = platform.control.state.pushing.opened
    following.step()
    assert (following.state, len(opened)) == (State.REFUSED, 1)

    for _ in range(4):
        following.step(after=70)
    assert len(opened) == 1
    health = Connection.objects.get(slug="gate")
    assert (health.health, "refused with 404" in health.health_note) == (Health.FAILING, True)

    following.step(after=30)
    assert len(opened) == 2

    platform.control.set_pushes(refuse=0)
    following.step(after=301)
    assert (following.state, Connection.objects.get(slug="gate").health) == (State.LIVE, Health.OK)


def test_what_happens_while_the_socket_is_refused_is_read_by_the_api(
    following: Following, platform: RunningOmni
) -> None:
    platform.control.set_pushes(refuse=409)
    following.step()

    event = platform.control.happen("crossing")
    following.step(after=61)

    assert known() == [id_of(event)]
    assert Event.objects.get().reason == "reconciled"


def test_o48_an_older_platform_gets_a_socket_for_each_type_and_the_subscription_says_so(
    db: None, platform: RunningOmni, followed: list[Following]
) -> None:
    platform.control.set_settings(release="1.17")
    followed.append(Following(make_omni(platform, camera_ids=[golden.camera_id(1)])))
    followed[0].step()

    paths = platform.control.state.pushing.opened
    assert paths == [f"/event-service/{type}/ws" for type in TYPES[:2]] + [
        f"/event-service/{type}/ws" for type in ("har", "roi", "crossing")
    ]
    assert "one for each type" in followed[0].note
    assert not platform.control.state.filters
    wanted = [platform.control.happen(type) for type in ("har", "crossing")]
    platform.control.happen("har", camera=2)
    receive(followed[0], platform, until=2)
    assert sorted(known()) == sorted(map(id_of, wanted))


def test_the_oldest_platform_is_asked_with_the_token(
    db: None, platform: RunningOmni, followed: list[Following]
) -> None:
    platform.control.set_settings(release="1.14", introspection=True)
    followed.append(Following(make_omni(platform)))
    followed[0].step()

    assert platform.control.state.pushing.opened[-2:] == [f"/event-service/{type}/ws" for type in TYPES[:2]]
    assert (followed[0].state, Subscription.objects.get().form) == (State.LIVE, "1.14")


def test_what_a_push_loses_doubles_or_disorders_is_in_the_log_once(following: Following, platform: RunningOmni) -> None:
    following.step()
    platform.control.set_pushes(drop=1, duplicate=1, reorder=1)
    pushed = [platform.control.happen("roi", number=number) for number in range(5)]
    receive(following, platform, until=4)
    assert id_of(pushed[0]) not in known()

    following.step(after=61)

    assert sorted(known()) == sorted(map(id_of, pushed))
    assert Subscription.objects.get().found_later == 1


def test_after_a_break_it_connects_again_and_reads_what_it_missed_before_it_is_live(
    following: Following, platform: RunningOmni
) -> None:
    following.step()
    platform.control.close_sockets()
    following.step(seconds=2)
    assert following.state == State.AGAIN
    missed = platform.control.happen("har")

    following.step(after=0.5)
    assert (following.state, known()) == (State.AGAIN, [])
    following.step(after=1)

    assert (following.state, known()) == (State.LIVE, [id_of(missed)])


def test_delays_double_up_to_a_minute_and_are_spread_by_chance(
    connection: Connection, platform: RunningOmni, followed: list[Following]
) -> None:
    platform.control.set_pushes(refuse=503)
    followed.append(Following(connection, dice=0.5))
    delays = []
    for _ in range(9):
        followed[0].step(after=60)
        tried = followed[0].follower._try_at
        assert tried
        delays.append((tried - followed[0].now).total_seconds())

    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert Connection.objects.get(slug="gate").health == Health.FAILING


def test_an_outage_within_an_outage_hides_nothing(following: Following, platform: RunningOmni) -> None:
    following.step()
    platform.control.close_sockets()
    following.step(seconds=2)
    early = platform.control.happen("roi")
    platform.control.fault("status", path="/event-service/graphql", operation="events", times=1)
    following.step(after=2)
    assert (following.state, known()) == (State.AGAIN, [])
    platform.control.state.clock.set(NOON + timedelta(minutes=30))
    late = platform.control.happen("roi")

    following.step(after=1800)

    assert known() == [id_of(early), id_of(late)]


def test_long_gaps_are_read_page_by_page(following: Following, platform: RunningOmni) -> None:
    at = [NOON - timedelta(seconds=max(450 - number, 200)) for number in range(450)]
    pushed = [platform.control.happen("roi", at=each.isoformat(), images=False) for each in at]

    following.step()

    assert sorted(known()) == sorted(map(id_of, pushed))
    assert Subscription.objects.get().covered_until == at[-1]


def test_a_date_in_the_future_does_not_hide_what_comes_until_then(following: Following, platform: RunningOmni) -> None:
    ahead = platform.control.happen("roi", at="2027-01-01T00:00:00+00:00")
    following.step()
    platform.control.set_pushes(drop=1)
    later = platform.control.happen("roi")

    following.step(after=61)

    assert sorted(known()) == sorted([id_of(ahead), id_of(later)])
    assert Subscription.objects.get().covered_until == following.now


def test_an_event_that_came_late_with_an_old_date_is_found_within_the_hour(
    following: Following, platform: RunningOmni
) -> None:
    following.step()
    following.step(after=61)
    platform.control.set_pushes(drop=1)
    old = platform.control.happen("har", at=(NOON - timedelta(hours=20)).isoformat())
    following.step(after=61)
    assert known() == []

    following.step(after=3600)

    assert known() == [id_of(old)]


def test_the_event_of_a_deleted_person_is_read_by_the_api_and_says_so(
    following: Following, platform: RunningOmni
) -> None:
    following.step()
    platform.control.delete_profile(1)
    event = platform.control.happen("identification", profiles=[1])

    following.step(after=301)  # the directory is listed again, and then the API read
    following.step(after=61)

    kept = Event.objects.get(uuid=id_of(event))
    assert not Profile.objects.filter(deleted_at__isnull=True, uuid=golden.profile_id(1)).exists()
    assert [each["profile"]["id"] for each in kept.payload["candidates"]] == [golden.profile_id(1)]


def test_what_the_api_tells_of_people_is_filled_in_from_the_directory(
    following: Following, platform: RunningOmni
) -> None:
    platform.control.happen("identification", profiles=[2])

    following.step()

    candidate = Event.objects.get().payload["candidates"][0]
    assert (candidate["profile"]["age"], len(candidate["profile_groups"])) == (33, 2)
    assert Event.objects.get().payload["camera"]["title"] == "North gate"


def test_watchlists_are_judged_here_for_events_of_the_api(
    db: None, platform: RunningOmni, followed: list[Following]
) -> None:
    platform.control.happen("identification", profiles=[3])
    member = platform.control.happen("identification", profiles=[1])
    platform.control.happen("roi")
    followed.append(Following(make_omni(platform, watchlist_ids=[golden.group_id(1)])))

    followed[0].step()

    assert known() == [id_of(member)]


def test_an_event_that_the_api_knows_under_another_id_is_kept_once(following: Following, platform: RunningOmni) -> None:
    following.step()
    event = platform.control.happen("har")
    receive(following, platform)
    state = platform.control.state
    other = "99999999-1111-4222-8333-000000000001"
    state.stored_at[other] = state.stored_at[id_of(event)]
    state.events[0] = event | {"event": event["event"] | {"id": other}}

    following.step(after=61)

    assert known() == [id_of(event)]


def test_a_peer_that_goes_silent_is_given_up(connection: Connection, platform: RunningOmni) -> None:
    platform.control.set_settings(release="1.14")
    url = f"{platform.url.replace('http', 'ws')}/event-service/identification/ws?access={golden.TOKEN}"
    receiver = Receiver([url], tls=NO_TLS, ping=0.1)
    platform.control.half_open()

    with pytest.raises(TransientError, match="gone") as caught:
        receiver.take(seconds=10)

    assert golden.TOKEN not in str(caught.value)
    receiver.close()


def test_two_endpoints_of_our_name_stop_everything_and_nothing_is_changed(
    following: Following, platform: RunningOmni
) -> None:
    for _ in range(2):
        Resolvers(platform.control.state).events()["createWebSocketEndpoint"](None, "fieldport:gate")
    before = platform.control.changes()

    following.step()

    assert (following.state, "2 endpoints there are called “fieldport:gate”" in following.note) == (State.REFUSED, True)
    assert platform.control.changes() == before
    assert platform.control.state.pushing.opened == []


def test_what_is_not_ours_is_never_touched(connection: Connection, platform: RunningOmni, following: Following) -> None:
    fields = Resolvers(platform.control.state).events()
    other = fields["createWebSocketEndpoint"](None, "gate")
    fields["createEventFilters"](None, {"in": {"eventTypes": ["HAR"]}}, "gate", [other["id"]])
    following.step()
    following.row.refresh_from_db()
    Subscription.objects.update(removing=True)

    following.step(after=11)

    state = platform.control.state
    assert list(state.endpoints) == [other["id"]]
    assert [each.name for each in state.filters.values()] == ["gate"]
    assert [each[:2] for each in state.changes[-2:]] == [("delete", "endpoint"), ("delete", "filter")]
    assert Connection.objects.get(slug="gate").paused


def test_other_conditions_are_told_to_the_filter(
    connection: Connection, platform: RunningOmni, following: Following
) -> None:
    following.step()
    Connection.objects.filter(pk=connection.pk).update(settings={"event_types": ["har"]})

    following.step(after=11)

    (only,) = platform.control.state.filters.values()
    assert (only.conditions["eventTypes"], following.state) == (["HAR"], State.LIVE)


def test_real_names_of_operations_and_order_keys_are_read_from_the_schema(
    platform: RunningOmni, following: Following
) -> None:
    platform.control.set_settings(
        renamed={
            "deleteEndpoint": "removeEventEndpoint",
            "endpoints": "eventServiceEndpoints",
            "creation_date": "creationDate",
        }
    )
    following.step()
    following.row.refresh_from_db()

    assert following.state == State.LIVE
    operations = Connection.objects.get(slug="gate").probe["operations"]
    assert operations["delete_endpoint"]["name"] == "removeEventEndpoint"
    assert operations["endpoints"]["order"] == ["creationDate"]
    assert setting_up.remove(following.row, following.follower._client()) == ""
    assert not platform.control.state.endpoints


def test_a_server_that_hides_its_schema_is_managed_by_what_is_documented(
    connection: Connection, platform: RunningOmni, followed: list[Following]
) -> None:
    platform.control.set_settings(introspection=False)
    for _ in range(2):
        followed.append(Following(connection))
        followed[-1].step()

    state = platform.control.state
    assert (followed[-1].state, len(state.endpoints), len(state.filters)) == (State.LIVE, 1, 1)
    Connection.objects.filter(pk=connection.pk).update(settings={"event_types": ["har"]})
    followed[-1].step(after=11)
    assert "cannot be changed through this API" in followed[-1].note


def test_a_wrong_token_is_refused_with_an_alarm_and_not_hammered(
    connection: Connection, platform: RunningOmni, following: Following
) -> None:
    Connection.objects.filter(pk=connection.pk).update(credentials={"token": "wrong"})
    following.row.connection.refresh_from_db()

    for _ in range(5):
        following.step(after=50)

    assert (following.state, Connection.objects.get(slug="gate").health) == (State.REFUSED, Health.AUTH_FAILED)
    assert platform.control.state.log.total <= 6
    assert platform.control.state.pushing.opened == []


def test_a_paused_connection_closes_its_socket_and_goes_on_when_resumed(
    connection: Connection, platform: RunningOmni, following: Following
) -> None:
    following.step()
    Connection.objects.filter(pk=connection.pk).update(paused=True)
    following.step(after=11)
    assert following.state == State.WAITING
    missed = platform.control.happen("roi")

    Connection.objects.filter(pk=connection.pk).update(paused=False)
    following.step(after=11)

    assert (following.state, known()) == (State.LIVE, [id_of(missed)])


def test_an_empty_list_of_profiles_deletes_nobody(following: Following, platform: RunningOmni) -> None:
    following.step()
    platform.control.state.profiles.clear()

    following.step(after=301)

    assert Profile.objects.filter(deleted_at__isnull=True).count() == 3
    assert "may have lost its right" in Subscription.objects.get().directory_note


def test_a_camera_that_is_listed_no_more_leaves_the_directory(following: Following, platform: RunningOmni) -> None:
    following.step()
    platform.control.delete_camera(3)
    events_directory.put_camera(workspace_of(following.row.connection), uuid4(), now=NOON, title="ours")

    following.step(after=301)

    assert sorted(Camera.objects.values_list("title", flat=True)) == ["Loading bay", "North gate", "ours"]
