"""Every list and every page of the admin opens, with as many queries for three rows as for one."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import result_headers
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db
LISTS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)


def queries_of(client: Client, url: str) -> int:
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_needs_the_same_number_of_queries_for_one_row_and_for_three(name: str, admin_client: Client) -> None:
    url = reverse(f"admin:{name}_changelist")
    make_everything(1)
    queries_of(admin_client, url)
    one = queries_of(admin_client, url)

    for number in (2, 3):
        make_everything(number)

    assert queries_of(admin_client, url) == one


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_opens_and_every_row_has_a_page(name: str, admin_client: Client) -> None:
    assert admin_client.get(reverse(f"admin:{name}_changelist")).status_code == 200
    make_everything(1)
    model = next(model for model in admin.site._registry if f"{model._meta.app_label}_{model._meta.model_name}" == name)

    for row in model._default_manager.all()[:3]:
        assert admin_client.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("name", ["index", "desk_settings", "desk_history"])
def test_our_own_pages_open_empty_and_filled(name: str, admin_client: Client) -> None:
    assert admin_client.get(reverse(f"admin:{name}")).status_code == 200

    make_everything(1)

    assert admin_client.get(reverse(f"admin:{name}")).status_code == 200


def test_a_list_that_grows_is_sorted_by_what_an_index_keeps_in_order_and_by_nothing_else(admin_client: Client) -> None:
    make_everything(1)
    url = reverse("admin:worklink_scenariosession_changelist")

    offered = [title for title, column in columns_of(admin_client.get(url)) if column["sortable"]]
    by_scenario = admin_client.get(f"{url}?o=2").context["cl"].queryset.query.order_by

    assert offered == ["started"]
    assert set(by_scenario) == {"-pk"}


def columns_of(answer: Any) -> list[tuple[str, Any]]:
    return [(str(column["text"]).lower(), column) for column in result_headers(answer.context["cl"])]
