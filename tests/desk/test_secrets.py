"""Secrets go in by forms and never come out of a page."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connections.models import ApiToken, Connection
from integrations.inbox.models import WebhookSource
from tests.desk.people import signed_in
from tests.desk.rows import make_everything
from tests.desk.test_lists import LISTS
from tests.factories import make_connection, make_source

pytestmark = pytest.mark.django_db

CONNECTION = {
    "name": "Maintenance",
    "slug": "cmms",
    "platform": "generic",
    "environment": "TEST",
    "base_url": "https://cmms.example.com",
    "auth_kind": "BEARER",
    "rate_per_second": "5",
    "max_concurrency": "4",
    "reserved_percent": "20",
    "settle_seconds": "60",
    "write_from": "2026-01-01T00:00:00",
    "time_zone": "UTC",
    "date_format": "iso",
    "credential_scheme": "Bearer",
}


def filled(connection: Connection, **values: str) -> dict[str, str]:
    return CONNECTION | {"workspace": str(connection.workspace_id)} | values


def make_system() -> Connection:
    return make_connection(slug="cmms", platform="generic", auth_kind="BEARER", credentials={"token": "old-token"})


def test_no_page_shows_a_secret_that_is_kept(admin_client: Client) -> None:
    rows = make_everything(1)
    secrets = ["sender-secret-1", "source-secret-1", "script-secret-progress-1", rows["token"].token_hash]

    pages = [admin_client.get(reverse(f"admin:{name}_changelist")) for name in LISTS]
    pages += [
        admin_client.get(reverse("admin:connections_connection_change", args=[rows["connection"].pk])),
        admin_client.get(reverse("admin:connections_connection_history", args=[rows["connection"].pk])),
        admin_client.get(reverse("admin:inbox_webhooksource_change", args=[rows["source"].pk])),
        admin_client.get(reverse("admin:inbox_webhooksource_history", args=[rows["source"].pk])),
        admin_client.get(reverse("admin:connections_apitoken_change", args=[rows["token"].pk])),
        admin_client.get(reverse("admin:scripts_script_change", args=[rows["script"].pk])),
        admin_client.get(reverse("admin:scripts_script_editor", args=[rows["script"].pk])),
        admin_client.get(reverse("admin:scripts_script_history", args=[rows["script"].pk])),
        admin_client.get(reverse("admin:desk_history")),
    ]

    text = "".join(page.content.decode() for page in pages)
    assert {page.status_code for page in pages} == {200}
    assert [secret for secret in secrets if secret in text] == []


def test_an_empty_input_keeps_the_secret(admin_client: Client) -> None:
    connection = make_system()

    answer = admin_client.post(
        reverse("admin:connections_connection_change", args=[connection.pk]), filled(connection, name="New name")
    )

    connection.refresh_from_db()
    assert answer.status_code == 302
    assert (connection.name, connection.credentials) == ("New name", {"token": "old-token"})


def test_a_typed_secret_replaces_the_old_one(admin_client: Client) -> None:
    connection = make_system()

    admin_client.post(
        reverse("admin:connections_connection_change", args=[connection.pk]),
        filled(connection, credential_token="new-token"),
    )

    connection.refresh_from_db()
    assert connection.credentials == {"token": "new-token"}


def test_removing_a_needed_secret_is_refused_by_name_and_changes_nothing(admin_client: Client) -> None:
    connection = make_system()

    answer = admin_client.post(
        reverse("admin:connections_connection_change", args=[connection.pk]),
        filled(connection, **{"credential_token-remove": "on"}),
    )

    connection.refresh_from_db()
    assert b"Token is missing." in answer.content
    assert connection.credentials == {"token": "old-token"}


def test_another_kind_of_credentials_forgets_those_of_the_former(admin_client: Client) -> None:
    connection = make_system()
    values = {"auth_kind": "BASIC", "credential_username": "fieldport", "credential_password": "p4ss"}

    admin_client.post(
        reverse("admin:connections_connection_change", args=[connection.pk]), filled(connection, **values)
    )

    connection.refresh_from_db()
    assert connection.credentials == {"username": "fieldport", "password": "p4ss"}


def test_a_private_address_is_refused_in_the_form(admin_client: Client) -> None:
    connection = make_system()

    answer = admin_client.post(
        reverse("admin:connections_connection_change", args=[connection.pk]),
        filled(connection, base_url="http://169.254.169.254/latest"),
    )

    connection.refresh_from_db()
    assert answer.status_code == 200
    assert connection.base_url == "https://cms.example.test"


def test_a_source_takes_two_secrets_and_an_unproven_one_is_refused(admin_client: Client) -> None:
    source = make_source()
    url = reverse("admin:inbox_webhooksource_change", args=[source.pk])
    values = {"connection": source.connection_id, "name": "Doors", "enabled": "on", "verification": "HMAC"}

    refused = admin_client.post(url, values)
    kept = admin_client.post(url, values | {"secret": "one", "second_secret": "two", "option_encoding": "base64"})

    source.refresh_from_db()
    assert b"needs a secret" in refused.content
    assert kept.status_code == 302
    assert source.secrets == ["one", "two"]
    assert source.verification_options == {"encoding": "base64"}


def test_someone_who_may_only_look_sees_no_input_for_secrets() -> None:
    connection = make_system()

    page = signed_in("Operator").get(reverse("admin:connections_connection_change", args=[connection.pk]))

    assert page.status_code == 200
    assert b'name="credential_token"' not in page.content
    assert b"old-token" not in page.content


def test_an_api_token_is_shown_once_and_only_its_hash_is_kept(admin_client: Client) -> None:
    workspace = make_connection().workspace_id
    values = {"workspace": workspace, "name": "Field app", "scopes": ["workorders:read"]}

    answer = admin_client.post(reverse("admin:connections_apitoken_add"), values)

    token = ApiToken.objects.get()
    value = answer.context["token"].value_once
    assert ApiToken.hash_of(value) == token.token_hash
    assert "no-store" in answer["Cache-Control"]
    page = admin_client.get(reverse("admin:connections_apitoken_change", args=[token.pk]))
    assert value.encode() not in page.content


def test_the_address_of_a_source_is_shown_only_to_who_may_see_sources() -> None:
    rows = make_everything(1)
    token = WebhookSource.objects.get().token.encode()

    client = signed_in("Operator")
    pages = [
        client.get(reverse("admin:inbox_receivedwebhook_change", args=[rows["received"].pk])),
        client.get(reverse("admin:inbox_receivedwebhook_changelist")),
        client.get(reverse("admin:index")),
    ]

    assert not any(token in page.content for page in pages)
