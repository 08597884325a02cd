"""Statements made once do what the ORM's own do, on each database."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import models

from integrations.connections.models import Connection
from integrations.core import statements
from integrations.core.work import WorkState
from integrations.sync.models import RecordLane

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=UTC)


def make_lane(record_key: str = "WO-1", **values: Any) -> RecordLane:
    connection, _ = Connection.objects.get_or_create(slug="erp", defaults={"name": "ERP", "platform": "generic"})
    return RecordLane.objects.create(connection=connection, record_key=record_key, **values)


def columns_of(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_read_is_the_row_that_the_model_reads() -> None:
    lane = make_lane(choices={"1": ["é", None]}, claim_token=uuid4(), finished_at=AT, due_at=AT)
    make_lane("WO-2")
    reading = statements.Reading(RecordLane, "WHERE t.id = %s", extra={"twice": "t.id * 2"})

    (read,) = reading.rows(lane.pk)

    assert columns_of(read) == columns_of(RecordLane.objects.get(pk=lane.pk))
    assert read.twice == lane.pk * 2  # type: ignore[attr-defined]  # an extra column
    assert not read._state.adding
    assert not reading.rows(0)


def test_an_update_stores_each_kind_of_value_as_the_model_does() -> None:
    lane, other = make_lane(), make_lane("WO-2")
    token = uuid4()
    values = {"state": WorkState.RUNNING, "due_at": AT, "claim_token": token, "choices": {"a": [1]}, "not_before": None}

    assert statements.update(RecordLane, where={"id": lane.pk, "wanted": 1}, values=values) == 1

    kept = RecordLane.objects.get(claim_token=token, due_at=AT, state="RUNNING", not_before=None)
    assert (kept.pk, kept.choices) == (lane.pk, {"a": [1]})
    assert columns_of(RecordLane.objects.get(pk=other.pk)) == columns_of(other)


def test_an_update_whose_conditions_do_not_hold_changes_nothing() -> None:
    lane = make_lane()

    assert statements.update(RecordLane, where={"id": lane.pk, "wanted": 2}, values={"note": "no"}) == 0

    assert RecordLane.objects.get(pk=lane.pk).note == ""
