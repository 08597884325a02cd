"""How the script editor looks: under the project's policy, in both themes, at 360 px, and without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.browser.script_editor_page import SOURCE, assert_policy_kept, server
from tests.browser.test_pages import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.script_editor_page"),
]
COLOUR = "getComputedStyle([...document.querySelectorAll('.cm-line span')].find(x => x.textContent === 'async')).color"


@pytest.fixture(autouse=True)
def _fresh_server() -> None:
    server.forget()


@pytest.fixture
def page(visitor: Visitor) -> Iterator[Page]:
    opened = visitor.go("/script/")
    opened.wait_for_selector(".cm-mergeView")
    yield opened
    assert_policy_kept(visitor)


def test_the_editor_is_accessible_in_both_themes_fits_and_breaks_no_rule_of_the_policy(
    visitor: Visitor, page: Page
) -> None:
    visitor.save("script-light")
    wrong = violations(page)

    page.click(".theme-toggle")
    visitor.save("script-dark")
    wrong += violations(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_selector(".cm-mergeView", state="detached")
    visitor.save("script-narrow")
    wrong += violations(page)

    assert wrong == []
    assert visitor.widths()[0] <= visitor.widths()[1]
    assert visitor.complaints == []


def test_no_style_element_is_made_and_the_rules_are_there_all_the_same(page: Page) -> None:
    assert page.locator("style").count() == 0
    assert page.evaluate("document.adoptedStyleSheets.length") == 1
    assert page.evaluate("getComputedStyle(document.querySelector('.cm-scroller')).display") == "flex"


def test_the_theme_toggle_changes_the_colours_of_the_code(page: Page) -> None:
    light = page.evaluate(COLOUR)

    page.click(".theme-toggle")

    assert page.evaluate(COLOUR) != light
    assert (
        page.locator(".cm-editor").first.evaluate("editor => getComputedStyle(editor).backgroundColor")
        != "rgb(255, 255, 255)"
    )


def test_the_search_and_the_list_of_problems_are_accessible_too(visitor: Visitor, page: Page) -> None:
    page.locator(".cm-content").first.click()
    page.keyboard.insert_text("boom ")
    page.get_by_text("boom is not defined here").first.wait_for()

    page.keyboard.press("Control+Shift+M")
    page.wait_for_selector(".cm-panel-lint li")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+f")
    page.wait_for_selector(".cm-search")
    visitor.save("script-search")

    assert violations(page) == []


def test_without_javascript_the_form_still_saves(visitor: Visitor) -> None:
    browser = visitor.page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, storage_state=visitor.page.context.storage_state())
    page = context.new_page()
    page.goto(f"{visitor.address}/script/")

    page.fill("textarea[name=source]", "async function run() {}")
    shown = page.locator("#left").is_visible()
    page.click("[data-script-save]")

    assert page.inner_text("h1") == "Saved"
    assert server.saved == ["async function run() {}"]
    assert shown
    context.close()


def test_a_difference_is_told_in_words_and_walked_by_buttons(page: Page) -> None:
    bar = page.locator(".script-diff-bar")

    bar.get_by_role("button", name="Next change").click()
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    bar.get_by_role("button", name="One column").click()
    page.wait_for_selector(".script-diff:not(.is-split) .cm-deletedChunk")

    assert bar.locator("[role=status]").inner_text() == "2 changes: 2 lines added, 1 line removed"
    assert focused == "Version 4"
    assert "const minutes = 42;" in page.inner_text(".cm-deletedChunk")
    assert not page.locator("#left").is_visible()


def test_line_numbers_stand_beside_their_lines_in_a_difference(page: Page) -> None:
    page.locator(".script-diff").scroll_into_view_if_needed()

    page.wait_for_function("""() => [...document.querySelectorAll(".script-diff .cm-editor")].every(editor => {
        const last = rows => [...editor.querySelectorAll(rows)].at(-1).getBoundingClientRect().top;
        return Math.abs(last(".cm-lineNumbers .cm-gutterElement") - last(".cm-line")) < 2;
    })""")

    assert page.locator(".script-diff .cm-editor").count() == 2


def test_a_read_only_text_cannot_be_changed_and_does_not_hold_the_tab_key(page: Page) -> None:
    kept = page.locator(".cm-content[aria-readonly=true]").first
    kept.click()

    page.keyboard.type("x")
    page.keyboard.press("Tab")

    assert page.input_value("#kept") == SOURCE
    assert not kept.evaluate("content => content === document.activeElement")
    assert page.get_attribute("#kept", "readonly") is not None
