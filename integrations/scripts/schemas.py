"""The settings of a script by their JSON Schema: what is wrong, defaults filled in. Pure."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

SIMPLE_TYPES = ("string", "integer", "number", "boolean")


def schema_problem(schema: Any) -> str:
    """Return why this cannot describe settings, as a sentence; empty if it can."""
    if not isinstance(schema, dict):
        return 'The schema is an object, such as {"properties": {"linkKey": {"type": "string"}}}.'
    if "$ref" in str(schema):
        return "References ($ref) are not followed; write the schema out."
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"This is not a JSON Schema: {error.message}"
    return ""


def setting_problems(schema: dict[str, Any], values: Any) -> Iterator[str]:
    """Yield what is wrong with the values, each with its place."""
    for error in Draft202012Validator({"type": "object", **schema}).iter_errors(values):
        place = ".".join(map(str, error.absolute_path))
        yield f"{place}: {error.message}" if place else error.message


def with_defaults(schema: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values, with the defaults that the schema's properties name."""
    properties = schema.get("properties") or {}
    given = {name: each["default"] for name, each in properties.items() if isinstance(each, dict) and "default" in each}
    return {**given, **values}
