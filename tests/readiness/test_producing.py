"""From the answers to mappings: once, again, and after somebody's hand was there."""

import pytest
from django.core.exceptions import ValidationError

from integrations.readiness import planning, producing, services
from integrations.readiness.models import Questionnaire
from integrations.sync.models import FieldMapping, Operation
from integrations.sync.preview import preview
from tests.readiness.conftest import MINUTES, STATE, Asked

pytestmark = pytest.mark.django_db


def test_one_mapping_is_made_switched_off_with_all_its_fields(asked: Asked) -> None:
    producing.produce(asked.row)

    (operation,) = asked.made()
    assert not operation.enabled
    assert (operation.method, operation.path) == ("PATCH", "/api/orders/{record.id}")
    assert (operation.source_type, operation.event_types) == ("test.visit", ["visit.joined", "visit.updated"])
    assert operation.readback_path == "/api/orders/{record.id}"
    assert asked.fields() == {"status": "visit.state", "u_minutes": "visit.minutes"}
    operation.full_clean()
    asked.house.tell()
    assert preview(operation).fields == {"status": "in_progress", "u_minutes": 12}


def test_producing_again_changes_nothing(asked: Asked) -> None:
    producing.produce(asked.row)
    history = Operation.history.count(), FieldMapping.history.count()

    again = producing.produce(asked.row)

    assert [change.differences for change in again] == [[]]
    assert (Operation.history.count(), FieldMapping.history.count()) == history


def test_a_preview_writes_nothing(asked: Asked) -> None:
    changes = planning.plan(asked.row)

    assert [change.is_new for change in changes] == [True]
    assert asked.made() == []
    assert asked.read().produced == []


def test_answers_that_changed_change_their_own_mapping(asked: Asked) -> None:
    producing.produce(asked.row)
    asked.change(STATE, target="state_text")
    services.choose_facts(asked.row, [STATE])

    producing.produce(asked.row)

    assert len(asked.made()) == 1
    assert asked.fields() == {"state_text": "visit.state"}


def test_what_was_changed_by_hand_is_told_and_stays(asked: Asked) -> None:
    producing.produce(asked.row)
    (operation,) = asked.made()
    operation.path, operation.condition = "/api/v2/orders/{record.id}", "visit.state"
    operation.save()
    FieldMapping.objects.filter(target="u_minutes").update(format="")

    (change,) = producing.produce(asked.row)

    assert {each.name for each in change.by_hand} == {"path", "field u_minutes"}
    operation.refresh_from_db()
    assert (operation.path, operation.condition) == ("/api/v2/orders/{record.id}", "visit.state")
    assert FieldMapping.objects.get(target="u_minutes").format == ""
    again = planning.plan(asked.row)
    assert {each.name for each in again[0].by_hand} == {"path", "field u_minutes"}


def test_it_is_overwritten_when_somebody_says_so(asked: Asked) -> None:
    producing.produce(asked.row)
    Operation.objects.filter(kind="UPDATE").update(path="/api/v2/orders/{record.id}")

    producing.produce(asked.row, over_hand=True)

    assert asked.made()[0].path == "/api/orders/{record.id}"


def test_a_field_that_was_taken_out_or_added_by_hand_stays_so(asked: Asked) -> None:
    producing.produce(asked.row)
    FieldMapping.objects.get(target="u_minutes").delete()
    FieldMapping.objects.create(operation=asked.made()[0], source="visit.id", target="u_visit")

    producing.produce(asked.row)

    assert asked.fields() == {"status": "visit.state", "u_visit": "visit.id"}


def test_each_way_of_updating_is_a_mapping_of_its_own(asked: Asked) -> None:
    asked.change(MINUTES, method="PUT", path="/api/orders/{record.id}/minutes")

    producing.produce(asked.row)

    assert [(each.method, each.path) for each in asked.made()] == [
        ("PATCH", "/api/orders/{record.id}"),
        ("PUT", "/api/orders/{record.id}/minutes"),
    ]


def test_a_mapping_that_no_answer_asks_for_any_more_is_switched_off_and_kept(asked: Asked) -> None:
    producing.produce(asked.row)
    Operation.objects.filter(kind="UPDATE").update(enabled=True)
    services.choose_facts(asked.row, [])

    producing.produce(asked.row)

    assert [each.enabled for each in asked.made()] == [False]


def test_a_mapping_of_the_same_name_that_somebody_made_is_not_overwritten(asked: Asked) -> None:
    asked.house.operation(name="Visit onto the request", path="/api/mine/{record.id}")

    (change,) = producing.produce(asked.row)

    assert "path" in {each.name for each in change.by_hand}
    assert [each.path for each in asked.made()] == ["/api/mine/{record.id}"]


def test_a_mapping_that_its_form_would_refuse_is_not_made(asked: Asked) -> None:
    asked.change(MINUTES, fact="test.visit:visit.minuts")

    with pytest.raises(ValidationError, match=r"did you mean “visit\.minutes”"):
        producing.produce(asked.row)

    assert asked.made() == []


def test_a_graphql_mapping_has_the_mutation_and_its_variables(asked: Asked) -> None:
    document = "mutation ($id: ID!, $input: OrderInput!) { updateOrder(id: $id, input: $input) { id } }"
    Questionnaire.objects.update(api="GRAPHQL", document=document, path="")

    producing.produce(asked.read())

    (operation,) = asked.made()
    assert (operation.protocol, operation.document, operation.path) == ("GRAPHQL", document, "")
    assert operation.body == {"id": "{record.id}", "input": "{fields}"}
