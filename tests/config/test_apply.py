"""Applying a file: what it changes, what it leaves alone, and what it says."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.connections.models import ApiToken, Connection, Workspace
from integrations.core.config.comparing import plan_text
from integrations.core.config.documents import ConfigRefused
from integrations.core.config.exporting import export
from integrations.inbox.models import WebhookSource
from integrations.schedules.models import RetentionRule
from integrations.sync.models import FieldMapping, Operation
from tests.config.making import NOON, applied

pytestmark = pytest.mark.django_db

SYSTEM = """
fieldport: 1
connections:
  erp:
    name: ERP
    platform: generic
    base_url: https://erp.example.com
    auth_kind: NONE
    write_from: 2026-03-01T12:00:00Z
"""
MAPPINGS = """
mappings:
  erp:
    Find it: {kind: LOOKUP, path: "/orders", query: {number: "{external_id}"}, records: body}
    Write it:
      kind: UPDATE
      source_type: worklink.session
      event_types: [session.joined]
      lookup: Find it
      path: /orders/{record.id}
      fields:
        - {target: state, source: session.outcome}
        - {target: minutes, source: session.minutes, type: INTEGER}
"""


def test_a_first_apply_makes_everything_and_a_second_changes_nothing() -> None:
    first = applied(SYSTEM + MAPPINGS)
    second = applied(SYSTEM + MAPPINGS, prune=True)

    assert [action.verb for action in first.writes] == ["create"] * 3
    assert second.changes_nothing
    assert plan_text(second) == "Nothing to change: all 3 entries are as the file says."
    update = Operation.objects.get(name="Write it")
    assert update.lookup == Operation.objects.get(name="Find it")
    assert [each.target for each in update.field_mappings.all()] == ["state", "minutes"]


def test_the_plan_says_old_and_new() -> None:
    applied(SYSTEM + MAPPINGS)
    changed = (SYSTEM + MAPPINGS).replace("base_url: https://erp.example.com", "base_url: https://new.example.com")
    changed = changed.replace("type: INTEGER", "type: TEXT").replace("    Find it: {", "    Find it: {wait_hours: 2, ")

    plan = applied(changed, dry_run=True)

    assert plan_text(plan) == (
        "connections\n"
        "  ~ erp  (change)\n"
        '      base_url: "https://erp.example.com" → "https://new.example.com"\n'
        "mappings\n"
        "  ~ erp / Find it  (change)\n"
        "      wait_hours: 24.0 → 2.0\n"
        "  ~ erp / Write it  (change)\n"
        '      fields.minutes.type: "INTEGER" → "TEXT"\n'
        "3 to change, 0 unchanged."
    )


def test_a_text_of_several_lines_is_shown_by_the_lines_that_differ() -> None:
    note = 'mappings: {erp: {Note: {kind: NOTE, source_type: photo, path: /n, condition: "%s", body: 1}}}'
    first = ["photo.label", "&& photo.bytes", "&& photo.width", "&& photo.height"]
    applied(SYSTEM + note % "\\n".join(first))

    shown = plan_text(applied(SYSTEM + note % "\\n".join([*first[:-1], "&& photo.link"]), dry_run=True))

    lines = ["@@ -2,3 +2,3 @@", " && photo.bytes", " && photo.width", "-&& photo.height", "+&& photo.link"]
    assert "\n".join(["      condition:", *(f"        {line}" for line in lines)]) in shown


def test_a_dry_run_writes_nothing() -> None:
    plan = applied(f"{SYSTEM}retention: {{inbox.body: {{days: 3}}}}", dry_run=True)

    assert len(plan.writes) == 2
    counts = [model._default_manager.count() for model in (Connection, Workspace, RetentionRule)]
    assert counts == [0, 0, 0]
    assert Connection.history.count() == 0


def test_what_the_file_does_not_name_stays(full: None) -> None:
    before = Operation.objects.count()

    applied(SYSTEM.replace("erp", "another"))

    assert Operation.objects.count() == before
    assert set(Connection.objects.values_list("slug", flat=True)) == {"another", "camera", "cms", "erp", "model"}


def test_a_line_that_is_left_out_means_the_default() -> None:
    applied(f"{SYSTEM}    time_zone: Europe/Berlin\n    rate_per_second: 9")

    plan = applied(SYSTEM)

    connection = Connection.objects.get()
    assert (connection.time_zone, connection.rate_per_second) == ("UTC", 5.0)
    assert 'time_zone: "Europe/Berlin" → "UTC"' in plan_text(plan)


@pytest.mark.parametrize("switch", ["paused", "capture"])
def test_a_switch_of_operators_stays_unless_the_file_has_it(switch: str) -> None:
    applied(SYSTEM)
    Connection.objects.update(**{switch: True})

    left = applied(SYSTEM)
    switched = applied(f"{SYSTEM}    {switch}: false")

    assert left.changes_nothing
    assert [change.path for change in switched.writes[0].changes] == [(switch,)]


def test_the_time_from_which_is_written_is_that_of_the_creation_unless_the_file_has_it() -> None:
    without = SYSTEM.replace("    write_from: 2026-03-01T12:00:00Z\n", "")

    applied(without)

    made = Connection.objects.get()
    assert timezone.now() - made.write_from < timedelta(minutes=1)
    assert applied(without).changes_nothing
    applied(SYSTEM)
    made.refresh_from_db()
    assert made.write_from == NOON


def test_the_history_says_that_it_was_applied(full: None) -> None:
    applied(SYSTEM.replace("ERP", "Renamed"))
    applied("fieldport: 1\nmappings: {}\nreadiness: {}\nwork_order_feeds: {}", prune=True)

    assert Connection.objects.get(slug="erp").history.first().history_change_reason == "config apply"
    gone = Operation.history.filter(history_type="-")
    assert gone.count() == 3
    gone = [*gone, *FieldMapping.history.filter(history_type="-")]
    assert len(gone) == 5
    assert {each.history_change_reason for each in gone} == {"config apply"}


@pytest.mark.parametrize("page", ["admin:connections_connection_history", "admin:desk_history"])
def test_the_pages_of_history_name_it_where_they_name_people(page: str, admin_client: Client) -> None:
    applied(SYSTEM)
    row = [Connection.objects.get().pk] if page.startswith("admin:connections") else []

    assert "<td>config apply</td>" in admin_client.get(reverse(page, args=row)).content.decode()


def test_only_what_changes_is_written_because_workers_write_the_rest(full: None) -> None:
    """A token that a worker fetches between our reading the row and our writing it must not get lost."""
    text = SYSTEM.replace("NONE", "NONE\n    paused: true")
    applied(text)
    stale = Connection.objects.get(slug="erp")
    Connection.objects.filter(pk=stale.pk).update(health="OK", token_generation=7)

    plan = applied(text.replace("ERP", "Renamed"))

    after = Connection.objects.get(slug="erp")
    assert plan.writes[0].fields == ["name"]
    assert (after.name, after.health, after.token_generation) == ("Renamed", "OK", 7)


def test_a_changed_field_tells_the_workers_that_the_mapping_changed() -> None:
    applied(SYSTEM + MAPPINGS)
    Operation.objects.update(changed_at=NOON)

    applied((SYSTEM + MAPPINGS).replace("session.outcome", "session.scenario"))

    assert Operation.objects.get(name="Write it").changed_at > NOON
    assert Operation.objects.get(name="Find it").changed_at == NOON


def test_fields_that_are_not_in_the_list_go_and_their_order_is_the_files() -> None:
    applied(SYSTEM + MAPPINGS)
    other = MAPPINGS.replace("{target: state, source: session.outcome}", "{target: first, source: session.scenario}")
    turned = other + "        - {target: last, source: session.minutes}\n"

    plan = applied(SYSTEM + turned)

    assert [each.target for each in FieldMapping.objects.all()] == ["first", "minutes", "last"]
    assert 'fields.state: {"source": "session.outcome", "target": "state"} → not set' in plan_text(plan)
    assert applied(SYSTEM + turned).changes_nothing


def test_numbers_that_give_the_same_order_are_left_as_they_are() -> None:
    applied(SYSTEM + MAPPINGS)
    for number, row in enumerate(FieldMapping.objects.all(), start=1):
        FieldMapping.objects.filter(pk=row.pk).update(position=number * 10)

    assert applied(SYSTEM + MAPPINGS).changes_nothing
    assert list(FieldMapping.objects.values_list("position", flat=True)) == [10, 20]


def test_a_target_may_move_inside_another_that_goes_in_the_same_apply() -> None:
    applied(SYSTEM + MAPPINGS)

    applied(
        SYSTEM + MAPPINGS.replace("target: state", "target: minutes.total").replace("target: minutes,", "target: m,")
    )

    assert set(FieldMapping.objects.values_list("target", flat=True)) == {"minutes.total", "m"}


def test_a_token_is_made_with_its_value_and_never_altered(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "fieldport: 1\napi_tokens: {default: {App: {scopes: [%s], value: {env: APP_TOKEN, keep: true}}}}"
    monkeypatch.setenv("APP_TOKEN", "fp_" + "a" * 43)
    applied(text % "workorders:read")
    monkeypatch.delenv("APP_TOKEN")

    with pytest.raises(ConfigRefused, match="never altered under its holder \\(altered: scopes\\)"):
        applied(text % "workorders:write")

    token = ApiToken.objects.get()
    assert token.token_hash == ApiToken.hash_of("fp_" + "a" * 43)
    assert token.scopes == ["workorders:read"]
    assert applied(text % "workorders:read").changes_nothing


def test_a_source_keeps_its_address(full: None) -> None:
    token = WebhookSource.objects.get().token

    applied("fieldport: 1\nsources: {cms: {Sessions & calls: {enabled: true}}}")

    source = WebhookSource.objects.get()
    assert (source.token, source.enabled, source.verification, source.secrets) == (token, True, "ADDRESS", [])


def test_two_rows_of_one_name_are_told_apart_by_nobody(full: None) -> None:
    source = WebhookSource.objects.get()
    WebhookSource.objects.create(connection=source.connection, name=source.name)

    with pytest.raises(ConfigRefused, match="sources / cms / Sessions & calls: two are called so"):
        export()


def test_nothing_is_written_if_the_last_row_is_refused_by_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tokens of one value: neither is there yet when each is judged by itself."""
    monkeypatch.setenv("APP_TOKEN", "fp_" + "a" * 43)
    token = "{scopes: [workorders:read], value: {env: APP_TOKEN}}"

    with pytest.raises(ConfigRefused, match="api_tokens / default / Second: the database refused it") as refused:
        applied(f"{SYSTEM}api_tokens: {{default: {{First: {token}, Second: {token}}}}}")

    assert not Connection.objects.exists()
    assert not ApiToken.objects.exists()
    assert "aaaa" not in str(refused.value)
