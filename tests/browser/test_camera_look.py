"""What the camera page looks like: accessible in both themes, large targets, nothing wider than the phone, light."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.camera_double import STATIC, World
from tests.browser.camera_phone import Phone

pytestmark = pytest.mark.browser

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RULES = "{resultTypes: ['violations'], preload: false, rules: {'color-contrast-enhanced': {enabled: true}}}"
SMALL = """() => [...document.querySelectorAll("button, a.button, label:has(input[type=file]), select, .choice")]
  .filter((each) => each.checkVisibility())
  .map((each) => [each.textContent || each.ariaLabel, each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 56 || box.height < 56).map(([name]) => name)"""


def wrong_with(page: Page) -> list[str]:
    """Return what axe-core finds (contrast of 7 to 1 asked for), small targets, and a page wider than the phone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(f"axe.run({RULES})")["violations"]
    said = [f"{each['id']}: {node['html'][:160]} {node['failureSummary']}" for each in found for node in each["nodes"]]
    small = [f"{name} is smaller than 56 px" for name in page.evaluate(SMALL)]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return said + small + (["wider than the phone"] if wide else [])


def camera(phone: Phone, _world: World) -> None:
    phone.open()
    phone.sees("Front of the meter")
    phone.page.get_by_role("button", name="Take a photo").wait_for()


def no_camera(phone: Phone, _world: World) -> None:
    phone.open(host="camera.test")
    phone.page.get_by_role("alert").wait_for()


def preview(phone: Phone, _world: World) -> None:
    phone.open()
    phone.take()


def waiting(phone: Phone, world: World) -> None:
    preview(phone, world)
    phone.context.set_offline(True)
    phone.press("Use this photo")
    phone.page.locator("#waiting").wait_for()


def judged(kind: str, title: str) -> Callable[[Phone, World], None]:
    def show(phone: Phone, world: World) -> None:
        world.verdicts = [kind]
        phone.open()
        phone.send()
        phone.sees(title)

    return show


def correction(phone: Phone, world: World) -> None:
    judged("ko", "Something is not as it should be")(phone, world)
    phone.page.get_by_role("button", name="Correct: Is the seal present?").click()


def issue(phone: Phone, world: World) -> None:
    judged("ok", "The photo is good")(phone, world)
    phone.press("Report an issue")


def order(phone: Phone, world: World) -> None:
    world.polls_until_verdict = 0
    for kind in ("ok", "ko", "error", "review"):
        world.settle(world.add_photo(world.new_item("meter_front"), key=f"earlier-{kind}", kind=kind)["uuid"])
    world.new_item("seal")
    phone.open(f"/field/connector/work_order/{world.order}")
    phone.sees("JOB-1042")


def refused(phone: Phone, world: World) -> None:
    world.refusals["old"] = (401, {"code": "token_expired", "leave": "https://app.example/"})
    phone.open(token="old")
    phone.sees("This cannot be opened")


def left(phone: Phone, world: World) -> None:
    world.leave_url = "fsmapp://job/1"
    phone.open()
    phone.press("Cancel")
    phone.sees("Back to the app…")


SCREENS: dict[str, Callable[[Phone, World], None]] = {
    "camera": camera,
    "no_camera": no_camera,
    "preview": preview,
    "waiting": waiting,
    "good": judged("ok", "The photo is good"),
    "bad": judged("ko", "Something is not as it should be"),
    "error": judged("error", "This photo must be retaken"),
    "warning": judged("warning", "The photo is good"),
    "failed": judged("failed", "The photo could not be analysed"),
    "correction": correction,
    "issue": issue,
    "order": order,
    "refused": refused,
    "left": left,
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_accessible_in_both_themes(phone: Phone, world: World, name: str) -> None:
    SCREENS[name](phone, world)
    wrong = []
    for theme in THEMES:
        phone.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        phone.save(f"{name}-{theme}")
        wrong += [f"{theme}: {each}" for each in wrong_with(phone.page)]

    assert not wrong, "\n".join(wrong)
    assert [each for each in phone.complaints if "Content Security Policy" in each] == []


@pytest.mark.parametrize(("width", "height"), [(320, 568), (390, 844), (844, 390), (768, 1024)])
def test_the_shutter_is_within_the_thumbs_reach_on_every_phone(phone: Phone, width: int, height: int) -> None:
    phone.page.set_viewport_size({"width": width, "height": height})
    camera(phone, phone.world)
    phone.save(f"shutter-{width}x{height}")
    box = phone.page.get_by_role("button", name="Take a photo").bounding_box()
    picture = phone.page.locator(".finder").bounding_box()

    assert box is not None
    assert picture is not None
    assert min(box["width"], box["height"]) >= 56
    # upright: in the lower third; on its side: at the right edge, where the thumb is
    reached = box["y"] >= height * 2 / 3 if height > width else box["x"] >= width * 2 / 3
    assert reached
    assert box["y"] + box["height"] <= height
    assert picture["height"] >= height / 4


def test_the_keyboard_alone_takes_a_photo_to_its_verdict(phone: Phone) -> None:
    page = phone.open()
    phone.sees("Front of the meter")
    page.get_by_role("button", name="Take a photo").wait_for()
    focused = page.evaluate("document.activeElement.tagName")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.ariaLabel") == "Take a photo":
            break
    page.keyboard.press("Enter")
    phone.sees("Use this photo?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    phone.sees("The photo is good")

    assert focused == "H1"  # a screen reader begins at the heading of each screen
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.locator("#said").inner_text() == "The photo is good"


def test_the_page_is_light_has_no_inline_code_and_asks_no_other_host() -> None:
    files = [each for each in (STATIC / "camera").rglob("*") if each.suffix in (".js", ".css")]
    shell = (Path(__file__).parents[2] / "templates" / "camera" / "shell.html").read_text()
    texts = [each.read_text() for each in files]

    assert sum(each.stat().st_size for each in files) < 60 * 1024
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=", shell) == []
    assert [found for text in [*texts, shell] for found in re.findall(r"https?://[^\s\"'`]+", text)] == []
    assert not any("innerHTML" in text or "eval(" in text for text in texts)


def test_every_text_is_there_in_each_language() -> None:
    folder = STATIC / "camera"
    texts = {each.stem: json.loads(each.read_text()) for each in (folder / "texts").glob("*.json")}
    places = {
        name: {key: set(re.findall(r"\{\w+\}", text)) for key, text in each.items()} for name, each in texts.items()
    }
    scripts = "".join(each.read_text() for each in folder.rglob("*.js"))
    used = set(re.findall(r'\bt\("(\w+)"', scripts))

    assert places["en"] == places["fr"]
    assert used <= set(texts["en"])
