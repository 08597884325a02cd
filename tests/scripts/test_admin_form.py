"""The form of a script: triggers, settings by their schema, secrets, granted connections."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Connection
from integrations.scripts import words
from integrations.scripts.models import Script, ScriptGrant, ScriptTimer
from tests.desk.people import signed_in
from tests.factories import make_connection, make_workspace
from tests.scripts.rows import SCHEMA, make_script

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADD = "/admin/scripts/script/add/"


def filled(*grants: dict[str, Any], **values: Any) -> dict[str, Any]:
    """What a browser posts of the form, with rows of granted connections."""
    posted: dict[str, Any] = {
        "name": "Progress",
        "slug": "progress",
        "about": "",
        "enabled": "on",
        "condition": "",
        "cron": "",
        "time_zone": "UTC",
        "batch_size": "1",
        "batch_minutes": "0",
        "batch_by": "SUBJECT",
        "pace_seconds": "0",
        "allow_hosts": "",
        "settings_rest": "",
        "settings_schema": "",
        "cpu_seconds": "5",
        "wall_seconds": "30",
        "memory_mib": "64",
        "calls": "20",
        "workspace": str(make_workspace().pk),
    }
    kept = sum(1 for grant in grants if grant.get("id"))
    posted |= {"grants-TOTAL_FORMS": len(grants), "grants-INITIAL_FORMS": kept}
    for number, grant in enumerate(grants):
        posted |= {f"grants-{number}-{name}": value for name, value in grant.items()}
    return posted | values


def make_plain(**values: Any) -> Script:
    return Script.objects.create(**{"slug": "progress", "name": "Progress"} | values)


def change(client: Client, script: Script, *grants: dict[str, Any], **values: Any) -> Any:
    return client.post(reverse("admin:scripts_script_change", args=[script.pk]), filled(*grants, **values))


def errors_of(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_a_new_script_is_kept_with_its_triggers_and_leads_to_the_editor(admin_client: Client) -> None:
    chosen = {"event_types": ["session.updated", "call.updated"], "cron": "0 6 * * 1-5", "time_zone": "Europe/Zurich"}

    answer = admin_client.post(ADD, filled(**chosen, allow_hosts="api.example.com\r\n other.example.com:8443\r\n"))

    script = Script.objects.get()
    assert answer["Location"] == reverse("admin:scripts_script_editor", args=[script.pk])
    assert script.event_types == ["session.updated", "call.updated"]
    assert script.allow_hosts == ["api.example.com", "other.example.com:8443"]
    assert ScriptTimer.objects.get().script == script


def test_the_short_name_cannot_be_changed(admin_client: Client) -> None:
    script = make_plain()

    change(admin_client, script, slug="other", name="New name")

    script.refresh_from_db()
    assert (script.slug, script.name) == ("progress", "New name")


def test_an_expression_that_cannot_be_read_is_refused_at_its_field(admin_client: Client) -> None:
    answer = admin_client.post(ADD, filled(cron="61 * * * *", condition="a ==", allow_hosts="http://x/"))

    assert {"cron", "condition", "allow_hosts"} <= errors_of(answer).keys()
    assert not Script.objects.exists()


def test_without_a_schedule_there_is_no_timer(admin_client: Client) -> None:
    script = make_plain(cron="0 6 * * *")
    ScriptTimer.objects.create(script=script)

    change(admin_client, script)

    assert not ScriptTimer.objects.exists()


def test_the_next_five_runs_are_shown_in_the_order_they_come() -> None:
    script = Script(cron="0 6 * * *", time_zone="Europe/Zurich")

    shown = str(words.next_times(script, after=NOON))

    assert shown.count("<time") == 5
    assert 'datetime="2026-03-02T06:00:00+01:00">Mon 02 Mar 06:00<' in shown
    assert "Europe/Zurich" in shown


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "By hand only."),
        ({"event_types": ["session.joined"]}, "On session.joined."),
        ({"cron": "0 6 * * *"}, "At 0 6 * * * (UTC)."),
        (
            {"event_types": ["a.b"], "batch_size": 20, "batch_minutes": 5.0, "condition": "session.final"},
            "On a.b, up to 20 events of one work order or 5 min in one run; if session.final.",
        ),
    ],
)
def test_triggers_are_said_in_words(values: dict[str, Any], said: str) -> None:
    assert words.triggers(Script(**values)) == said


# settings


def test_settings_of_the_schema_are_fields_of_their_own_with_type_help_and_default(admin_client: Client) -> None:
    script = make_plain(settings_schema=SCHEMA, settings={"linkKey": "job", "odd": 1})

    page = admin_client.get(reverse("admin:scripts_script_change", args=[script.pk]))

    fields = page.context["adminform"].form.fields
    assert (fields["setting_linkKey"].initial, fields["setting_linkKey"].required) == ("job", True)
    assert fields["setting_linkKey"].help_text == "Which part names the job."
    assert (fields["setting_threshold"].initial, fields["setting_notify"].required) == (80, False)
    assert [value for value, _label in fields["setting_level"].choices] == ["", '"brief"', '"full"']
    assert fields["settings_rest"].initial == {"odd": 1}


def test_settings_are_kept_by_type_and_defaults_are_left_out(admin_client: Client) -> None:
    script = make_plain(settings_schema=SCHEMA, settings={"linkKey": "old"})
    typed = {"setting_linkKey": "job", "setting_threshold": "80", "setting_level": '"full"', "setting_names": '["a"]'}

    answer = change(
        admin_client,
        script,
        **typed,
        settings_rest='{"odd": [1]}',
        settings_schema=json.dumps(SCHEMA),
        setting_notify="on",
    )

    script.refresh_from_db()
    assert answer.status_code == 302
    assert script.settings == {"linkKey": "job", "level": "full", "notify": True, "names": ["a"], "odd": [1]}


def test_a_setting_that_its_schema_refuses_is_refused_at_its_field(admin_client: Client) -> None:
    script = make_plain(settings_schema=SCHEMA, settings={"linkKey": "job"})
    typed = {"setting_linkKey": "job", "setting_threshold": "101", "setting_level": '"brief"', "setting_names": ""}

    answer = change(admin_client, script, **typed, settings_schema=json.dumps(SCHEMA))

    script.refresh_from_db()
    assert errors_of(answer) == {"setting_threshold": ["101 is greater than the maximum of 100"]}
    assert script.settings == {"linkKey": "job"}


def test_a_new_schema_asks_for_what_it_requires_at_once(admin_client: Client) -> None:
    script = make_plain()

    answer = change(admin_client, script, settings_schema=json.dumps(SCHEMA))

    assert errors_of(answer) == {"setting_linkKey": ["This field is required."]}
    assert b'name="setting_linkKey"' in answer.content


def test_what_is_not_a_schema_is_refused(admin_client: Client) -> None:
    script = make_plain()

    answer = change(admin_client, script, settings_schema='{"type": "nonsense"}')

    script.refresh_from_db()
    assert "settings_schema" in errors_of(answer)
    assert script.settings_schema == {}


# secrets


def test_secrets_are_added_replaced_and_removed_and_never_shown(admin_client: Client) -> None:
    script = make_plain(secrets={"KEEP": "keep-value", "CHANGE": "old-value", "DROP": "drop-value"})
    typed = {"secret_rows-value-CHANGE": "new-value", "secret_rows-remove-DROP": "on"}
    typed |= {"secret_rows-new-name-0": "ADDED", "secret_rows-new-value-0": "added-value"}

    answer = change(admin_client, script, **typed)
    page = admin_client.get(reverse("admin:scripts_script_change", args=[script.pk]))

    script.refresh_from_db()
    assert answer.status_code == 302
    assert dict(script.secrets) == {"KEEP": "keep-value", "CHANGE": "new-value", "ADDED": "added-value"}
    assert b"-value" not in page.content.replace(b"rows-value", b"").replace(b"new-value", b"")
    assert b"keep-value" not in page.content


def test_a_secret_without_a_value_or_with_a_bad_name_is_refused(admin_client: Client) -> None:
    script = make_plain(secrets={"KEEP": "keep-value"})

    empty = change(admin_client, script, **{"secret_rows-new-name-0": "ADDED"})
    bad = change(admin_client, script, **{"secret_rows-new-name-0": "a b", "secret_rows-new-value-0": "x"})

    script.refresh_from_db()
    assert "name and a value" in errors_of(empty)["secret_rows"][0]
    assert "cannot name a secret" in errors_of(bad)["secret_rows"][0]
    assert dict(script.secrets) == {"KEEP": "keep-value"}


def test_who_may_only_look_sees_names_of_secrets_and_no_field(client: Client) -> None:
    script = make_script("seen", connection=make_connection(), now=NOON)

    page = signed_in("Operator").get(reverse("admin:scripts_script_change", args=[script.pk]))

    assert page.status_code == 200
    assert b"API_KEY" in page.content
    assert b"script-secret-seen" not in page.content
    assert b'<input type="password"' not in page.content


# granted connections


def row(connection: Connection, name: str, **values: Any) -> dict[str, Any]:
    return {"connection": connection.pk, "name": name} | values


def test_connections_are_granted_under_names_and_one_is_the_target(admin_client: Client) -> None:
    first, second = make_connection(), make_connection()

    answer = admin_client.post(ADD, filled(row(first, "erp", is_target="on"), row(second, "crm")))

    assert answer.status_code == 302
    kept = ScriptGrant.objects.values_list("name", "connection", "is_target")
    assert set(kept) == {("erp", first.pk, True), ("crm", second.pk, False)}


def test_two_targets_are_refused(admin_client: Client) -> None:
    first, second = make_connection(), make_connection()

    answer = admin_client.post(ADD, filled(row(first, "erp", is_target="on"), row(second, "crm", is_target="on")))

    assert b"Only one connection is the target" in answer.content
    assert not ScriptGrant.objects.exists()


def test_the_target_can_pass_from_one_connection_to_another_in_one_step(admin_client: Client) -> None:
    script, first, second = make_plain(), make_connection(), make_connection()
    one = ScriptGrant.objects.create(script=script, name="a", connection=first, is_target=True)
    two = ScriptGrant.objects.create(script=script, name="b", connection=second)
    rows = [row(first, "a", id=one.pk, script=script.pk), row(second, "b", id=two.pk, script=script.pk, is_target="on")]

    answer = change(admin_client, script, *rows)

    assert answer.status_code == 302
    assert script.grants.get(is_target=True).name == "b"


def test_a_name_that_is_taken_is_refused(admin_client: Client) -> None:
    answer = admin_client.post(ADD, filled(row(make_connection(), "erp"), row(make_connection(), "erp")))

    assert answer.status_code == 200
    assert not ScriptGrant.objects.exists()
