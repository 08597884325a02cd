"""The pages of a WorkLink connection in the admin, against the simulated CMS."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Connection, Health
from integrations.inbox.models import Verification, WebhookSource
from integrations.platforms.worklink import subscriptions
from tests.desk.people import signed_in
from tests.platforms.worklink.house import House

pytestmark = pytest.mark.django_db


def set_up_of(house: House) -> str:
    return reverse("admin:worklink_set_up", args=[house.connection.pk])


def press(client: Client, house: House, action: str) -> str:
    url = reverse("admin:connections_connection_do", args=[house.connection.pk, action])
    return client.post(url, follow=True).content.decode()


def test_the_test_button_says_what_answered_and_notes_the_health(house: House, admin_client: Client) -> None:
    page = press(admin_client, house, "test_connection")

    assert "The token sees" in page
    stored = Connection.objects.get(pk=house.connection.pk)
    assert stored.health == Health.OK
    assert stored.probe


def test_the_test_button_says_why_it_failed(house: House, admin_client: Client) -> None:
    house.connection.credentials = {"token": "no longer valid"}
    house.connection.save()

    page = press(admin_client, house, "test_connection")

    assert 'class="error"' in page
    stored = Connection.objects.get(pk=house.connection.pk)
    assert stored.health == Health.AUTH_FAILED
    assert stored.health_note in page.replace("&#x27;", "'")


def test_subscriptions_are_made_and_deleted_on_the_page(house: House, admin_client: Client) -> None:
    page = admin_client.get(set_up_of(house))
    assert "scenario_session/created" in {topic.key for topic in page.context["topics"]}

    admin_client.post(set_up_of(house), {"source": house.source.pk, "topics": ["scenario_session/created"]})
    made = subscriptions.subscriptions(house.connection)
    assert [each.topic for each in made] == ["scenario_session/created"]
    source = WebhookSource.objects.get(pk=house.source.pk)
    assert source.verification == Verification.PLATFORM
    assert source.secrets[0] not in admin_client.get(set_up_of(house)).content.decode()

    admin_client.post(set_up_of(house), {"unsubscribe": made[0].id})
    assert subscriptions.subscriptions(house.connection) == []


def test_an_operator_may_not_subscribe(house: House) -> None:
    client = signed_in("Operator")

    answer = client.post(set_up_of(house), {"source": house.source.pk, "topics": ["scenario_session/created"]})

    assert answer.status_code == 403
    assert subscriptions.subscriptions(house.connection) == []
