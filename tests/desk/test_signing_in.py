"""Guessing passwords is slowed down, with a page that says what to do."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_guessing_is_stopped_with_a_helpful_page_and_the_right_password_too(settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    User.objects.create_superuser("anna", password="right")
    client, url = Client(), reverse("admin:login")

    for _ in range(3):
        last = client.post(url, {"username": "anna", "password": "wrong"})
    right = client.post(url, {"username": "anna", "password": "right"})

    assert last.status_code == right.status_code == 429
    assert b"Wait and try again" in last.content
    assert "_auth_user_id" not in client.session


def test_pages_carry_the_strict_policy(admin_client: Client) -> None:
    policy = admin_client.get(reverse("admin:index"))["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
