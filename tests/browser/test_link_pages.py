"""Pages of links in a real browser: an order's box, snippets, the sheet, whose codes are read, the hosted page."""

import io
import os
from typing import Any

import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Page

from integrations.platforms.worklink.links.issuing import issue, links_of, url_of
from integrations.platforms.worklink.models import IssuedLink, LinkPage, LinkTemplate
from integrations.workorders.models import WorkOrder
from tests.browser.conftest import Visitor, save
from tests.browser.test_pages import faults_of, violations
from tests.platforms.worklink.links.making import V2, make_cms, make_erp, make_order, make_template

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FORMS = ("direct", "deferred")
SHOWS = {"page_shows": ["title", "asset", "site"]}


@pytest.fixture
def orders() -> list[WorkOrder]:
    erp = make_erp()
    cms = make_cms(name="WorkLink Europe", settings={"system": "erp", "host_pages": True} | SHOWS)
    make_template(cms, name="Work instructions", **V2)
    make_template(cms, name="Call an expert", purpose="CONTACT_LIST", form="direct")
    make_template(cms, name="By asset", external_data=[["note", "{title} " * 12]])
    titles = ("Seal of pump 77 leaks", "Yearly check of the lift in the northern stairwell, with the load test", "")
    return [
        make_order(erp, f"WO-00098{number}", title=title, asset=f"PUMP-7{number}" * bool(title), site="Zürich #2")
        for number, title in enumerate(titles)
    ]


def read(picture: bytes) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))}


def test_the_box_of_an_order_and_the_snippets(visitor: Visitor, orders: list[WorkOrder]) -> None:
    page = visitor.go(reverse("admin:workorders_workorder_change", args=[orders[0].pk]))
    page.get_by_role("button", name="Give the links out").click()
    page.wait_for_selector("text=The links were given out.")
    for summary in page.locator(".item-block summary").all():
        summary.click()
    page.wait_for_load_state("networkidle")

    faults = faults_of(visitor, "links-of-an-order")
    links = list(IssuedLink.objects.filter(template__name__in=["Call an expert", "Work instructions"]))
    assert all(url_of(link, form) in page.content().replace("&amp;", "&") for link in links for form in FORMS)
    code = page.locator(".qr-code").nth(1)
    code.scroll_into_view_if_needed()
    assert read(code.screenshot()) <= {url_of(link, form) for link in IssuedLink.objects.all() for form in FORMS}
    template = LinkTemplate.objects.get(name="Work instructions")
    visitor.go(f"{reverse('admin:worklink_snippets', args=[template.pk])}?system=salesforce&name-site=a%20b")
    faults += faults_of(visitor, "snippets")
    visitor.go(reverse("admin:worklink_linkpage_change", args=[LinkPage.objects.get().pk]))
    faults += faults_of(visitor, "link-page-row")

    assert faults == []
    assert visitor.complaints == []


def test_each_code_of_the_printed_sheet_is_read_as_its_link(visitor: Visitor, orders: list[WorkOrder]) -> None:
    page = visitor.go(f"{reverse('admin:worklink_sheet')}?ids={','.join(str(each.pk) for each in orders)},0")
    page.get_by_label("Link template").select_option(label="Work instructions")
    page.get_by_label("Form of the links").select_option("both")
    faults = faults_of(visitor, "sheet-ask")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Make the sheet").click()
    sheet = opened.value
    sheet.wait_for_load_state("networkidle")
    sheet.set_viewport_size({"width": 1000, "height": 1300})
    save(sheet, "sheet")
    if folder := os.environ.get("SCREENSHOTS"):
        sheet.pdf(path=f"{folder}/sheet.pdf", prefer_css_page_size=True)
    links = [link for order in orders for link in IssuedLink.objects.filter(work_order=order)]

    assert read(sheet.screenshot(full_page=True)) == {url_of(link, form) for link in links for form in FORMS}
    assert violations(sheet) == []
    assert faults == []
    assert visitor.complaints == []


def hosted(browser: Browser, **options: Any) -> Page:
    return browser.new_context(viewport={"width": 360, "height": 740}, **options).new_page()


def test_the_hosted_page_on_a_phone_without_script(browser: Browser, live_server: Any, orders: list[WorkOrder]) -> None:
    for template in LinkTemplate.objects.exclude(name="By asset"):
        issue(template, orders[0])
    (address,) = LinkPage.objects.values_list("token", flat=True)
    page, complaints = hosted(browser, java_script_enabled=False, locale="fr-FR"), []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(f"{live_server.url}/l/{address}/")
    page.locator("summary").first.click()
    page.locator(".qr").first.wait_for(state="visible")
    page.wait_for_load_state("networkidle")
    save(page, "link-page-fr")

    offers = {offer.template.name: offer.link for offer in links_of(orders[0], issuing=False)}
    heights = [box["height"] for each in page.locator("a.button, summary").all() if (box := each.bounding_box())]
    assert min(heights) >= 56
    assert page.get_by_role("link", name="Ouvrir dans l’application").count() == 2
    first = offers["Call an expert"]
    assert first
    assert read(page.locator(".qr").first.screenshot()) == {url_of(first)}
    assert page.context.cookies() == []
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_hosted_page_is_readable(browser: Browser, live_server: Any, orders: list[WorkOrder], theme: Any) -> None:
    issue(LinkTemplate.objects.get(name="Work instructions"), orders[1])
    page = hosted(browser, color_scheme=theme, bypass_csp=True)  # so that axe may run in it

    for name, path in {"link-page": f"/l/{LinkPage.objects.get().token}/", "link-page-missing": "/l/x/"}.items():
        page.goto(live_server.url + path)
        save(page, f"{name}-{theme}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
