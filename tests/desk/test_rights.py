"""What each shipped group may open and do; whatever it may not do leaves everything as it was."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from integrations.connections.models import Connection
from integrations.core.work import WorkState
from integrations.desk import groups
from integrations.inbox.models import ReceivedWebhook
from integrations.workorders.models import Join
from tests.desk.people import signed_in
from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db

FACTS = ["workorders_workorder", "workorders_join", "inbox_receivedwebhook", "sync_recordwrite"]
FACTS += ["worklink_importjob", "stores_storeload"]
SCRIPTS = ["scripts_script"]
RUNS = ["scripts_scriptrun"]
KEPT = ["scripts_scriptvalue", "scripts_scriptlane", "scripts_scripttimer"]
WIRING = ["connections_connection", "sync_operation", "worklink_importschedule", "stores_datastore"]
ADDRESSES = ["inbox_webhooksource", "generic_workorderfeed"]
PEOPLE = ["auth_user", "connections_apitoken"]
MAY_OPEN = {
    "Viewer": FACTS + SCRIPTS + RUNS,
    "Operator": FACTS + SCRIPTS + RUNS + KEPT + WIRING,
    "Integrator": FACTS + SCRIPTS + RUNS + KEPT + WIRING + ADDRESSES,
    "Administrator": FACTS + SCRIPTS + RUNS + KEPT + WIRING + ADDRESSES + PEOPLE,
}
MAY_ADD = {
    "Viewer": [],
    "Operator": [],
    "Integrator": SCRIPTS + WIRING + ADDRESSES,
    "Administrator": SCRIPTS + WIRING + ADDRESSES + PEOPLE,
}


@pytest.mark.parametrize("group", MAY_OPEN)
def test_a_group_opens_its_lists_and_no_others(group: str) -> None:
    client = signed_in(group)

    opened = [
        name
        for name in FACTS + SCRIPTS + RUNS + KEPT + WIRING + ADDRESSES + PEOPLE
        if client.get(reverse(f"admin:{name}_changelist")).status_code == 200
    ]

    assert opened == MAY_OPEN[group]


@pytest.mark.parametrize("group", MAY_ADD)
def test_a_group_adds_what_it_configures_and_nothing_else(group: str) -> None:
    client = signed_in(group)

    opened = [
        name
        for name in SCRIPTS + RUNS + KEPT + WIRING + ADDRESSES + PEOPLE
        if client.get(reverse(f"admin:{name}_add")).status_code == 200
    ]

    assert opened == MAY_ADD[group]


@pytest.mark.parametrize("group", MAY_OPEN)
def test_the_menu_offers_only_what_opens(group: str) -> None:
    client = signed_in(group)

    pages = [client.get(reverse("admin:index")), client.get(reverse("admin:desk_settings"))]

    shown = [entry.url for page in pages for entries in page.context["menu"] for entry in entries]
    shown += [entry.url for _heading, entries in pages[1].context["groups"] for entry in entries]
    assert [url for url in shown if client.get(url).status_code != 200] == []


def test_a_viewer_cannot_replay_pause_or_assign(hints: list[str]) -> None:
    rows = make_everything(1)
    client = signed_in("Viewer")

    answers = [
        client.post(reverse("admin:inbox_receivedwebhook_do", args=[rows["received"].pk, "replay_one"])),
        client.post(reverse("admin:connections_connection_do", args=[rows["connection"].pk, "pause_one"])),
        client.post(f"{reverse('admin:workorders_join_assign')}?ids={rows['join'].pk}", {"order": rows["order"].pk}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 302]
    assert ReceivedWebhook.objects.get().state == WorkState.FAILED
    assert not Connection.objects.filter(paused=True).exists()
    assert Join.objects.unmatched().count() == 1
    assert hints == []


def test_an_operator_replays_a_webhook_and_may_not_pause(hints: list[str]) -> None:
    rows = make_everything(1)
    client = signed_in("Operator")

    replayed = client.post(reverse("admin:inbox_receivedwebhook_do", args=[rows["received"].pk, "replay_one"]))
    paused = client.post(reverse("admin:connections_connection_do", args=[rows["connection"].pk, "pause_one"]))

    assert (replayed.status_code, paused.status_code) == (302, 403)
    assert ReceivedWebhook.objects.get().state == WorkState.DUE
    assert not Connection.objects.filter(paused=True).exists()


def test_a_page_action_needs_a_post() -> None:
    rows = make_everything(1)
    client = signed_in("Administrator")

    answer = client.get(reverse("admin:connections_connection_do", args=[rows["connection"].pk, "pause_one"]))

    assert answer.status_code == 405
    assert not Connection.objects.filter(paused=True).exists()


def test_an_administrator_cannot_become_or_take_over_a_superuser() -> None:
    root = User.objects.create_superuser("root")
    client = signed_in("Administrator")
    me = User.objects.get(username="someone-administrator")
    own_page = reverse("admin:auth_user_change", args=[me.pk])

    client.post(own_page, {"username": me.username, "is_active": "on", "is_staff": "on", "is_superuser": "on"})
    taken = client.get(reverse("admin:auth_user_password_change", args=[root.pk]))

    me.refresh_from_db()
    assert not me.is_superuser
    assert taken.status_code == 403


def test_shipping_the_groups_again_restores_them_and_leaves_others_alone() -> None:
    Group.objects.get(name="Viewer").permissions.clear()
    own = Group.objects.create(name="Our own")

    groups.ship()
    groups.ship()

    assert Group.objects.get(name="Viewer").permissions.count() == len(groups.VIEW.split())
    assert not own.permissions.exists()
    assert Group.objects.count() == 5


def test_every_right_that_is_shipped_exists() -> None:
    assert Group.objects.get(name="Administrator").permissions.count() == len(
        set(groups.GROUPS["Administrator"].split())
    )
