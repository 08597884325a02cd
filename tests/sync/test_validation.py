"""What the forms refuse, by name and with the close match; and the promise that an operation states."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from integrations.sync.guarantee import guarantee_of
from integrations.sync.models import FieldMapping, Operation, OperationKind
from tests.sync.conftest import House


def problems(row: Operation | FieldMapping) -> dict[str, list[str]]:
    try:
        row.clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize(
    ("change", "name", "sentence"),
    [
        ({"path": "/orders/{visit.idd}"}, "path", "unknown field “visit.idd”; did you mean “visit.id”?"),
        ({"body": {"a": ["{visit.stat}"]}}, "body", "did you mean “visit.state”?"),
        ({"query": {"q": "{visitt.id}"}}, "query", "unknown field “visitt.id”"),
        ({"headers": {"X-A": "{visit.id"}}, "headers", "is not closed"),
        ({"condition": "visit.minuts > `1`"}, "condition", "did you mean “visit.minutes”?"),
        ({"condition": "visit.("}, "condition", "is not a JMESPath expression"),
        ({"success": "result == 'ok'"}, "success", "its content is below “body”"),
        ({"event_types": ["visit.join"]}, "event_types", "did you mean “visit.joined”?"),
        ({"source_type": "test.vist"}, "source_type", "There is no source “test.vist”."),
        ({"source_type": ""}, "source_type", "Choose what is written"),
        ({"path": ""}, "path", "needs a path"),
        ({"protocol": "GRAPHQL"}, "document", "needs a document"),
        ({"key_place": "BODY"}, "key_place", "no placeholder {key}"),
        ({"marker": "m-{key}"}, "marker", "could never be found"),
        ({"body": {"a": "{marker}"}}, "marker", "there is no marker"),
        ({"readback_path": "/orders/{record.id}/{visit.x}"}, "readback_path", "unknown field “visit.x”"),
    ],
)
def test_a_mistake_is_refused_by_name(house: House, change: dict[str, Any], name: str, sentence: str) -> None:
    operation = house.operation()
    for field, value in change.items():
        setattr(operation, field, value)

    assert sentence in " ".join(problems(operation)[name])


@pytest.mark.parametrize("kind", [*OperationKind.values])
def test_forms_that_are_right_are_accepted(house: House, kind: str) -> None:
    operation = house.lookup if kind == OperationKind.LOOKUP else house.operation(kind)
    assert problems(operation) == {}


@pytest.mark.parametrize(
    "text",
    [
        "visit.extra.anything",
        "visit.steps[0].title",
        "record.a.b",
        "fields.x",
        "external_id",
        "key",
        "file.sha256",
        "visit",
    ],
)
def test_open_and_known_fields_are_accepted(house: House, text: str) -> None:
    assert problems(house.operation(body={"a": f"{{{text}}}"})) == {}


@pytest.mark.parametrize(
    ("change", "name", "sentence"),
    [
        ({"source": "visit.statee"}, "source", "did you mean “visit.state”?"),
        ({"type": "TIME", "format": "dmy"}, "format", "not a date format"),
        ({"time_zone": "Europe/Pariss"}, "time_zone", "did you mean “Europe/Paris”?"),
        ({"target": "a..b"}, "target", "not a dotted name"),
        ({"target": "u_a.b"}, "target", "lies inside"),
    ],
)
def test_a_field_mapping_is_refused_by_name(house: House, change: dict[str, Any], name: str, sentence: str) -> None:
    operation = house.operation()
    operation.field_mappings.create(source="visit.id", target="u_a")
    mapping = FieldMapping(operation=operation, **{"source": "visit.id", "target": "x", **change})

    assert sentence in " ".join(problems(mapping)[name])


@pytest.mark.parametrize(
    ("kind", "change", "promised", "words"),
    [
        ("UPDATE", {}, (True, True), "the record is read back and compared"),
        ("NOTE", {}, (True, True), "found by its marker"),
        ("ATTACH", {}, (True, True), "the key is part of what is written"),
        ("CREATE", {"key_place": "HEADER", "readback_path": ""}, (True, False), "the key goes out in a header"),
        ("UPDATE", {"readback_path": ""}, (False, False), "an operator is asked"),
        ("NOTE", {"marker": ""}, (False, False), "cannot be told from others"),
        ("NOTE", {"marker": "", "readback_path": "", "when_unsure": "REPEAT"}, (False, False), "it is sent again"),
    ],
)
def test_an_operation_states_its_promise(
    house: House, kind: str, change: dict[str, Any], promised: tuple[bool, bool], words: str
) -> None:
    promise = guarantee_of(house.operation(kind, **change))

    assert (promise.once, promise.proven) == promised
    assert words in promise.sentence


def test_a_mapping_for_scripts_may_read_what_they_give_and_the_fields_of_every_source(house: House) -> None:
    operation = Operation(
        connection=house.connection,
        name="said by a script",
        kind=OperationKind.NOTE,
        source_type="script",
        path="/api/orders/{external_id}/notes",
        body={"body": "{input.text} {visit.state} {input.fields.any.name}"},
    )
    assert problems(operation) == {}
    operation.body = {"body": "{inputs.text} {visit.stat}"}

    refused = problems(operation)["body"]

    assert "unknown field “inputs”; did you mean “input”?" in refused
    assert "unknown field “visit.stat”; did you mean “visit.state”?" in refused
