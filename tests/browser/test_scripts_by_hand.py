"""A script is written, tried, published and rolled back in the browser: with the mouse, and by keyboard alone."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from integrations.scripts.models import Script, ScriptGrant, ScriptRun
from integrations.sync.models import RecordWrite
from tests.browser.conftest import Visitor
from tests.browser.test_pages import violations
from tests.desk.story import tell
from tests.scripts.rows import make_scripts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST = """function run(ctx) {
ctx.log.info("seen", { state: ctx.session.state });
ctx.http.patch("/jobs/1", { json: { state: ctx.session.state } });
return ctx.session.state;
}"""
TYPED = "function run(ctx) { return ctx.session.state; }"
SECOND = "function run(ctx) {\n  return 'second';\n}\n"
TABS = 90


@pytest.fixture
def told(visitor: Visitor) -> dict[str, Any]:
    """The story, without the script that it has."""
    told = tell()
    RecordWrite.objects.filter(kind="RAW").delete()
    ScriptRun.objects.all().delete()
    Script.objects.update(active_version=None)
    Script.objects.all().delete()
    return told


def published(page: Page) -> str:
    """Return what the page says is published, read from the badges under its title."""
    return page.locator(".lead .badge-quiet", has_text="published").inner_text()


def hears(page: Page, sentence: str) -> None:
    """Wait for the page that says so, and for its scripts."""
    expect(page.locator(".messagelist")).to_contain_text(sentence)
    page.wait_for_load_state()


def test_a_script_is_written_tried_published_and_rolled_back_with_the_mouse(
    visitor: Visitor, told: dict[str, Any]
) -> None:
    page = visitor.go(reverse("admin:scripts_script_changelist"))
    page.click("text=Add script")
    page.fill("[name=name]", "Progress of jobs")
    page.check("[name=event_types][value='session.joined']")
    page.fill("[name='grants-0-name']", "jobs")
    page.select_option("[name='grants-0-connection']", label="Maintenance")
    page.check("[name='grants-0-is_target']")
    page.click("[name=_save]")

    page.click(".cm-content")
    page.keyboard.insert_text(FIRST)
    page.click("[data-script-run]")
    expect(page.locator(".script-status")).to_contain_text("Finished")
    expect(page.locator(".script-results")).to_contain_text("PATCH /jobs/1")
    visitor.save("try-mouse")
    assert page.is_disabled("[data-script-publish]")
    assert not RecordWrite.objects.filter(kind="RAW").exists()

    page.fill("[name=note]", "First attempt")
    page.click("[data-script-save]")
    hears(page, "Saved as version 1")
    page.click("[data-script-run]")
    expect(page.locator("[data-script-publish]")).to_be_enabled()
    page.click("[data-script-publish]")
    hears(page, "Version 1 is published")

    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("// second\n")
    page.click("[data-script-save]")
    hears(page, "Saved as version 2")
    page.click("[data-script-run]")
    expect(page.locator("[data-script-publish]")).to_be_enabled()
    page.click("[data-script-publish]")
    hears(page, "Version 2 is published")

    page.click("text=Versions")
    visitor.save("roll-back")
    page.click("text=Roll back to it")
    hears(page, "Version 1 is published")
    assert published(page) == "published: version 1"
    script = Script.objects.get()
    assert script.active_version is not None
    assert (script.active_version.number, script.active_version.note) == (1, "First attempt")
    assert script.active_version.source == FIRST
    assert visitor.complaints == []


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what the selector names, as somebody without a mouse does."""
    for _ in range(TABS):
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        if page.evaluate("document.activeElement?.matches('.cm-content') ?? false"):
            page.keyboard.press("Escape")  # as the line below the editor says: Tab would indent
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by {TABS} presses of Tab")


def leave_the_editor(page: Page) -> None:
    page.keyboard.press("Escape")  # closes what was offered, if anything is
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")


def try_it(page: Page) -> None:
    """Ctrl-Enter from wherever the focus is, and wait for the result."""
    page.keyboard.press("Control+Enter")
    expect(page.locator(".script-status")).to_contain_text("Finished")
    expect(page.locator("[data-script-publish]")).to_be_enabled()


def test_a_script_is_written_tried_published_and_rolled_back_by_keyboard_alone(
    visitor: Visitor, told: dict[str, Any]
) -> None:
    page = visitor.go(reverse("admin:scripts_script_changelist"))
    tab_to(page, "a.addlink")
    page.keyboard.press("Enter")
    page.wait_for_url("**/add/")
    tab_to(page, "[name=name]")
    page.keyboard.type("Progress of jobs")
    tab_to(page, "[name=event_types][value='session.joined']")
    page.keyboard.press("Space")
    tab_to(page, "[name='grants-0-name']")
    page.keyboard.type("jobs")
    tab_to(page, "[name='grants-0-connection']")
    page.keyboard.type("Maintenance")
    tab_to(page, "[name='grants-0-is_target']")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/editor/")

    tab_to(page, ".cm-content")
    page.keyboard.type(TYPED)
    leave_the_editor(page)
    tab_to(page, "[name=note]")
    page.keyboard.type("First attempt")
    page.keyboard.press("Control+s")
    hears(page, "Saved as version 1")
    try_it(page)
    visitor.save("try-keyboard")
    tab_to(page, "[data-script-publish]")
    page.keyboard.press("Enter")
    hears(page, "Version 1 is published")

    tab_to(page, ".cm-content")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(SECOND)
    page.keyboard.press("Control+s")
    hears(page, "Saved as version 2")
    try_it(page)
    tab_to(page, "[data-script-publish]")
    page.keyboard.press("Space")
    hears(page, "Version 2 is published")

    tab_to(page, "a[href$='/versions/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/")
    tab_to(page, "button[aria-label='Roll back to it: version 1']")
    page.keyboard.press("Enter")
    hears(page, "Version 1 is published")
    script = Script.objects.get()
    assert script.active_version is not None
    assert (script.active_version.number, script.active_version.source) == (1, TYPED)
    assert script.grants.get().is_target
    assert visitor.complaints == []


def test_an_error_is_marked_and_leads_to_its_line(visitor: Visitor, told: dict[str, Any]) -> None:
    script = Script.objects.create(slug="wrong", name="Wrong", event_types=["session.joined"])
    page = visitor.go(reverse("admin:scripts_script_editor", args=[script.pk]))
    page.click(".cm-content")
    page.keyboard.insert_text("function run(ctx) {\n  null.state;\n}\n")

    page.click("[data-script-run]")
    page.click(".script-place")

    assert "Line 2" in page.inner_text(".script-place")
    assert page.locator(".cm-activeLine").inner_text().strip() == "null.state;"
    assert page.is_disabled("[data-script-publish]")
    assert visitor.complaints == []


def test_the_result_of_a_dry_run_is_accessible_in_both_themes_and_fits(visitor: Visitor, told: dict[str, Any]) -> None:
    script = Script.objects.create(slug="shown", name="Shown", event_types=["session.joined"])
    ScriptGrant.objects.create(script=script, name="jobs", connection=told["cmms"], is_target=True)
    page = visitor.go(reverse("admin:scripts_script_editor", args=[script.pk]))
    page.click(".cm-content")
    page.keyboard.insert_text(FIRST.replace("return", "throw new Error('odd'); return"))
    page.click("[data-script-run]")
    expect(page.locator(".script-place")).to_contain_text("Line 4")

    wrong = violations(page)
    page.emulate_media(color_scheme="dark")
    wrong += violations(page)
    page.set_viewport_size({"width": 360, "height": 740})
    wrong += violations(page)
    visitor.save("result-narrow")

    assert wrong == []
    assert visitor.widths()[0] <= visitor.widths()[1]


def test_a_template_is_inserted_and_tried(visitor: Visitor, told: dict[str, Any]) -> None:
    script = Script.objects.create(slug="fresh", name="Fresh", event_types=["session.joined"])
    page = visitor.go(reverse("admin:scripts_script_editor", args=[script.pk]))

    page.click("text=Sessions by day")
    page.click("[data-script-run]")

    expect(page.locator(".script-status")).to_contain_text("no finished session")
    assert "report(ctx)" in page.input_value("[name=source]")


def test_the_page_of_a_run_shows_new_lines_by_itself_and_says_when_it_has_ended(
    visitor: Visitor, told: dict[str, Any]
) -> None:
    made = make_scripts(2, connection=told["cmms"], subject="", now=told["orders"][0].opened_at)
    run = made["runs"]["waiting"]
    page = visitor.go(reverse("admin:scripts_scriptrun_change", args=[run.pk]))

    line = {"at": "2026-03-01T12:00:00Z", "level": "warn", "message": "half way"}
    ScriptRun.objects.filter(pk=run.pk).update(logs=[*run.logs, line])
    expect(page.locator("[data-live=logs]")).to_contain_text("half way")
    ScriptRun.objects.filter(pk=run.pk).update(state="DONE", note="Returned at last.")

    expect(page.locator("[data-live=state]")).to_contain_text("Returned at last.")
    expect(page.locator("text=Replay")).to_be_visible()
    assert visitor.complaints == []
