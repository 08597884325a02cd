"""The camera page on a phone: from the address to the verdict and back, in a real Chromium against real HTTP."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.camera_double import World, wait_until
from tests.browser.camera_phone import Phone

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


def test_a_photo_can_be_retaken_before_it_is_sent_and_after_its_verdict(phone: Phone, world: World) -> None:
    world.verdicts = ["ko", "ok"]
    phone.open()
    phone.take()
    phone.press("Retake")
    phone.send()
    phone.sees("Something is not as it should be")
    phone.press("Retake")
    phone.send()
    phone.sees("The photo is good")

    assert len(world.inputs) == 2
    assert len(world.items) == 1


def test_leaving_the_camera_says_whether_there_was_a_photo_before(phone: Phone, world: World) -> None:
    world.verdicts = ["error"]
    phone.open()
    phone.press("Cancel")
    phone.sees("The field app")
    phone.open()
    phone.send()
    phone.press("Retake")
    phone.press("Cancel")
    phone.sees("The field app")

    assert [each["reason"] for each in world.leaves] == ["cancel", "camera_cancelled"]


def test_after_an_error_one_must_retake_or_go_back_and_cannot_continue(phone: Phone, world: World) -> None:
    world.verdicts = ["error"]
    phone.open()
    phone.send()
    phone.sees("This photo must be retaken")
    offered = phone.page.locator(".actions").inner_text().split("\n")
    said = phone.page.locator(".messages li").all_inner_texts()
    phone.press("Go back")
    phone.sees("The field app")

    assert [each for each in offered if each] == ["Retake", "Go back", "Report an issue"]
    assert said == ["Error: The photo is blurred. Hold the phone still.", "Warning: The photo is rather dark."]
    assert world.leaves[0]["reason"] == "back"


@pytest.mark.parametrize(("press", "reason", "went_on"), [("Continue", "done", True), ("Go back", "back", False)])
def test_after_a_warning_one_may_go_on_or_go_back(
    phone: Phone, world: World, press: str, reason: str, went_on: bool
) -> None:
    world.verdicts = ["warning"]
    phone.open()
    phone.send()
    phone.sees("The photo is good")
    phone.press(press)
    phone.sees("The field app")

    assert world.leaves == [{"reason": reason, "wentOn": went_on, "waiting": False}]


def test_a_wrong_result_is_corrected_with_a_field_of_its_type(phone: Phone, world: World) -> None:
    world.verdicts = ["ko"]
    page = phone.open()
    phone.send()
    page.get_by_role("button", name="Correct: Is the seal present?").click()
    page.get_by_role("radio", name="Yes").check()
    phone.press("Save")
    phone.sees("The photo is good")
    page.get_by_role("button", name="Correct: Reading of the meter").click()
    number = page.get_by_label("Right value").get_attribute("type")
    page.get_by_label("Right value").fill("12.5")
    phone.press("Save")
    expect(page.get_by_text("12.5")).to_be_visible()

    assert number == "number"
    assert [each["value"] for each in world.corrections] == [True, 12.5]
    assert page.get_by_role("button", name="Correct: Is the seal present?").count() == 0  # a correction is final


def test_an_issue_is_reported_once_with_category_and_text(phone: Phone, world: World) -> None:
    page = phone.open()
    phone.send()
    phone.press("Report an issue")
    page.get_by_label("What is it about?").select_option("safety")
    page.get_by_label("What is wrong?").fill("The door is broken.")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("dialog")).to_have_count(0)

    assert [(each["category"], each["text"]) for each in world.issues] == [("safety", "The door is broken.")]


def test_who_waits_long_is_offered_to_leave(phone: Phone, world: World) -> None:
    world.polls_until_verdict = 10_000
    page = phone.open()
    page.evaluate("document.documentElement.dataset.patience = 300")
    phone.send()
    expect(page.locator("main").get_by_text("You need not wait: the result follows.")).to_be_visible()
    phone.press("Leave now")
    phone.sees("The field app")

    assert world.leaves == [{"reason": "later", "wentOn": False, "waiting": False}]


def test_a_photo_that_a_person_looks_at_offers_to_leave_at_once(phone: Phone, world: World) -> None:
    world.verdicts = ["review"]
    page = phone.open()
    phone.send()

    expect(page.locator(".step", has_text="A person looks at the photo.")).to_be_visible()
    expect(page.get_by_role("button", name="Leave now")).to_be_visible()


def test_what_could_not_be_analysed_is_analysed_again(phone: Phone, world: World) -> None:
    world.verdicts = ["failed"]
    phone.open()
    phone.send()
    phone.sees("The photo could not be analysed")
    phone.press("Analyse again")
    phone.sees("The photo is good")

    assert len(world.inputs) == 1


def test_the_flow_before_the_analysis_leaves_as_soon_as_the_photo_is_there(phone: Phone, world: World) -> None:
    world.flow = "before_analysis"
    phone.open()
    phone.send()
    phone.sees("The field app")

    assert world.leaves == [{"reason": "done", "wentOn": False, "waiting": False}]
    assert len(world.inputs) == 1


def test_the_way_back_into_an_app_of_its_own_scheme_has_a_button(phone: Phone, world: World) -> None:
    world.leave_url = "fsmapp:///job/1?status=analysis_ok"
    page = phone.open()
    phone.send()
    phone.press("Go back")
    back = page.get_by_role("link", name="Return to the app")

    expect(back).to_have_attribute("href", "fsmapp:///job/1?status=analysis_ok")


def test_a_way_back_that_would_run_a_script_is_not_gone(phone: Phone, world: World) -> None:
    world.leave_url = "javascript:document.title='owned'"
    page = phone.open()
    phone.press("Cancel")
    phone.sees("Back to the app…")

    assert page.locator("main a").count() == 0
    assert page.title() != "owned"


def test_the_analysis_view_shows_the_photo_and_not_the_camera(phone: Phone, world: World) -> None:
    world.polls_until_verdict = 0
    photo = world.add_photo(world.new_item("meter_front"), key="earlier-photo", kind="ko")
    page = phone.open(f"/field/connector/input/{photo['uuid']}")
    phone.sees("Something is not as it should be")

    assert page.locator("video").count() == 0
    assert page.locator("main img").get_attribute("src") == photo["thumbnail"]


def test_a_closed_order_is_shown_and_nothing_can_be_added(phone: Phone, world: World) -> None:
    world.read_only, world.polls_until_verdict = True, 0
    item = world.new_item("meter_front")
    world.add_photo(item, key="earlier-photo", kind="ok")
    page = phone.open(f"/field/connector/work_item/{item['uuid']}")
    phone.sees("The photo is good")

    assert page.get_by_role("button", name="Retake").count() == 0
    assert page.get_by_role("button", name="Correct").count() == 0


def test_the_page_of_a_work_order_lists_its_photos_and_goes_to_each(phone: Phone, world: World) -> None:
    world.polls_until_verdict = 0
    world.settle(world.add_photo(world.new_item("meter_front"), key="earlier-photo", kind="ko")["uuid"])
    world.new_item("seal")
    page = phone.open(f"/field/connector/work_order/{world.order}")
    phone.sees("JOB-1042")
    rows = page.locator(".item").all_inner_texts()
    page.get_by_role("button", name="The seal").click()
    phone.send()
    phone.press("Back to the list")
    phone.sees("JOB-1042")
    page.get_by_label("Another photo").select_option("seal")
    phone.press("Add")
    phone.sees("The seal")
    phone.press("Cancel")
    phone.press("Back to the app")
    phone.sees("The field app")

    assert "not as it should be" in rows[0]
    assert "no photo yet" in rows[1]
    assert [len(item["photos"]) for item in world.items] == [1, 1, 0]
    assert len(world.leaves) == 1


def test_a_photo_from_the_files_is_sent_upright_small_and_with_when_it_was_taken(
    phone: Phone, world: World, tmp_path: Path
) -> None:
    large = noise(tmp_path / "large.jpg", size=(3000, 2000), orientation=6)
    page = phone.open()
    page.get_by_label("Choose a photo").set_input_files(large)
    phone.press("Use this photo")
    phone.sees("The photo is good")
    data = bytes(next(iter(world.uploads.values())))
    sent = Image.open(BytesIO(data))

    assert large.stat().st_size > 4_500_000 > len(data)
    assert sent.size == (2000, 3000)  # quality was given up, not size
    assert sent.getexif()[306] == "2026:03:01 12:00:00"
    assert sent.getexif()[274] == 1


def test_a_file_that_is_good_as_it_is_is_not_touched(phone: Phone, world: World, tmp_path: Path) -> None:
    small = noise(tmp_path / "small.jpg", size=(400, 300), orientation=1)
    page = phone.open()
    page.get_by_label("Choose a photo").set_input_files(small)
    phone.press("Use this photo")
    phone.sees("The photo is good")

    assert bytes(next(iter(world.uploads.values()))) == small.read_bytes()


def test_a_file_that_is_no_photo_is_refused_on_the_spot(phone: Phone, world: World, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("no photo")
    page = phone.open()
    page.get_by_label("Choose a photo").set_input_files(tmp_path / "notes.jpg")

    expect(page.get_by_role("alert")).to_contain_text("not a photo")
    assert world.uploads == {}


def test_pressing_twice_takes_and_sends_one_photo(phone: Phone, world: World) -> None:
    page = phone.open()
    page.get_by_role("button", name="Take a photo").dblclick()
    page.get_by_role("button", name="Use this photo").dblclick()
    phone.sees("The photo is good")
    phone.page.get_by_role("button", name="Go back").dblclick()
    phone.sees("The field app")

    assert len(world.inputs) == 1
    assert len(world.leaves) == 1


def test_an_example_is_enlarged_and_closed_by_the_keyboard(phone: Phone) -> None:
    page = phone.open()
    phone.sees("Front of the meter")
    page.get_by_role("button", name="Example 2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Example 2")).to_be_focused()


def noise(path: Path, *, size: tuple[int, int], orientation: int) -> Path:
    """Save a picture that compresses badly, with when it was taken and how it is to be turned."""
    picture = Image.effect_noise(size, 120).convert("RGB")
    exif = picture.getexif()
    exif[274], exif[306] = orientation, "2026:03:01 12:00:00"
    picture.save(path, "JPEG", quality=97, exif=exif)
    return path


def test_the_last_upload_was_acknowledged_before_the_device_forgot_it(phone: Phone, world: World) -> None:
    world.hold.clear()
    phone.open()
    phone.send()
    wait_until(lambda: any(method == "PUT" for method, _ in world.calls))
    during = phone.kept()
    world.hold.set()
    phone.sees("The photo is good")

    assert during == 1
    assert phone.kept() == 0
