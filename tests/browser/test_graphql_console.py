"""The GraphQL console in a real browser: asked, completed, kept in the history, in both themes and widths."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def test_an_operation_is_completed_run_and_remembered(visitor: Visitor) -> None:
    page = visitor.go(reverse("admin:events_event_graphql"))
    editor = page.locator(".console .cm-content")

    editor.press("Control+a")
    editor.press("Delete")
    editor.type("{ endp")
    page.locator(".cm-tooltip-autocomplete li", has_text="endpoints").first.wait_for()
    page.keyboard.press("Escape")
    editor.type("oints { totalCount } ")
    editor.press("Control+Enter")

    page.locator("#console-answer", has_text='"totalCount": 0').wait_for()
    page.click("text=History")
    page.locator("#console-history button", has_text="endpoints").wait_for()
    for theme in THEMES:
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            scroll, inner = visitor.widths()
            assert scroll <= inner
            assert not Axe().run(page).response["violations"]
            visitor.save(f"console-{theme}-{width}")
    assert not visitor.complaints
