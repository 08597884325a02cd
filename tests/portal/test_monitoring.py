"""What monitors see."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from integrations.core import clock, registries
from integrations.schedules.models import Heartbeat
from portal.health import CHECKS

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent_broker(settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"


def _beat(name: str, *, seconds_ago: float) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": clock.now() - timedelta(seconds=seconds_ago)})


def test_alive_is_answered_under_any_name(client: Client) -> None:
    answer = client.get("/healthz", headers={"host": "10.1.2.3:8000"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.usefixtures("silent_broker")
def test_ready_names_each_part_with_its_state(client: Client) -> None:
    _beat("worker", seconds_ago=31)
    _beat("scheduler", seconds_ago=5)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    states = {name: part["state"] for name, part in answer.json().items() if name in CHECKS}
    told = {"database": "ok", "broker": "down", "worker": "down", "scheduler": "ok", "scripts": "ok", "heic": "ok"}
    assert states == told
    assert answer.json()["ready"] is False


def test_ready_is_200_only_when_all_of_it_works(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.health.Redis.ping", lambda _self: True)
    _beat("worker", seconds_ago=1)
    assert client.get("/readyz").status_code == 503, "the scheduler was never seen"

    _beat("scheduler", seconds_ago=1)

    assert client.get("/readyz").status_code == 200


def test_a_part_that_an_app_registered_says_why_it_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registries, "_healths", {"shelf": lambda: "It is full."})

    answer = client.get("/readyz")

    assert answer.json()["shelf"] == {"state": "down", "note": "It is full."}
    assert answer.status_code == 503


def test_metrics_count_open_work_of_every_kind(client: Client) -> None:
    text = client.get("/metrics").content.decode()

    assert 'fieldport_work_rows{kind="inbox.ReceivedWebhook",state="DUE"} 0.0' in text
    assert "process_resident_memory_bytes" in text


def test_metrics_ask_for_the_token_that_is_set(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "for-prometheus"

    refused = client.get("/metrics")
    given = client.get("/metrics", headers={"authorization": "Bearer for-prometheus"})

    assert (refused.status_code, given.status_code) == (401, 200)
    assert b"fieldport" not in refused.content
