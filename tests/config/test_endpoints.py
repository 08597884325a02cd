"""Endpoints, their webhooks and event filters as code: called by their ids, told of before, never silently widened."""

import pytest

from integrations.connections.models import Workspace
from integrations.core.config.comparing import difference, plan_text
from integrations.core.config.documents import ConfigRefused
from integrations.core.config.exporting import export, live
from integrations.events.models import Endpoint, EventFilter, Sequence
from integrations.events.selectors.subscriptions import revision_of, subscriptions
from integrations.outbox.models import Destination
from tests.config.making import FILTER, HOOK, NOON, OPEN, SECRETS, SOCKET, applied, document
from tests.outbox.making import queue

pytestmark = pytest.mark.django_db
SCREEN = "type: WEB_SOCKET\n    auth: open\n    ws_errors: close_codes"
SMALL = f"""
fieldport: 1
endpoints:
  {SOCKET}: {{name: Control room, type: WEB_SOCKET}}
  {HOOK}:
    name: SIEM
    type: WEB_HOOK
    url: https://siem.example.com/hook
    secret: {{env: SIEM_SECRET}}
event_filters:
  {FILTER}: {{name: Gates, event_types: [roi], endpoints: [{HOOK}]}}
"""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SIEM_SECRET", SECRETS["signing"])
    applied(SMALL)
    return SMALL


def test_a_file_makes_endpoints_with_their_ids_and_a_second_apply_changes_nothing(small: str) -> None:
    hook = Endpoint.objects.get(pk=HOOK)
    assert hook.destination is not None
    assert (str(hook.destination.uid), hook.destination.name, hook.auth) == (HOOK, "SIEM", "")
    assert len(Endpoint.objects.get(pk=SOCKET).access) >= 16
    assert EventFilter.objects.get().event_types == ["ROI"]
    assert applied(small, prune=True).changes_nothing
    assert subscriptions(hook.workspace_id).rules_of(HOOK)[0].key == FILTER


def test_a_plan_says_what_an_endpoint_is_called_and_hides_its_secrets(full: None) -> None:
    changed = export().replace("https://siem.example.com/hook", "https://siem.example.com/in")

    plan = plan_text(applied(changed, dry_run=True))

    assert plan.startswith(f"endpoints\n  ~ {HOOK}  (“SIEM”, change)\n      url: ")
    assert f"  ~ {HOOK}  (“SIEM”)" in difference(document(changed), live())
    assert SECRETS["signing"] not in plan


def test_a_change_is_seen_by_the_sequencer_and_reaches_what_waits(full: None) -> None:
    before = revision_of(Workspace.default().pk)

    applied(export().replace("https://siem.example.com/hook", "https://siem.example.com/in"))

    assert Destination.objects.get().url == "https://siem.example.com/in"
    assert revision_of(Workspace.default().pk) != before
    assert Endpoint.history.filter(id=HOOK).latest().history_change_reason == "config apply"


def test_another_secret_signs_beside_the_former_for_a_day(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIEM_SECRET", "another-one")

    plan = applied(small)

    kept = Destination.objects.get()
    assert kept.secrets == {"current": "another-one", "previous": SECRETS["signing"]}
    assert kept.previous_until is not None
    assert "secret: (secret) → (secret, from the variable SIEM_SECRET)" in plan_text(plan)
    assert applied(small).changes_nothing


def test_what_loses_its_last_filter_is_named_before_it_is_flooded(small: str) -> None:
    without = small.partition("event_filters:")[0] + "event_filters: {}"

    plan = plan_text(applied(without, prune=True, dry_run=True))

    assert "Note: “SIEM” has no filter left: from now on it receives every event of the workspace." in plan
    assert EventFilter.objects.exists()
    assert applied(without, prune=True).remarks
    assert not EventFilter.objects.exists()


def test_a_first_filter_is_said_to_narrow(small: str) -> None:
    plan = applied(small.replace(f"endpoints: [{HOOK}]", f"endpoints: [{HOOK}, {SOCKET}]"), dry_run=True)

    assert plan.remarks == ["“Control room” received every event until now; from now on it receives those that match."]


def test_an_endpoint_that_a_filter_names_is_not_pruned(full: None) -> None:
    with pytest.raises(ConfigRefused, match=r"1 event filter \(“0e0e0e0e-0004.*”\) depend on it"):
        applied(f"fieldport: 1\nendpoints: {{{HOOK}: {{name: S, type: WEB_HOOK, url: 'https://a.io'}}}}", prune=True)

    assert Endpoint.objects.count() == 3


def test_a_pruned_webhook_leaves_its_log(full: None) -> None:
    queue(Destination.objects.get())
    epoch = Sequence.objects.get(workspace=Workspace.default()).revision

    plan = applied("fieldport: 1\nendpoints: {}\nevent_filters: {}", prune=True)

    assert not Endpoint.objects.exists()
    assert not EventFilter.objects.exists()
    assert Destination.objects.get().retired_at is not None
    assert revision_of(Workspace.default().pk) != epoch
    assert f"  - {HOOK}  (“SIEM”, delete)" in plan_text(plan)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"endpoints: {{{SOCKET.upper()}: {{name: A, type: WEB_SOCKET}}}}", "it is called by its id, a UUID"),
        ("endpoints: {room: {name: A, type: WEB_SOCKET}}", "it is called by its id, a UUID"),
        (
            f"endpoints: {{{SOCKET}: {{name: A, type: WEB_SOCKET, url: 'https://a.io'}}}}",
            "only a webhook has this",
        ),
        (f"endpoints: {{{SOCKET}: {{name: A, type: WEB_HOOK, auth: open}}}}", "only a websocket has this"),
        (f"endpoints: {{{SOCKET}: {{name: A, type: WEB_HOOK}}}}", "url: This field cannot be blank"),
        (f"endpoints: {{{SOCKET}: {{name: A, type: WEB_HOOK, url: 'ftp://a.example'}}}}", f"{SOCKET} / url: "),
        (f"endpoints: {{{SOCKET}: {{name: A}}}}", "“type” is missing"),
        (f"event_filters: {{{FILTER}: {{endpoints: [{SOCKET}]}}}}", "there is no endpoint “0e0e0e0e-0001"),
        (f"event_filters: {{{FILTER}: {{event_types: [rio]}}}}", "event_types: “rio” is not an event type"),
        (f"event_filters: {{{FILTER}: {{camera_ids: [gate]}}}}", "camera_ids: “gate” is not an id"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(text: str, said: str) -> None:
    with pytest.raises(ConfigRefused) as refused:
        applied(f"fieldport: 1\n{text}")

    assert said in str(refused.value)
    assert not Endpoint.objects.exists()
    assert not EventFilter.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: Control room\n    workspace: plant-two", "name: Control room", "workspace: it never changes"),
        (
            "type: WEB_SOCKET\n    auth: open\n    ws_errors: close_codes",
            "type: WEB_HOOK\n    url: https://a.example",
            "type: it never changes",
        ),
        (f"- {OPEN}", f"- {HOOK}", "“SIEM” is of another workspace"),
    ],
)
def test_what_subscribers_rely_on_never_changes(full: None, old: str, new: str, said: str) -> None:
    text = export()
    assert old in text

    with pytest.raises(ConfigRefused) as refused:
        applied(text.replace(old, new, 1))

    assert said in str(refused.value)
    assert Endpoint.objects.get(pk=SOCKET).modified_at == NOON


def test_a_filter_without_a_condition_is_told_of_once(small: str) -> None:
    bare = small.replace("event_types: [roi], ", "")

    plan = applied(bare)

    assert plan.remarks == [
        "“Gates” has no condition: it matches every event. Give it one, if that is not meant.",
    ]
    assert EventFilter.objects.get().event_types == []
    assert applied(bare).remarks == []
    assert applied(small).remarks == []
