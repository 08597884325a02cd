"""Writing a script: the textarea keeps the value, names are offered, mistakes are marked, keys do what they say."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Visitor
from tests.browser.script_editor_page import SOURCE, assert_policy_kept, server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.script_editor_page"),
]
OPTIONS = ".cm-tooltip-autocomplete li .cm-completionLabel"


@pytest.fixture(autouse=True)
def _fresh_server() -> None:
    server.forget()


@pytest.fixture
def page(visitor: Visitor) -> Iterator[Page]:
    """An editor that has the focus, its text replaced by nothing."""
    opened = visitor.go("/script/")
    opened.locator(".cm-content").first.click()
    opened.keyboard.press("Control+a")
    yield opened
    assert_policy_kept(visitor)


def offered(page: Page, text: str, *, last: str) -> list[str]:
    """Write a text and its last letter by key; return what is offered then."""
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Escape")
    page.keyboard.type(last)
    page.wait_for_selector(OPTIONS)
    return page.locator(OPTIONS).all_inner_texts()


def status(page: Page, sentence: str) -> None:
    page.locator(".script-foot [role=status]").first.get_by_text(sentence).wait_for()


def test_the_textarea_keeps_the_value_and_the_form_sends_it(page: Page) -> None:
    page.keyboard.insert_text("async function run(ctx) {}")
    kept = page.input_value("#id_source")

    page.click("[data-script-save]")

    assert page.inner_text("h1") == "Saved"
    assert kept == "async function run(ctx) {}"
    assert server.saved == [kept]


def test_typing_over_a_selection_completes_and_closes_as_elsewhere(page: Page) -> None:
    page.keyboard.type("const x = [ctx.ev")
    page.wait_for_selector(OPTIONS)
    page.wait_for_timeout(100)  # a list that has just come takes no key: who types fast means a line's end
    page.keyboard.press("Enter")
    chosen = page.input_value("#id_source")
    page.keyboard.press("Shift+Home")
    page.keyboard.type("(")

    assert chosen.endswith("[ctx.event]")
    assert page.input_value("#id_source") == "(const x = [ctx.event)]"


def test_undo_brings_the_text_back(page: Page) -> None:
    page.keyboard.insert_text("gone")
    page.keyboard.press("Control+z")

    assert page.input_value("#id_source") == SOURCE


def test_the_members_of_ctx_are_offered_with_their_texts(page: Page) -> None:
    names = offered(page, "async function run(ctx) { ctx", last=".")

    page.keyboard.type("skip")
    page.locator(".script-doc code").get_by_text("skip(").wait_for()

    assert {"event", "session", "http", "store", "log", "skip", "retry", "fail"} <= set(names)
    assert "skip(reason: string)" in page.inner_text(".script-doc code")
    assert len(page.inner_text(".script-doc p")) > 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("const s = ctx.session;\ns", "percent"),
        ("ctx.session.people.nodes.map((one) => one", "name"),
        ("ctx.facts.session", "steps_percent"),
        ("ctx.facts.order", "number"),
        ("ctx.order", "number"),
        ("ctx.config", "linkKey"),
        ("ctx.secrets", "TOKEN"),
        ("const { http } = ctx;\nhttp", "patch"),
        ("const r = await ctx.http.get('/x');\nr", "status"),
        ("for (const a of ctx.answers) a", "prompt"),
        ("ctx.answers.filter((each) => each", "prompt"),
        ("ctx.event.type", "toLowerCase"),
        ("for (const each of ctx.sources) each.session", "percent"),
        ("try {} catch (e) { if (e instanceof HttpError && e.status) { e", "retryable"),
        ("ctx.util.date", "format"),
        ("Math", "round"),
    ],
)
def test_a_name_is_followed_to_what_it_is(page: Page, text: str, expected: str) -> None:
    assert expected in offered(page, f"async function run(ctx) {{\n{text}", last=".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("async function run({ session }) { session", "percent"), ("function match(event) { return event", "type")],
)
def test_the_parameters_of_the_two_functions_are_known(page: Page, text: str, expected: str) -> None:
    assert expected in offered(page, text, last=".")


def test_fields_of_mappings_are_not_offered_where_the_platform_names_its_own(page: Page) -> None:
    names = offered(page, "async function run(ctx) { ctx.session", last=".")

    assert "id" in names
    assert "steps_percent" not in names


def test_words_that_mean_nothing_in_a_script_are_not_offered(page: Page) -> None:
    words = offered(page, "", last="i")

    assert "if" in words
    assert "import" not in words


def test_names_of_connections_and_options_of_calls_are_offered(page: Page) -> None:
    assert offered(page, "async function run(ctx) { ctx.connection(", last='"') == ["crm", "erp"]
    assert {"json", "headers", "query"} <= set(
        offered(page, "async function run(ctx) { ctx.http.post('/x', ", last="{")
    )


def test_the_chosen_event_decides_which_fields_are_offered(page: Page) -> None:
    page.select_option("#id_event", "2")
    page.locator(".cm-content").first.click()

    assert "minutes" in offered(page, "async function run(ctx) { ctx.call", last=".")
    assert "percent" not in offered(page, "async function run(ctx) { ctx.session", last=".")


def test_what_the_server_finds_wrong_is_marked_at_its_place(page: Page) -> None:
    page.keyboard.insert_text("let ok = 1;\nlet boom = 2;")

    status(page, "1 problem, line 2: boom is not defined here")

    assert page.inner_text(".cm-lintRange-error") == "boom"
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("let ok = 1;")
    status(page, "No problems")
    assert page.locator(".cm-lintRange-error").count() == 0


def test_without_an_answer_the_editor_still_finds_wrong_syntax(page: Page) -> None:
    page.route("**/script/check/", lambda route: route.abort())

    page.keyboard.insert_text("let ok = 1;\nlet x = (;")

    status(page, "1 problem, line 2: Syntax error")
    assert page.locator(".cm-lint-marker-error").count() == 1


def test_a_pause_is_waited_for_before_the_server_is_asked(page: Page) -> None:
    page.keyboard.type("let boom")

    status(page, "boom is not defined here")

    assert [text for text in server.checked if text != SOURCE] == ["let boom"]
    assert all(before != after for before, after in pairwise(server.checked))


def test_tab_indents_and_after_escape_leaves_in_both_directions(page: Page) -> None:
    page.keyboard.insert_text("x")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    indented = page.input_value("#id_source")

    page.keyboard.press("Escape")
    announced = page.locator(".cm-announced").first.inner_text()
    page.keyboard.press("Tab")
    forward = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")

    assert indented == "  x"
    assert announced == "Tab now leaves the editor"
    assert forward == "Save"
    assert page.evaluate("document.activeElement.id") == "id_event"
    assert page.input_value("#id_source") == "  x"


def test_the_keys_are_the_description_of_the_editor(page: Page) -> None:
    editor = page.get_by_role("textbox", name="Source")
    described = str(editor.get_attribute("aria-describedby")).split()
    told = " ".join(page.inner_text(f"#{name}") for name in described)

    assert all(each in told for each in ("Ctrl-Enter dry run", "Ctrl-S save", "Esc, then Tab leaves"))
    assert page.locator("#id_source").is_hidden()


def test_control_s_saves(page: Page) -> None:
    page.keyboard.insert_text("saved by key")

    page.keyboard.press("Control+s")
    page.get_by_role("heading", name="Saved").wait_for()

    assert server.saved == ["saved by key"]


def test_the_label_leads_into_the_editor(page: Page) -> None:
    page.click("label[for=id_event]")

    page.click("label[for=id_source]")

    assert page.evaluate("document.activeElement.getAttribute('role')") == "textbox"


def test_one_can_write_before_colours_and_completion_have_come(visitor: Visitor) -> None:
    held: list[Route] = []
    visitor.page.route("**/assisting-*.js", lambda route: held.append(route))  # noqa: PLW0108  a built-in cannot be marked
    visitor.page.goto(f"{visitor.address}/script/")
    visitor.page.locator(".cm-content").first.click()
    visitor.page.keyboard.press("Control+a")
    visitor.page.keyboard.insert_text("return boom;")

    written = visitor.page.input_value("#id_source")
    plain = visitor.page.locator("form .cm-line span").count()
    held[0].continue_()
    visitor.page.get_by_text("boom is not defined here").first.wait_for()

    assert (written, plain) == ("return boom;", 0)
    assert visitor.page.input_value("#id_source") == "return boom;"
    assert visitor.page.locator("form .cm-line span").count() > 0
    assert visitor.page.locator("[aria-busy]").count() == 0
    assert_policy_kept(visitor)


def test_without_colours_and_completion_it_is_an_editor_all_the_same(visitor: Visitor) -> None:
    visitor.page.route("**/assisting-*.js", lambda route: route.abort())
    page = visitor.go("/script/")
    page.get_by_text("Colours and completion could not be loaded").first.wait_for()
    page.locator(".cm-content").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("async function run() {}")

    page.click("[data-script-save]")

    page.get_by_role("heading", name="Saved").wait_for()
    assert server.saved == ["async function run() {}"]
