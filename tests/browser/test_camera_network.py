"""Without a network, without a camera, without https, without room: the photo is kept, and the page says what is up."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.camera_double import STATIC, World, wait_until
from tests.browser.camera_phone import CREATE, SIZE, Phone

pytestmark = pytest.mark.browser

FILES = STATIC / "camera"


def waits(phone: Phone, text: str) -> None:
    expect(phone.page.locator("#waiting")).to_have_text(text)


def ready_for_no_network(phone: Phone) -> None:
    """Open the page once, so that the service worker has its files."""
    phone.open()
    phone.sees("Front of the meter")
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.page.wait_for_function(
        "caches.open('fieldport-camera-1').then((all) => all.keys()).then((k) => k.length > 20)"
    )


def test_a_network_lost_in_mid_upload_costs_no_byte_that_had_arrived(phone: Phone, world: World) -> None:
    world.pieces_until_down = 1
    phone.open()
    phone.page.get_by_label("Choose a photo").set_input_files([large()])
    phone.press("Use this photo")
    waits(phone, "Photo 1 of 1 waiting for the network")
    arrived = len(next(iter(world.uploads.values())))
    world.down = False
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.sees("The photo is good")

    assert 0 < arrived < len(next(iter(world.uploads.values())))
    assert len(world.inputs) == 1
    assert any(method == "HEAD" for method, _ in world.calls)  # it asked where to go on


def test_a_browser_that_is_offline_sends_as_soon_as_it_is_online(phone: Phone, world: World) -> None:
    phone.open()
    phone.take()
    phone.context.set_offline(True)
    phone.press("Use this photo")
    waits(phone, "Photo 1 of 1 waiting for the network")
    phone.save("offline")
    phone.context.set_offline(False)
    phone.sees("The photo is good")

    assert len(world.inputs) == 1
    expect(phone.page.locator("#waiting")).to_be_hidden()


def test_several_photos_wait_and_are_counted(phone: Phone, world: World) -> None:
    phone.open("/field/connector/work_order/create")
    for _ in range(2):
        phone.press("Add")
        phone.sees("Front of the meter")
        phone.press("Cancel")
    world.pieces_until_down = None
    for number in (0, 1):
        phone.page.locator(".item").nth(number).click()
        phone.take()
        world.down = True
        phone.press("Use this photo")
        waits(phone, f"Photo 1 of {number + 1} waiting for the network")
        phone.press("Leave now")
    world.down = False
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: len(world.inputs) == 2)

    assert [len(item["photos"]) for item in world.items] == [1, 1]
    expect(phone.page.locator("#waiting")).to_be_hidden()


def test_a_photo_survives_a_reload_without_a_network(phone: Phone, world: World) -> None:
    ready_for_no_network(phone)
    phone.take()
    world.down = True
    phone.press("Use this photo")
    waits(phone, "Photo 1 of 1 waiting for the network")
    phone.page.reload()
    waits(phone, "Photo 1 of 1 waiting for the network")
    kept = phone.kept()
    world.down = False
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.sees("The photo is good")

    assert kept == 1
    assert len(world.inputs) == len(world.visits) == 1


def test_the_camera_opens_without_a_network_and_the_visit_begins_later(phone: Phone, world: World) -> None:
    ready_for_no_network(phone)
    world.down = True
    again = CREATE.replace("state=eyJhIjoxfQ==", "state=another")
    phone.open(again)
    phone.send()
    waits(phone, "Photo 1 of 1 waiting for the network")
    world.down = False
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.sees("The photo is good")
    phone.press("Go back")
    phone.sees("The field app")

    assert len(world.visits) == 2
    assert len(world.inputs) == 1
    assert phone.complaints == []


def test_the_service_worker_keeps_the_pages_own_files_and_no_token(phone: Phone, world: World) -> None:
    ready_for_no_network(phone)
    phone.page.reload()
    phone.send()
    phone.sees("The photo is good")
    kept: list[str] = phone.page.evaluate(
        "caches.open('fieldport-camera-1').then((all) => all.keys()).then((keys) => keys.map((key) => key.url))"
    )

    paths = {each.split(str(phone.port))[1].removeprefix("/static/camera/") for each in kept}
    loaded = {str(each.relative_to(FILES)) for each in FILES.rglob("*") if each.suffix not in (".png", "")}
    assert paths == loaded - {"sw.js"} | {"/field/connector/work_item/create"}


def test_a_full_disk_of_the_server_keeps_the_photo_here_and_says_so(phone: Phone, world: World) -> None:
    world.full = True
    phone.open()
    phone.send()
    waits(phone, "Photo 1 of 1 kept here: the server has no room")
    expect(phone.page.locator(".step")).to_contain_text("The server has no room for photos")
    phone.save("no-room")
    kept = phone.kept()
    world.full = False
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.sees("The photo is good")

    assert kept == 1
    assert len(world.inputs) == 1


def test_two_tabs_of_one_visit_send_a_photo_once(phone: Phone, world: World) -> None:
    world.hold.clear()
    page = phone.open()
    phone.send()
    wait_until(lambda: any(method == "PUT" for method, _ in world.calls))
    other = phone.tab()
    session = page.evaluate("JSON.stringify(sessionStorage)")
    other.add_init_script(
        f"for (const [k, v] of Object.entries({session})) sessionStorage.getItem(k) || sessionStorage.setItem(k, v)"
    )
    other.goto(f"http://localhost:{phone.port}{CREATE}")
    expect(other.locator("progress")).to_be_visible()
    world.hold.set()
    phone.sees("The photo is good")
    expect(other.get_by_role("heading", name="The photo is good")).to_be_visible()

    assert len(world.inputs) == len(world.visits) == 1
    assert sum(method == "PUT" for method, _ in world.calls) == 1


def test_a_tab_of_another_visit_sends_what_waits_here(phone: Phone, world: World) -> None:
    phone.open()
    phone.take()
    world.down = True
    phone.press("Use this photo")
    waits(phone, "Photo 1 of 1 waiting for the network")
    world.down = False
    phone.page.close()
    phone.page = phone.tab()
    phone.open(CREATE + "&work_order_name=other")
    phone.sees("Front of the meter")
    wait_until(lambda: len(world.inputs) == 1)

    assert len(world.items[0]["photos"]) == 1  # of the first visit's item
    wait_until(lambda: phone.kept() == 0)


def test_where_the_camera_is_refused_a_photo_is_chosen_instead(browser: Browser, world: World, phone: Phone) -> None:
    context = browser.new_context(viewport=SIZE, locale="en-GB")  # this browser has no fake camera, and asks nobody
    refused = Phone(context, world, phone.port)
    refused.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    page = refused.open()
    expect(page.get_by_role("alert")).to_contain_text("This page may not use the camera.")
    refused.save("refused")
    page.get_by_label("Choose a photo").set_input_files([large()])
    refused.press("Use this photo")
    refused.sees("The photo is good")
    context.close()

    assert len(world.inputs) == 1


def test_without_https_a_photo_is_chosen_instead_and_arrives_whole(phone: Phone, world: World) -> None:
    page = phone.open(host="camera.test")
    secure = page.evaluate("isSecureContext")
    expect(page.get_by_role("alert")).to_contain_text("needs a secure address (https)")
    phone.save("no-https")
    page.get_by_label("Choose a photo").set_input_files([large()])
    phone.press("Use this photo")
    phone.sees("The photo is good")  # the double checks the SHA-256 of the whole

    assert secure is False
    assert len(world.inputs) == 1


def test_without_the_browsers_database_the_photo_lives_as_long_as_the_page(phone: Phone, world: World) -> None:
    phone.page.add_init_script("Object.defineProperty(globalThis, 'indexedDB', {get: () => undefined})")
    phone.open()
    phone.send()
    phone.sees("The photo is good")

    assert len(world.inputs) == 1


def large() -> Any:
    """A picture of about 600 KB, as a file for a file field."""
    kept = BytesIO()
    Image.effect_noise((900, 700), 120).convert("RGB").save(kept, "JPEG", quality=95)
    return {"name": "meter.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}
