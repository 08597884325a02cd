"""Connector tokens in the admin: issued, entered, revoked, and tried by example addresses."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.camera.models import CatalogueVersion, ConnectorToken, Site, TaskGroup
from integrations.connections.models import AuthKind, Connection
from tests.camera.making import make_token
from tests.desk.people import signed_in

pytestmark = pytest.mark.django_db
ADD = "/admin/camera/connectortoken/add/"


def make_site() -> Site:
    connection = Connection.objects.create(slug="camera", name="Camera", platform="camera", auth_kind=AuthKind.NONE)
    site = Site.objects.create(slug="north", name="North", connection=connection)
    version = CatalogueVersion.objects.create(site=site, number=1, published_at=timezone.now())
    TaskGroup.objects.create(version=version, name="meter front")
    site.active_version = version
    site.save()
    return site


def filled(site: Site, **values: Any) -> dict[str, Any]:
    user, _made = User.objects.get_or_create(username="field")
    posted = {"site": site.pk, "user": user.pk, "name": "Field app", "default_callback": "https://fsm.example.com/jobs"}
    posted |= {"flow": "after_analysis", "link_by": "NAME", "messages_parameter": "conformity_messages", "value": ""}
    return posted | {"callback_targets": "", "error_parameter": "on"} | values


def test_a_new_token_is_shown_once_and_kept_as_a_hash(admin_client: Client) -> None:
    answer = admin_client.post(ADD, filled(make_site(), callback_targets="fsmapp:\nhttps://other.example.com/x\n"))

    token = ConnectorToken.objects.get()
    value = answer.context["token"].value_once
    assert token.token_hash == ConnectorToken.hash_of(value)
    assert value in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert token.callback_targets == ["fsmapp:", "https://other.example.com/x"]
    page = admin_client.get(reverse("admin:camera_connectortoken_change", args=[token.pk]))
    assert value not in page.content.decode()


def test_the_value_of_a_vendors_token_is_entered_and_not_shown_again(admin_client: Client) -> None:
    answer = admin_client.post(ADD, filled(make_site(), value="tok_vendor-123"), follow=True)

    assert ConnectorToken.objects.get().token_hash == ConnectorToken.hash_of("tok_vendor-123")
    assert "tok_vendor-123" not in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("value", "a&b", "must not contain"),
        ("default_callback", "javascript:alert(1)", "never allowed"),
        ("callback_targets", "https://x.example.com/?a=1", "neither a query nor a fragment"),
        ("link_by", "METADATA", ""),
        ("messages_parameter", "status", "means something else"),
        ("messages_parameter", "a b", "up to 40 letters"),
    ],
)
def test_what_could_not_work_is_refused_at_its_field(field: str, value: str, said: str, admin_client: Client) -> None:
    answer = admin_client.post(ADD, filled(make_site()) | {field: value})

    errors = answer.context["adminform"].form.errors
    assert {"link_by": "link_metadata_key"}.get(field, field) in errors
    assert said in str(errors)
    assert not ConnectorToken.objects.exists()


def test_a_value_that_is_in_use_is_refused(admin_client: Client) -> None:
    site = make_site()
    admin_client.post(ADD, filled(site, value="tok_vendor-123"))

    answer = admin_client.post(ADD, filled(site, value="tok_vendor-123"))

    assert "in use already" in str(answer.context["adminform"].form.errors["value"])
    assert ConnectorToken.objects.count() == 1


def test_a_revoked_token_stays_revoked_and_cannot_be_changed(admin_client: Client) -> None:
    admin_client.post(ADD, filled(make_site()))
    token = ConnectorToken.objects.get()

    admin_client.post(reverse("admin:camera_connectortoken_do", args=[token.pk, "revoke"]))
    changed = admin_client.post(reverse("admin:camera_connectortoken_change", args=[token.pk]), {"name": "Other"})

    token.refresh_from_db()
    assert token.revoked_at is not None
    assert [row.history_user.username for row in token.history.order_by("history_date")] == ["admin", "admin"]
    assert changed.status_code == 403
    assert token.name == "Field app"


def test_example_addresses_hold_what_was_typed_and_the_token_only_in_a_qr_code(admin_client: Client) -> None:
    value = admin_client.post(ADD, filled(make_site())).context["token"].value_once
    url = reverse("admin:camera_connectortoken_examples", args=[ConnectorToken.objects.get().pk])
    typed = {"task_group_name": "meter front", "work_order_name": "JOB 1", "wo_metadata": '{"region": "é"}'}

    answer = admin_client.post(
        url, typed | {"callback": "https://fsm.example.com/?a=b&c", "state": "+/=", "value": value}
    )

    first, *others = answer.context["examples"]
    assert "work_item/create?task_group_name=meter%20front&work_order_name=JOB%201&wo_metadata=" in first.url
    assert "callback_URI=https%3A%2F%2Ffsm.example.com%2F%3Fa%3Db%26c&state=%2B%2F%3D#token=TOKEN" in first.url
    assert first.picture.startswith("data:image/svg+xml")
    assert [bool(example.picture) for example in others] == [False, False, False, True]
    assert value not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_the_value_of_another_token_makes_no_qr_code(admin_client: Client) -> None:
    admin_client.post(ADD, filled(make_site()))
    url = reverse("admin:camera_connectortoken_examples", args=[ConnectorToken.objects.get().pk])

    answer = admin_client.post(url, {"task_group_name": "meter front", "value": "fpc_wrong"})

    assert "not the value of this token" in answer.content.decode()
    assert not any(example.picture for example in answer.context["examples"])


@pytest.mark.parametrize(("group", "status"), [("Viewer", 403), ("Operator", 403), ("Integrator", 200)])
def test_tokens_are_for_those_who_connect(group: str, status: int) -> None:
    client = signed_in(group)

    opened = [client.get(reverse(f"admin:camera_{name}_changelist")) for name in ("site", "connectortoken")]

    assert [answer.status_code for answer in [*opened, client.get(ADD)]] == [status] * 3


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://localhost:8000", "A phone cannot reach http://localhost:8000"),
        ("http://192.168.1.20:8000", "Phones give their camera to https only"),
        ("https://192.168.1.20:8443", ""),
    ],
)
def test_the_page_of_examples_says_what_a_phone_would_miss(
    address: str, said: str, admin_client: Client, settings: Settings
) -> None:
    settings.PUBLIC_URL = address
    token, _value = make_token()

    shown = admin_client.get(reverse("admin:camera_connectortoken_examples", args=[token.pk])).content.decode()

    assert said in shown
    assert ("make run HTTPS=1" in shown) is bool(said)
