"""The page of a write in the admin."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from integrations.sync.models import OperationKind, RecordWrite
from tests.simulators.running import RunningRecord
from tests.sync.conftest import House


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


def page_of(admin: Client, write: RecordWrite) -> str:
    answer = admin.get(f"/admin/sync/recordwrite/{write.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_read_back_of_a_note_is_shown_as_json(house: House, record: RunningRecord, admin: Client) -> None:
    house.operation(OperationKind.NOTE)
    house.tell()
    house.work()

    page = page_of(admin, house.last())

    assert "&quot;body&quot;: &quot;Visit v1: in_progress" in page
    assert "&#x27;body&#x27;" not in page
