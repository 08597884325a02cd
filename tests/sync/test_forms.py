"""The admin's form of a mapping refuses unknown fields of an operation that is not saved yet."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from integrations.sync.models import FieldMapping, Operation
from tests.sync.conftest import House


@pytest.mark.parametrize(("source", "saved"), [("visit.statee", False), ("visit.state", True)])
def test_a_new_mapping_with_an_unknown_field_is_not_saved(
    house: House, client: Client, source: str, saved: bool
) -> None:
    client.force_login(get_user_model().objects.create_superuser("root"))
    form = {
        "name": "new",
        "connection": house.connection.pk,
        "kind": "UPDATE",
        "enabled": "on",
        "source_type": "test.visit",
        "lookup": house.lookup.pk,
        "protocol": "REST",
        "path": "/api/orders/{record.id}",
        "wait_hours": "24",
        "record_id": "id",
        "key_place": "NONE",
        "key_header": "Idempotency-Key",
        "when_unsure": "ASK",
        "field_mappings-TOTAL_FORMS": "1",
        "field_mappings-INITIAL_FORMS": "0",
        "field_mappings-0-source": source,
        "field_mappings-0-target": "status",
        "field_mappings-0-type": "AS_IS",
        "field_mappings-0-position": "0",
    }

    answer = client.post("/admin/sync/operation/add/", form)

    assert (answer.status_code == 302) is saved, answer.content.decode()[:3000]
    assert ("did you mean “visit.state”?" in answer.content.decode()) is not saved
    assert Operation.objects.filter(name="new").exists() is saved
    assert FieldMapping.objects.exists() is saved
