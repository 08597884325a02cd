"""Comparing two configurations, of files or of the installation that runs."""

import pytest

from integrations.connections.models import Connection
from integrations.core.config.comparing import difference
from integrations.core.config.documents import ConfigRefused
from integrations.core.config.exporting import export, live
from integrations.sync.models import Operation
from tests.config.making import document

pytestmark = pytest.mark.django_db

ONE = """
fieldport: 1
workspaces: {a: {name: A}, b: {name: B}}
connections:
  erp: {name: ERP, platform: generic, base_url: https://a.example.com, credentials: {token: {env: A}}, paused: true}
mappings:
  erp:
    Find it: {kind: LOOKUP, path: /orders}
    Write it:
      kind: UPDATE
      source_type: photo
      path: /orders
      fields: [{target: a, source: photo.label}, {target: b, source: photo.width}]
"""


def compared(one: str, other: str) -> str:
    return difference(document(one), document(other))


def test_a_file_equals_itself_however_it_is_written() -> None:
    other = ONE.replace("path: /orders}", 'path: "/orders", enabled: true, query: {}, body: null}')
    other = other.replace("{a: {name: A}, b: {name: B}}", "\n  b: {name: B}\n  a:\n    name: 'A'\n")

    assert compared(ONE, other) == ""


def test_what_differs_is_said_by_its_place() -> None:
    other = ONE.replace("https://a", "https://b").replace("{env: A}", "{env: B, keep: true}")
    other = other.replace("b: {name: B}", "c: {name: C}").replace("photo.width}", "photo.width, type: TEXT}")
    other = other.replace("    Find it: {kind: LOOKUP, path: /orders}\n", "")

    assert compared(ONE, other).splitlines() == [
        "workspaces",
        "  - b",
        "  + c",
        '      name: "C"',
        "connections",
        "  ~ erp",
        '      base_url: "https://a.example.com" → "https://b.example.com"',
        '      credentials.token.env: "A" → "B"',
        "      credentials.token.keep: true",
        "mappings",
        "  - erp / Find it",
        "  ~ erp / Write it",
        '      fields.b.type: "TEXT"',
    ]


def test_another_order_of_fields_is_a_difference() -> None:
    turned = ONE.replace("fields: [{target: a, source: photo.label}, ", "fields: [").replace(
        "photo.width}]", "photo.width}, {target: a, source: photo.label}]"
    )

    assert 'fields.order: ["a", "b"] → ["b", "a"]' in compared(ONE, turned)


def test_a_switch_that_one_of_them_leaves_to_operators_is_no_difference() -> None:
    assert compared(ONE, ONE.replace(", paused: true", "")) == ""
    assert "paused: true → false" in compared(ONE, ONE.replace("paused: true", "paused: false"))


def test_a_value_at_its_default_is_compared_as_such() -> None:
    assert "enabled: true → false" in compared(ONE, ONE.replace("kind: LOOKUP", "kind: LOOKUP, enabled: false"))


def test_what_an_admin_changed_since_the_export_is_found(full: None) -> None:
    exported = document(export())
    Connection.objects.filter(slug="erp").update(rate_per_second=9.0)
    Operation.objects.filter(name="Answers").delete()

    found = difference(exported, live())

    assert found.splitlines() == [
        "connections",
        "  ~ erp",
        "      rate_per_second: 2.5 → 9.0",
        "mappings",
        "  - erp / Answers",
    ]
    assert difference(exported, exported) == ""


def test_references_of_the_file_are_those_of_the_installation_it_is_compared_with(full: None) -> None:
    own = document(export().replace("{env: FIELDPORT_CMS_CREDENTIALS_TOKEN, keep: true}", "{file: /run/secrets/cms}"))

    assert difference(own, live(like=own)) == ""


def test_a_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ConfigRefused, match="unknown section"):
        compared(ONE, "fieldport: 1\nother: {}")
