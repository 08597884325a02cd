"""Lists that grow are searched by the indexes of their fields, and by texts of their newest rows."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from integrations.core import searching
from integrations.core.admin import ModelAdmin
from integrations.workorders.models import WorkOrder
from tests.workorders.making import make_connection, make_order

pytestmark = pytest.mark.django_db
ORDERS = reverse("admin:workorders_workorder_changelist")
LANES = reverse("admin:sync_recordlane_changelist")


def found(client: Client, path: str) -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    return {str(row) for row in answer.context["cl"].result_list}


@pytest.fixture
def orders() -> list[WorkOrder]:
    system = make_connection("erp")
    words: list[dict[str, Any]] = [
        {"title": "Replace the seal", "asset": "PUMP-77", "site": "Lyon"},
        {"title": "Replace the filter", "asset": "PUMP-7", "site": "Basel"},
    ]
    return [make_order(f"WO-{number}", system=system, **each) for number, each in enumerate(words, 10)]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("WO-10", {"WO-10"}),
        ("wo-1", {"WO-10", "WO-11"}),
        ("seal replace", {"WO-10"}),
        ("pump-77", {"WO-10"}),
        ("LYON", set()),  # spelled as no site is; each letter counts but for all small or all capital
        ("Lyon", {"WO-10"}),
        ("PUMP", set()),
        ("nowhere", set()),
        ("  ", {"WO-10", "WO-11"}),
        ("%", set()),
        ("_O-10", set()),
    ],
)
def test_orders_are_found_by_key_title_asset_and_site(
    admin_client: Client, orders: list[WorkOrder], term: str, expected: set[str]
) -> None:
    assert found(admin_client, f"{ORDERS}?q={term.replace('%', '%25')}") == expected


def test_a_search_goes_together_with_filters(admin_client: Client, orders: list[WorkOrder]) -> None:
    WorkOrder.objects.filter(pk=orders[0].pk).update(closed=True)

    assert found(admin_client, f"{ORDERS}?q=Replace&closed__exact=1") == {"WO-10"}
    assert found(admin_client, f"{ORDERS}?q=WO-1&closed__exact=0") == {"WO-11"}


def test_texts_are_looked_for_among_the_newest_rows(
    admin_client: Client, orders: list[WorkOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NEWEST", 1)

    assert found(admin_client, f"{ORDERS}?q=Replace") == {"WO-11"}
    assert found(admin_client, f"{ORDERS}?q=WO-10") == {"WO-10"}


@pytest.mark.parametrize("term", ["\x00", "x" * 5000, "'; --", "Ω"])
def test_odd_terms_find_nothing_and_break_nothing(admin_client: Client, orders: list[WorkOrder], term: str) -> None:
    for model, page in admin.site._registry.items():
        if isinstance(page, ModelAdmin) and page.grows:
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert admin_client.get(path, {"q": term}).status_code in (200, 302), path
