"""Generation B: subscribing a source through the API, and what then arrives."""

import pytest

from integrations.core.errors import PermanentError
from integrations.core.work import WorkState
from integrations.inbox.models import QuarantinedWebhook, ReceivedWebhook, Verification, WebhookSource
from integrations.platforms.worklink import subscriptions
from integrations.platforms.worklink.models import ScenarioSession
from tests.platforms.worklink.house import House


@pytest.fixture
def house(house_with_door: House) -> House:
    return house_with_door


@pytest.fixture
def source(house: House) -> WebhookSource:
    """The source of the house, whose address is now where its door is."""
    house.cms.listen()
    return house.source


@pytest.fixture(autouse=True)
def _public_address(house: House, settings: pytest.FixtureRequest) -> None:
    settings.PUBLIC_URL = house.door  # type: ignore[attr-defined]  # pytest-django's settings


def test_topics_are_offered_and_those_of_sessions_and_calls_marked(house: House) -> None:
    found = subscriptions.topics(house.connection)

    wanted = {topic.key for topic in found if topic.wanted}
    assert {"scenario_session/created", "scenario_session/updated", "call/finished"} <= wanted
    assert "user/created" not in wanted
    assert "user/created" in {topic.key for topic in found}


def test_subscribing_makes_signed_notifications_arrive(house: House, source: WebhookSource) -> None:
    new = subscriptions.subscribe(source, ["scenario_session/created", "scenario_session/finished"])
    assert new == ["scenario_session/created", "scenario_session/finished"]
    stored = WebhookSource.objects.get()
    assert stored.verification == Verification.PLATFORM
    assert len(stored.secrets[0]) >= 32

    house.run_session()
    house.work()

    assert ScenarioSession.objects.get().outcome == "completed"
    assert set(ReceivedWebhook.objects.values_list("verb", "state")) == {("created", "DONE"), ("finished", "DONE")}


def test_subscribing_twice_makes_one_subscription(house: House, source: WebhookSource) -> None:
    subscriptions.subscribe(source, ["scenario_session/created"])

    assert subscriptions.subscribe(source, ["scenario_session/created"]) == []

    assert [each.topic for each in subscriptions.subscriptions(house.connection)] == ["scenario_session/created"]
    assert len(WebhookSource.objects.get().secrets) == 1


def test_a_wrong_signature_is_quarantined_and_nothing_read(house: House, source: WebhookSource) -> None:
    subscriptions.subscribe(source, ["scenario_session/finished"])
    house.cms.set_webhooks(wrong_signature=True)

    house.run_session()
    house.work()

    assert QuarantinedWebhook.objects.count() == 1
    assert not ReceivedWebhook.objects.exists()
    assert house.reads() == 0


def test_unsubscribing_ends_it(house: House, source: WebhookSource) -> None:
    subscriptions.subscribe(source, ["scenario_session/finished"])
    found = subscriptions.subscriptions(house.connection)[0]
    assert found.address == source.address

    subscriptions.unsubscribe(house.connection, found.id)

    assert subscriptions.subscriptions(house.connection) == []
    house.run_session()
    house.work()
    assert not ReceivedWebhook.objects.exists()


def test_a_topic_that_does_not_exist_is_refused_by_name(house: House, source: WebhookSource) -> None:
    with pytest.raises(PermanentError, match="scenario_session/exploded"):
        subscriptions.subscribe(source, ["scenario_session/exploded"])

    assert subscriptions.subscriptions(house.connection) == []


def test_a_cms_without_subscriptions_says_what_to_do_instead(house: House, source: WebhookSource) -> None:
    house.cms.set_settings(removed_fields=("Mutation.createWebhookSubscription",))

    with pytest.raises(PermanentError, match="Ask Scope's support"):
        subscriptions.subscribe(source, ["scenario_session/created"])

    assert WebhookSource.objects.get().verification == Verification.ADDRESS


def test_a_custom_body_of_a_subscription_is_understood(house: House, source: WebhookSource) -> None:
    subscriptions.subscribe(source, ["scenario_session/finished"])
    subscription = house.cms.state.nodes.all("WebhookSubscription")[0]
    subscription["query"] = "query ($id: ID!) { node(id: $id) { id ... on ScenarioSession { state externalData } } }"

    house.run_session()
    house.work()

    assert ReceivedWebhook.objects.get().state == WorkState.DONE
    assert ScenarioSession.objects.get().outcome == "completed"
