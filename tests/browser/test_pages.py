"""Every page of the admin in a real browser: accessible, readable in both themes, no wider than 360 px, CSP obeyed."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.urls import reverse

from tests.browser.conftest import Visitor
from tests.desk.story import tell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def paths_of_everything() -> dict[str, str]:
    """Return the address of each list, of one row of each kind, of each form to add one, and of our own pages."""
    found = {name: reverse(f"admin:{name}") for name in ("index", "desk_settings", "desk_history", "password_change")}
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found[f"{name}_list"] = reverse(f"admin:{name}_changelist")
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            found[f"{name}_page"] = reverse(f"admin:{name}_change", args=[row.pk])
    for name in ("connections_connection", "inbox_webhooksource", "sync_operation", "generic_workorderfeed"):
        found[f"{name}_add"] = reverse(f"admin:{name}_add")
    return found


def complaints_of(visitor: Visitor, name: str, path: str) -> list[str]:
    """Visit one page in all its shapes; return what is wrong with it."""
    page = visitor.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    try:
        visitor.go(path)
    except AssertionError as error:
        return [str(error)]
    visitor.save(f"{name}-light")
    wrong = [f"{name}: {sentence}" for sentence in violations(page)]
    page.emulate_media(color_scheme="dark")
    visitor.save(f"{name}-dark")
    wrong += [f"{name}, dark: {sentence}" for sentence in violations(page, only="color-contrast")]
    page.set_viewport_size({"width": 360, "height": 740})
    visitor.save(f"{name}-narrow")
    scrolled, shown = visitor.widths()
    return wrong + ([f"{name} is {scrolled} px wide at {shown}"] if scrolled > shown else [])


def violations(page: Any, *, only: str = "") -> list[str]:
    options: dict[str, Any] = {"preload": False}  # axe would ask for style sheets at addresses that are not theirs
    if only:
        options["runOnly"] = {"type": "rule", "values": [only]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}" for each in found]


def test_every_page_is_accessible_fits_and_obeys_the_policy(visitor: Visitor) -> None:
    tell()

    wrong = [
        sentence for name, path in paths_of_everything().items() for sentence in complaints_of(visitor, name, path)
    ]

    assert not wrong, "\n".join(wrong)
    assert visitor.complaints == []
