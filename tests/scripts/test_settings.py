"""The settings of a script by the schema that its author wrote."""

import pytest

from integrations.scripts import schemas

SCHEMA = {
    "properties": {"linkKey": {"type": "string", "default": "po"}, "limit": {"type": "integer", "minimum": 1}},
    "required": ["limit"],
    "additionalProperties": False,
}


def test_defaults_are_filled_in() -> None:
    assert schemas.with_defaults(SCHEMA, {"limit": 2}) == {"linkKey": "po", "limit": 2}


def test_what_is_wrong_is_named_with_its_place() -> None:
    problems = list(schemas.setting_problems(SCHEMA, {"limit": 0, "extra": 1}))

    assert any(each.startswith("limit: 0 is less than") for each in problems)
    assert any("'extra'" in each for each in problems)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ([], "is an object"),
        ({"type": "whatever"}, "not a JSON Schema"),
        ({"properties": {"a": {"$ref": "https://example.com/a"}}}, "not followed"),
    ],
)
def test_a_schema_that_describes_nothing_is_refused(schema: object, said: str) -> None:
    assert said in schemas.schema_problem(schema)
