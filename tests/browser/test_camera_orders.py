"""What was photographed, as the office looks at it: on the work order's page, closely, and corrected."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from integrations.camera.models import FieldOrder, TaskOutcome, WorkItem
from integrations.workorders.models import WorkOrder
from tests.browser.conftest import Visitor
from tests.browser.test_pages import complaints_of
from tests.camera.gallery import make_gallery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}


@pytest.fixture
def order() -> WorkOrder:
    return make_gallery()


def _scale(page: Page) -> float:
    found: float = page.evaluate(
        "new DOMMatrix(getComputedStyle(document.querySelector('.viewer-frame img')).transform).a"
    )
    return found


def test_its_pages_are_accessible_fit_and_obey_the_policy(visitor: Visitor, order: WorkOrder) -> None:
    front = WorkItem.objects.order_by("pk").first()
    outcome = TaskOutcome.objects.filter(corrected_at=None).order_by("-pk").first()
    assert front
    assert outcome
    paths = {
        "work_order": reverse("admin:workorders_workorder_change", args=[order.pk]),
        "field_order": reverse("admin:camera_fieldorder_change", args=[FieldOrder.objects.get().pk]),
        "item": reverse("admin:camera_workitem_change", args=[front.pk]),
        "items": reverse("admin:camera_workitem_changelist"),
        "orders": reverse("admin:camera_fieldorder_changelist"),
        "correct": reverse("admin:camera_workitem_correct", args=[outcome.pk]),
    }

    wrong = [sentence for name, path in paths.items() for sentence in complaints_of(visitor, name, path)]

    assert not wrong, "\n".join(wrong)
    assert visitor.complaints == []


def test_a_photo_is_looked_at_by_keyboard_and_mouse(visitor: Visitor, order: WorkOrder) -> None:
    page = visitor.go(reverse("admin:workorders_workorder_change", args=[order.pk]))
    page.get_by_role("link", name="Photo 1 of meter_front").click()
    viewer = page.get_by_role("dialog", name="Photo 1 of meter_front")
    expect(viewer.get_by_text("(1 / 7)")).to_be_visible()
    visitor.save("viewer")

    page.keyboard.press("+")
    page.keyboard.press("+")
    assert _scale(page) == pytest.approx(2.25)
    page.keyboard.press("0")
    page.mouse.move(300, 400)
    page.mouse.wheel(0, -100)
    assert _scale(page) == pytest.approx(1.5)
    visitor.save("viewer-larger")
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="Photo 2 of meter_front")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Photo 2 of meter_front")).to_be_focused()


def test_a_photo_is_made_larger_by_two_fingers(visitor: Visitor, order: WorkOrder) -> None:
    page = visitor.go(reverse("admin:workorders_workorder_change", args=[order.pk]))
    page.set_viewport_size({"width": 390, "height": 740})
    page.get_by_role("link", name="Photo 1 of meter_front").click()
    page.get_by_role("dialog").wait_for()
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[int, int]) -> None:
        places: list[dict[str, Any]] = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", (180, 400), (220, 400))
    touch("touchMove", (140, 400), (260, 400))
    touch("touchEnd")

    assert _scale(page) > 2
    visitor.save("viewer-phone")


def test_a_verdict_is_corrected_for_good(visitor: Visitor, order: WorkOrder) -> None:
    front = WorkItem.objects.order_by("pk").first()
    assert front
    page = visitor.go(reverse("admin:camera_workitem_change", args=[front.pk]))
    page.get_by_role("link", name="Correct seal_present").last.click()
    page.get_by_role("button", name="Correct for good").click()
    assert TaskOutcome.objects.filter(corrected_by="anna").count() == 0, "it was not said that it is final"

    page.get_by_label("It is final").check()
    page.get_by_role("button", name="Correct for good").click()

    expect(page.get_by_text("“seal_present” is no for good")).to_be_visible()
    expect(page.get_by_text("corrected from “yes” by anna")).to_be_visible()
    assert TaskOutcome.objects.get(corrected_by="anna").corrected_value is False
    visitor.save("corrected")
