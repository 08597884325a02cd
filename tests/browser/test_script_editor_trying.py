"""The page of a script: a dry run, what it shows, and what it guards."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.script_editor_page import SOURCE, assert_policy_kept, server
from tests.browser.test_pages import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.script_editor_page"),
]
GOOD = {
    "ending": "returned",
    "result": {"target": "J-7"},
    "duration_ms": 212,
    "may_publish": True,
    "logs": [{"level": "info", "message": "job updated", "data": {"jobId": "J-7"}}],
    "writes": [
        {
            "method": "PATCH",
            "url": "https://erp.example/jobs/J-7",
            "connection": "erp",
            "body": {"state": "<b>done</b>"},
        }
    ],
    "calls": [{"kind": "http", "name": "erp", "summary": "GET /jobs/J-7", "ms": 80, "answer": {"id": 7}}],
}
THREW = {
    "ending": "threw",
    "note": "boom is not defined",
    "problems": [{"line": 3, "column": 9, "message": "boom is not defined"}],
}


@pytest.fixture(autouse=True)
def _fresh_server() -> None:
    server.forget()
    server.may_answer.set()


@pytest.fixture
def page(visitor: Visitor) -> Iterator[Page]:
    opened = visitor.go("/script/")
    opened.locator(".cm-content").first.click()
    yield opened
    assert_policy_kept(visitor)


def tried(page: Page, words: str) -> None:
    page.keyboard.press("Control+Enter")
    page.locator(".script-status").get_by_text(words).wait_for()


def test_a_dry_run_sends_the_form_as_it_stands_and_shows_what_would_be_written(visitor: Visitor, page: Page) -> None:
    server.answer = GOOD
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("// new\n")

    tried(page, "Finished")
    shown = page.inner_text("[data-script-results]")
    visitor.save("script-results")

    assert server.runs[0]["source"].replace("\r\n", "\n") == f"// new\n{SOURCE}"
    assert server.runs[0]["event"] == "1"
    for told in (
        "1 write, 1 call",
        "212 ms",
        "PATCH https://erp.example/jobs/J-7",
        '"state": "<b>done</b>"',
        "job updated",
    ):
        assert told in shown
    assert "Nothing was tried yet." not in shown
    assert violations(page) == []
    assert visitor.complaints == []


def test_the_summary_is_announced_and_the_focus_stays(page: Page) -> None:
    server.answer = GOOD

    tried(page, "Finished")

    assert page.get_attribute(".script-status", "role") == "status"
    assert page.evaluate("document.activeElement.getAttribute('role')") == "textbox"


def test_while_it_runs_the_time_is_shown_and_waiting_can_be_stopped(page: Page) -> None:
    server.may_answer.clear()
    server.answer = GOOD

    tried(page, "Running")
    expect(page.locator(".script-clock")).to_have_text(re.compile(r"^\d\.\d s$"))
    page.keyboard.press("Control+Enter")  # a second run is not started beside it
    busy = page.get_attribute("[data-script-results]", "aria-busy")
    page.get_by_role("button", name="Stop waiting").press("Enter")
    page.locator(".script-status").get_by_text("Stopped waiting").wait_for()

    assert len(server.runs) == 1
    assert busy == "true"
    assert page.get_attribute("[data-script-results]", "aria-busy") is None
    assert page.evaluate("document.activeElement.className") == "script-status"


def test_an_error_is_marked_at_its_line_and_its_button_leads_there(page: Page) -> None:
    server.answer = THREW

    tried(page, "Stopped by an error")
    marked = page.inner_text(".cm-lintRange-error")
    page.get_by_role("button", name="Line 3, column 9").press("Enter")
    page.keyboard.type("X")

    assert marked == "s"
    assert page.input_value("#id_source").splitlines()[2] == "  const Xs = ctx.session;"


def test_publishing_is_offered_after_a_good_run_of_this_very_text(page: Page) -> None:
    server.answer = GOOD
    publish = page.locator("[data-script-publish]")
    before = publish.is_disabled()

    tried(page, "Finished")
    expect(publish).to_be_enabled()
    page.keyboard.type("x")

    assert before
    expect(publish).to_be_disabled()
    assert page.locator("#hint").is_visible()


def test_a_run_of_a_text_that_changed_meanwhile_does_not_offer_publishing(page: Page) -> None:
    server.may_answer.clear()
    server.answer = {**GOOD, "problems": THREW["problems"]}

    tried(page, "Running")
    page.keyboard.type("x")
    server.may_answer.set()
    page.locator(".script-status").get_by_text("Finished").wait_for()

    assert page.locator("[data-script-publish]").is_disabled()
    assert page.locator(".cm-lintRange-error").count() == 0


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (422, {"error": "Choose an event first."}, "Choose an event first."),
        (500, {}, "The server answered 500"),
        (403, {}, "You are signed out"),
    ],
)
def test_an_answer_that_is_no_result_is_told(page: Page, status: int, answer: dict[str, str], told: str) -> None:
    server.status, server.answer = status, answer

    tried(page, told)

    assert page.inner_text(".script-results") == ""


def test_an_unreachable_server_is_told(page: Page) -> None:
    page.route("**/script/dry-run/", lambda route: route.abort())

    tried(page, "The server cannot be reached.")

    assert server.runs == []


def test_the_template_replaces_the_text_and_one_undo_brings_it_back(page: Page) -> None:
    page.click("[data-script-insert]")
    inserted = page.input_value("#id_source")
    page.keyboard.press("Control+z")

    assert inserted == "async function run(ctx) {}"
    assert page.input_value("#id_source") == SOURCE


def test_leaving_asks_only_when_something_is_not_saved(page: Page, visitor: Visitor) -> None:
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    visitor.go("/script/")
    page.locator(".cm-content").first.click()
    page.keyboard.type("x")
    visitor.go("/script/")
    page.locator(".cm-content").first.click()
    page.keyboard.type("x")
    page.keyboard.press("Control+s")
    page.get_by_role("heading", name="Saved").wait_for()

    assert asked == ["beforeunload"]
    assert len(server.saved) == 1
