"""A field worker with an account: from the field app to the sign-in, the order's page, and back."""

from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from integrations.camera.models import Visit
from tests.browser.conftest import save
from tests.browser.test_camera_for_real import _judge, page  # noqa: F401  a fixture
from tests.browser.test_camera_look import THEMES, wrong_with
from tests.camera.making import make_site, make_token, make_user
from tests.camera.rest.program import Program, make_key

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a29_a_worker_signs_in_photographs_and_goes_back_with_a_fragment(page: Page, live_server: Any) -> None:  # noqa: F811
    app, site = f"{live_server.url}/healthz", make_site()
    make_token(site, default_callback=app, sign_in=True)
    worker = make_user(email="worker@example.com")
    worker.set_password("a long word 77")
    worker.save()
    order = Program(make_key(site)[1]).create(field_engineer_email="worker@example.com")
    named = f"site_id={site.uuid}&org_slug={site.workspace.slug}&callback_uri={quote(app + '?job=7', safe='')}"

    page.goto(f"{live_server.url}/field/connector/work_order/{order}?{named}&use_fragment=true")
    page.get_by_label("Username").fill(worker.username)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Password").fill("a long word 77")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Add").first.click()
    page.get_by_role("button", name="Take a photo").click()
    page.get_by_role("button", name="Use this photo").click()
    _judge(page)
    page.get_by_text("Seal present").first.wait_for()
    page.get_by_role("button", name="Back to the list").click()
    page.get_by_role("button", name="Back to the app").click()
    page.wait_for_url(f"{app}?job=7#**")

    assert f"work_order_id={order}" in page.url.partition("#")[2]
    assert (Visit.objects.get().user, Visit.objects.get().left_at is not None) == (worker, True)


def test_the_sign_in_page_is_accessible_on_a_narrow_phone(page: Page, live_server: Any) -> None:  # noqa: F811
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/field/sign-in/")
    page.get_by_label("Username").fill("worker")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    wrong = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        save(page, f"sign-in-{theme}")
        wrong += [f"{theme}: {each}" for each in wrong_with(page)]

    assert not wrong, "\n".join(wrong)
