"""The camera page on a phone: from the address to the verdict and back, in a real Chromium against real HTTP."""

import pytest

from tests.browser.camera_double import World
from tests.browser.camera_phone import CREATE, Phone

pytestmark = pytest.mark.browser


def test_a_photo_is_taken_sent_judged_and_the_user_is_back_in_the_app(phone: Phone, world: World) -> None:
    phone.open()
    phone.send()
    phone.sees("The photo is good")
    shown = phone.page.locator("main").inner_text()
    phone.press("Go back")
    phone.sees("The field app")

    assert "Is the seal present?" in shown
    assert "Score: 100 of 100" in shown
    assert world.leaves == [{"reason": "done", "wentOn": False, "waiting": False}]
    assert len(world.inputs) == len(world.items) == 1
    assert phone.complaints == []


def test_the_token_leaves_the_address_at_once_and_nothing_but_the_visit_sees_it(phone: Phone, world: World) -> None:
    page = phone.open(token="very-secret")
    phone.sees("Front of the meter")

    assert page.url.endswith(CREATE)
    assert "very-secret" not in "".join(world.seen)
    assert page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)").count("very-secret") == 0
    assert page.evaluate("history.length") <= 2
    assert world.foreign == []
