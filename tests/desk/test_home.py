"""The home page: what is to be set up next, and only what the visitor may open."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Connection, Health, Installation
from integrations.core.work import WorkState
from integrations.inbox.models import WebhookSource
from tests.desk.people import signed_in
from tests.desk.story import tell
from tests.factories import make_received, make_source

pytestmark = pytest.mark.django_db


def steps_of(client: Client) -> list[bool]:
    return [step.done for step in client.get(reverse("admin:index")).context["steps"]]


def test_the_steps_are_ticked_one_after_the_other(admin_client: Client) -> None:
    assert steps_of(admin_client) == [False] * 6

    source = make_source()
    Connection.objects.update(health=Health.OK)
    assert steps_of(admin_client) == [True, True, True, False, False, False]

    make_received(source=source)
    assert steps_of(admin_client) == [True, True, True, True, False, False]


def test_the_steps_go_once_a_write_is_confirmed(admin_client: Client) -> None:
    tell()

    assert admin_client.get(reverse("admin:index")).context["steps"] == []


def test_the_address_to_copy_is_there_until_the_first_webhook_came(admin_client: Client) -> None:
    source = make_source()
    address = source.address.encode()
    assert address in admin_client.get(reverse("admin:index")).content

    make_received(source=source)

    assert address not in admin_client.get(reverse("admin:index")).content


def test_a_viewer_sees_neither_steps_nor_addresses_nor_connections() -> None:
    source = make_source()

    page = signed_in("Viewer").get(reverse("admin:index"))

    assert WebhookSource.objects.get(pk=source.pk).address.encode() not in page.content
    assert "steps" not in page.context
    assert "connections" not in page.context


def test_counters_are_shown_to_those_who_may_open_their_list(admin_client: Client) -> None:
    make_received(state=WorkState.FAILED)
    for group in ("Viewer", "Operator", "Integrator"):
        client = signed_in(group)
        shown = client.get(reverse("admin:index")).context["counters"]
        assert [counter.label for counter in shown if client.get(counter.url).status_code != 200] == []

    viewer = signed_in("Viewer", name="vera").get(reverse("admin:index"))
    everything = admin_client.get(reverse("admin:index")).context["counters"]
    assert "Webhooks failed" in {counter.label for counter in viewer.context["counters"]}
    assert {"Quarantined", "Connections paused"} <= {counter.label for counter in everything}
    assert b"Quarantined" not in viewer.content
    assert b"Connections" not in viewer.content


def test_counts_at_zero_are_folded_away(admin_client: Client) -> None:
    make_received(state=WorkState.FAILED)

    page = admin_client.get(reverse("admin:index"))

    quiet = {counter.label for counter in page.context["quiet_counters"]}
    loud = {counter.label for counter in page.context["counters"]} - quiet
    assert loud == {"Webhooks failed"}
    assert f"{len(quiet)} counts are at zero" in page.content.decode()


def test_held_back_writes_are_said_on_every_page_and_let_go_by_an_administrator(admin_client: Client) -> None:
    Installation.objects.create(public_url="https://a.example", key_fingerprint="1", capture_reason="It may be a copy.")
    row = Installation.objects.get()
    pages = [reverse("admin:index"), reverse("admin:sync_recordwrite_changelist"), reverse("admin:desk_settings")]
    assert all(b"It may be a copy." in admin_client.get(page).content for page in pages)

    admin_client.post(reverse("admin:connections_installation_do", args=[row.pk, "send_again"]))

    assert all(b"It may be a copy." not in admin_client.get(page).content for page in pages)
