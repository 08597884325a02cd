"""A catalogue imported from a site, by hand in a real browser: looked at first, then kept."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from integrations.camera.pages import catalogue
from integrations.connections.models import Connection
from tests.browser.conftest import Visitor
from tests.browser.test_pages import faults_of
from tests.camera.making import make_site
from tests.platforms.deepomatic.conftest import connection, vendor, vendor_server  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_site_is_looked_at_and_then_kept(visitor: Visitor, connection: Connection) -> None:  # noqa: F811
    draft = catalogue.draft_of(make_site(), like=None, author="anna")
    page = visitor.go(reverse("admin:camera_catalogueversion_change", args=[draft.pk]))

    page.get_by_role("link", name="Import from a Deepomatic site").click()
    page.get_by_label("Connection").select_option(connection.name)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("heading", name="What the site does not tell")).to_be_visible()
    wrong = faults_of(visitor, "camera_site_import")
    page.get_by_role("button", name="Add all of it to the draft").click()
    expect(page.get_by_text("4 tasks were added.")).to_be_visible()

    assert draft.groups.count() == 2
    assert not wrong, "\n".join(wrong)
    assert visitor.complaints == []
