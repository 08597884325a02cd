"""What our small scripts do on forms, and what a keyboard and a narrow screen need."""

import pytest
from django.urls import reverse

from tests.browser.conftest import Visitor
from tests.browser.test_pages import violations
from tests.desk.story import tell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_connection_shows_only_the_fields_of_its_platform_and_kind(visitor: Visitor) -> None:
    page = visitor.go(reverse("admin:connections_connection_add"))
    shown = page.locator(
        "[name='credential_password'], [name='credential_token_url'], [name='setting_worklink_system']"
    )

    page.select_option("[name='platform']", "generic")
    page.select_option("[name='auth_kind']", "BASIC")
    basic = [field.get_attribute("name") for field in shown.all() if field.is_visible()]
    page.select_option("[name='platform']", "worklink")
    page.select_option("[name='auth_kind']", "OAUTH2_CLIENT")
    oauth = [field.get_attribute("name") for field in shown.all() if field.is_visible()]

    assert basic == ["credential_password"]
    assert sorted(map(str, oauth)) == ["credential_token_url", "setting_worklink_system"]
    assert visitor.complaints == []


def test_a_mapping_offers_the_fields_of_its_source_in_new_rows_too(visitor: Visitor) -> None:
    operation = tell()["operation"]
    page = visitor.go(reverse("admin:sync_operation_change", args=[operation.pk]))

    page.click(".add-row a")
    offered = page.eval_on_selector_all(
        "tr:not(.empty-form) [data-context='source']", "inputs => inputs.map(input => input.list.options.length)"
    )

    assert len(offered) >= 3
    assert min(offered) > 20
    assert visitor.complaints == []


def test_an_unknown_field_is_refused_by_name_with_the_close_one_offered(visitor: Visitor) -> None:
    operation = tell()["operation"]
    page = visitor.go(reverse("admin:sync_operation_change", args=[operation.pk]))

    page.fill("[name='field_mappings-0-source']", "session.stat")
    page.click("[name='_save']")

    told = page.locator(".errorlist", has_text="session.stat").first.inner_text()  # waits for the answer
    assert told == "unknown field “session.stat”; did you mean “session.state”?"
    assert operation.field_mappings.filter(source="session.stat").count() == 0


def test_the_address_of_a_source_is_copied_by_one_press(visitor: Visitor) -> None:
    source = tell()["source"]
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visitor.address)
    page = visitor.go(reverse("admin:inbox_webhooksource_change", args=[source.pk]))

    page.click("[data-copy='address']")

    assert page.evaluate("navigator.clipboard.readText()") == source.address
    assert page.inner_text("[data-copy='address']") == "Copied"


def test_on_a_narrow_screen_the_menu_opens_by_keyboard(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    page = visitor.go(reverse("admin:index"))
    link = page.get_by_role("link", name="Unmatched", exact=True)
    assert not link.first.is_visible()

    page.focus("#menu-button")
    page.keyboard.press("Enter")

    assert link.first.is_visible()
    assert page.get_attribute("#menu-button", "aria-expanded") == "true"
    assert violations(page) == []


def test_the_theme_is_switched_by_its_button(visitor: Visitor) -> None:
    page = visitor.go(reverse("admin:index"))
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)

    page.click(".theme-toggle")

    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate(background) != light


def test_an_empty_installation_shows_the_six_steps(visitor: Visitor) -> None:
    page = visitor.go(reverse("admin:index"))
    visitor.save("steps")

    assert page.locator(".steps li").count() == 6
    assert page.locator(".steps li.current a").inner_text() == "Add a connection"
    assert visitor.widths()[0] <= visitor.widths()[1]
