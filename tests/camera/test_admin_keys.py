"""API keys in the admin: issued, entered, revoked; by administrators alone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.camera.models import ApiKey
from tests.camera.making import make_site, make_user
from tests.camera.rest.program import make_key
from tests.desk.people import signed_in

pytestmark = pytest.mark.django_db
ADD = "/admin/camera/apikey/add/"


def filled(**values: Any) -> dict[str, Any]:
    posted = {"site": make_site().pk, "user": make_user().pk, "name": "Planner", "link_by": "NAME", "value": ""}
    return posted | values


def test_a_new_key_is_shown_once_and_kept_as_a_hash(admin_client: Client) -> None:
    answer = admin_client.post(ADD, filled())

    key, value = ApiKey.objects.get(), answer.context["key"].value_once
    assert key.key_hash == ApiKey.hash_of(value)
    assert (value in answer.content.decode(), "no-store" in answer["Cache-Control"]) == (True, True)
    page = admin_client.get(reverse("admin:camera_apikey_change", args=[key.pk]))
    assert (page.status_code, value in page.content.decode()) == (200, False)
    assert "Planner" in admin_client.get(reverse("admin:camera_apikey_changelist")).content.decode()


def test_the_value_of_a_vendors_key_is_entered_and_not_shown_again(admin_client: Client) -> None:
    value = "0123456789abcdef0123456789abcdef"

    answer = admin_client.post(ADD, filled(value=value), follow=True)
    again = admin_client.post(ADD, filled(value=value))

    assert ApiKey.objects.get().key_hash == ApiKey.hash_of(value)
    assert value not in answer.content.decode()
    assert "in use already" in str(again.context["adminform"].form.errors["value"])


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("value", "short", "value"),
        ("value", "a" * 256, "value"),
        ("value", "with a space in the middle", "value"),
        ("link_by", "METADATA", "link_metadata_key"),
        ("user", "", "user"),
        ("site", "9999", "site"),
    ],
)
def test_what_could_not_work_is_refused_at_its_field(field: str, value: str, at: str, admin_client: Client) -> None:
    answer = admin_client.post(ADD, filled(**{field: value}))

    assert at in answer.context["adminform"].form.errors
    assert not ApiKey.objects.exists()


def test_a_revoked_key_stays_revoked_and_cannot_be_changed(admin_client: Client) -> None:
    key, _ = make_key()
    change = reverse("admin:camera_apikey_change", args=[key.pk])

    admin_client.post(reverse("admin:camera_apikey_do", args=[key.pk, "revoke"]))
    admin_client.post(change, {"name": "Another", "link_by": "NAME"})

    key.refresh_from_db()
    assert (key.revoked_at is not None, key.name) == (True, "Planner")
    assert admin_client.post(reverse("admin:camera_apikey_delete", args=[key.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("group", "status"), [("Administrator", 200), ("Integrator", 403), ("Operator", 403)])
def test_who_administers_tokens_administers_keys(group: str, status: int) -> None:
    assert signed_in(group).get(ADD).status_code == status
