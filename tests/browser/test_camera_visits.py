"""Visits: made once whatever the user does, refused with a word, and ended."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.camera_double import World
from tests.browser.camera_phone import CREATE, Phone

pytestmark = pytest.mark.browser


def test_the_token_leaves_the_address_at_once_and_nothing_but_the_visit_sees_it(phone: Phone, world: World) -> None:
    page = phone.open(token="very-secret")
    phone.sees("Front of the meter")

    assert page.url.endswith(CREATE)
    assert "very-secret" not in "".join(world.seen)
    assert page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)").count("very-secret") == 0
    assert page.evaluate("'arrival' in globalThis") is False
    assert world.foreign == []


def test_reload_and_the_same_link_again_make_no_second_visit(phone: Phone, world: World) -> None:
    page = phone.open()
    phone.sees("Front of the meter")
    page.reload()
    phone.sees("Front of the meter")
    page.goto("about:blank")
    phone.open()
    phone.sees("Front of the meter")

    assert len(world.visits) == len(world.items) == 1


def test_the_back_button_after_a_visit_shows_that_it_is_over(phone: Phone, world: World) -> None:
    page = phone.open()
    phone.press("Cancel")
    phone.sees("The field app")
    page.go_back()
    expect(page.get_by_role("link", name="Return to the app")).to_be_visible()

    assert len(world.visits) == 1
    assert len(world.leaves) == 1


def test_the_same_address_after_a_visit_was_left_begins_another_one(phone: Phone, world: World) -> None:
    phone.open()
    phone.press("Cancel")
    phone.sees("The field app")
    phone.open()
    phone.sees("Front of the meter")

    assert len(world.visits) == len(world.items) == 2


def test_a_reload_in_mid_visit_goes_on_where_the_user_was(phone: Phone, world: World) -> None:
    world.verdicts = ["ko"]
    page = phone.open()
    phone.send()
    phone.sees("Something is not as it should be")
    page.reload()
    phone.sees("Something is not as it should be")

    assert len(world.inputs) == len(world.visits) == 1


def test_a_get_of_the_page_makes_nothing(phone: Phone, world: World) -> None:
    phone.context.request.get(f"http://localhost:{phone.port}{CREATE}")

    assert world.visits == {}
    assert world.items == []


REFUSED: list[tuple[str, tuple[int, dict[str, Any]], str]] = [
    ("expired", (401, {"code": "token_expired", "leave": "https://app.example/back"}), "This token has expired."),
    ("unknown", (401, {"code": "token_unknown", "leave": None}), "This token is not known here."),
    ("group", (422, {"code": "unknown_task_group", "leave": "https://app.example/?a=1"}), "not known here"),
    ("odd", (422, {"code": "some_new_code", "title": "The server's own words.", "leave": None}), "own words"),
    ("evil", (422, {"code": "not_found", "leave": "javascript:alert(1)"}), "nothing here that you can open"),
]


@pytest.mark.parametrize(("token", "answer", "words"), REFUSED, ids=[each[0] for each in REFUSED])
def test_a_refused_visit_says_why_and_offers_the_way_back_that_the_server_gives(
    phone: Phone, world: World, token: str, answer: tuple[int, dict[str, Any]], words: str
) -> None:
    world.refusals[token] = answer
    page = phone.open(token=token)
    leave = answer[1]["leave"]
    safe = leave and leave.startswith("https:")

    expect(page.get_by_role("alert")).to_contain_text(words)
    links = [each.get_attribute("href") for each in page.get_by_role("link", name="Back to the app").all()]
    assert links == ([leave] if safe else [])
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text(words)
    assert len(world.posts("/visits")) == 1


@pytest.mark.parametrize(
    ("fragment", "words"), [("", "no token"), ("#token=", "no token"), ("#token=T?state=S", "order of the URL")]
)
def test_an_address_without_a_good_token_asks_the_server_nothing(
    phone: Phone, world: World, fragment: str, words: str
) -> None:
    page = phone.open(CREATE + fragment, token="")

    expect(page.get_by_role("alert")).to_contain_text(words)
    assert world.posts("/visits") == []
    assert "#" not in page.url


def test_a_visit_that_ends_before_the_photo_is_there_keeps_it(phone: Phone, world: World) -> None:
    page = phone.open()
    phone.take()
    world.over = True
    phone.press("Use this photo")
    expect(page.get_by_role("alert")).to_contain_text("This visit has ended.")
    kept = phone.kept()
    world.over = False
    phone.open(CREATE)
    phone.sees("The photo is good")

    assert kept == 1
    assert len(world.inputs) == 1
    assert phone.kept() == 0


def test_the_page_speaks_the_browsers_language(phone: Phone, world: World) -> None:
    phone.page.add_init_script("Object.defineProperty(navigator, 'languages', {get: () => ['fr-CA', 'en']})")
    page = phone.open()
    page.get_by_role("button", name="Prendre une photo").click()
    page.get_by_role("button", name="Utiliser cette photo").click()
    expect(page.get_by_role("heading", name=re.compile("La photo est bonne"))).to_be_visible()

    assert page.locator("html").get_attribute("lang") == "fr"
    assert world.language == "fr"


def test_a_page_that_is_only_prepared_ahead_makes_nothing(phone: Phone, world: World) -> None:
    phone.page.add_init_script("Object.defineProperty(document, 'prerendering', {get: () => true})")
    page = phone.open()
    page.wait_for_function("document.documentElement.lang === 'en' && !('arrival' in globalThis)")
    page.wait_for_load_state("networkidle")

    assert world.visits == {}
