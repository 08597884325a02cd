"""The API's viewer in a real browser: it works under our content policy, and complains of nothing."""

from typing import Any

import pytest
from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_viewer_shows_each_operation_and_breaks_no_rule_of_the_content_policy(
    browser: Browser, live_server: Any
) -> None:
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda request: said.append(request.url))

    page.goto(f"{live_server.url}/api/docs/")
    page.wait_for_selector(".opblock-put")
    operations = page.request.get(f"{live_server.url}/api/schema/").text().count("operationId:")
    page.click(".opblock-put .opblock-summary-control")
    page.wait_for_selector("text=Idempotency-Key")

    assert page.locator(".opblock").count() == operations
    assert said == []
    page.close()
