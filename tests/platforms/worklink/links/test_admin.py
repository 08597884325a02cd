"""Link templates and issued links in the admin: previews, and what is refused at its field (A4 to A7)."""

from typing import Any

import pytest
from django.test import Client

from integrations.connections.models import Connection
from integrations.events.models import Event
from integrations.platforms.worklink.links.issuing import issue, url_of
from integrations.platforms.worklink.models import IssuedLink, LinkTemplate
from integrations.workorders.models import WorkOrder
from tests.platforms.worklink.links.making import make_cms, make_erp, make_order, make_template

pytestmark = pytest.mark.django_db
ADD = "/admin/worklink/linktemplate/add/"
PREVIEW = "/admin/worklink/linktemplate/preview/"


@pytest.fixture
def erp() -> Connection:
    return make_erp()


@pytest.fixture
def cms(erp: Connection) -> Connection:
    return make_cms()


@pytest.fixture
def order(erp: Connection) -> WorkOrder:
    return make_order(erp, site="Bern")


def typed(cms: Connection, **values: Any) -> dict[str, Any]:
    """What a browser sends of the form as it is offered."""
    form = {"connection": cms.pk, "name": "Pumps", "slug": "pumps", "purpose": "CATALOG_ASSET", "base_link": ""}
    return form | {"form": "deferred", "longest": 2000, "with_lnk": "on", "enabled": "on"} | values


def test_a_template_is_added_with_the_usual_link_of_its_purpose(admin_client: Client, cms: Connection) -> None:
    answer = admin_client.post(ADD, typed(cms, external_data="site = {site}\n\nctx[line] = 3"))

    assert answer.status_code == 302
    template = LinkTemplate.objects.get()
    assert template.base_link == "worklink://resource?action=fetch_catalog&asset={asset}"
    assert template.external_data == [["site", "{site}"], ["ctx[line]", "3"]]
    page = admin_client.get(f"/admin/worklink/linktemplate/{template.pk}/change/").content.decode()
    assert "site = {site}\nctx[line] = 3" in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"external_data": "action = x"}, "is a parameter of the link itself"),
        ({"external_data": "no pair"}, "is not written as name = text"),
        ({"external_data": "site = {place}"}, "is no field of a work order"),
        ({"base_link": "https://example.test/"}, "It begins neither with"),
        ({"purpose": "SCENARIO"}, "fetch_scenario needs scenario, with a value."),
        ({"longest": 9000}, "less than or equal to 8000"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_kept(
    admin_client: Client, cms: Connection, values: Any, said: str
) -> None:
    page = admin_client.post(ADD, typed(cms, **values)).content.decode()
    preview = admin_client.post(PREVIEW, typed(cms, **values), headers={"X-Part": "1"}).content.decode()

    assert said in page
    assert said in preview
    assert not LinkTemplate.objects.exists()


def test_a_system_that_is_not_there_is_refused(admin_client: Client) -> None:
    cms = make_cms(settings={"system": "nobody"})

    assert "which is not there" in admin_client.post(ADD, typed(cms)).content.decode()
    assert not LinkTemplate.objects.exists()


def test_a_preview_takes_the_link_of_a_chosen_order_apart_and_issues_nothing(
    admin_client: Client, cms: Connection, erp: Connection, order: WorkOrder
) -> None:
    make_order(erp, "WO-2", asset="GEN-9")
    data = typed(cms, external_data="site = {site}\nwho = {assignee}", preview_order="WO-000981", enabled="")

    page = admin_client.post(PREVIEW, data).content.decode()

    assert "asset = PUMP-77" in page
    assert "<td>site</td><td>Bern</td>" in page
    assert "worklink://resource?action=fetch_catalog&amp;asset=PUMP-77" in page
    assert "https://getworklink.com/deferred?deep_link=worklink%3A%2F%2F" in page
    assert page.count("data:image/svg+xml;base64,") == 2
    assert "The link names a person" in page
    assert not IssuedLink.objects.exists()
    assert not LinkTemplate.objects.exists()
    assert not Event.objects.exists()


def test_a6_a7_a_preview_warns_of_dense_and_impossible_codes(
    admin_client: Client, cms: Connection, order: WorkOrder
) -> None:
    dense = admin_client.post(PREVIEW, typed(cms, external_data=f"note = {'x' * 200}")).content.decode()
    impossible = admin_client.post(PREVIEW, typed(cms, external_data=f"note = {'x' * 2400}", longest=8000))

    assert "dense code" in dense
    assert "A QR code at level M holds 2,331 bytes" in impossible.content.decode()
    assert "x" * 2400 in impossible.content.decode(), "the link itself is still offered"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"preview_order": "WO-9"}, "No work order is called “WO-9” here."),
        ({}, "There is no work order of this system of record yet."),
    ],
)
def test_a_preview_without_an_order_says_so(admin_client: Client, cms: Connection, values: Any, said: str) -> None:
    assert said in admin_client.post(PREVIEW, typed(cms, **values)).content.decode()


def test_a_preview_says_why_an_order_has_no_link(admin_client: Client, cms: Connection, erp: Connection) -> None:
    make_order(erp, asset="")

    page = admin_client.post(PREVIEW, typed(cms)).content.decode()

    assert "and the order has no asset." in page
    assert "missing_target" in page


def test_a_template_that_is_there_is_previewed_as_typed_and_stays(
    admin_client: Client, cms: Connection, order: WorkOrder
) -> None:
    template = make_template(cms)
    there = f"/admin/worklink/linktemplate/{template.pk}/preview/"

    page = admin_client.post(there, typed(cms, external_data="kind = pump")).content.decode()

    assert "<td>kind</td><td>pump</td>" in page
    template.refresh_from_db()
    assert template.external_data == []
    assert admin_client.post("/admin/worklink/linktemplate/999/preview/", typed(cms)).status_code == 404


def test_who_may_only_look_gets_no_preview(client: Client, django_user_model: Any, cms: Connection) -> None:
    client.force_login(django_user_model.objects.create_user("eve", is_staff=True))

    assert client.post(PREVIEW, typed(cms)).status_code == 403


def test_an_issued_link_is_shown_and_cannot_be_changed(admin_client: Client, cms: Connection, order: WorkOrder) -> None:
    issued = issue(make_template(cms), order)

    page = admin_client.get(f"/admin/worklink/issuedlink/{issued.pk}/change/").content.decode()
    found = admin_client.get("/admin/worklink/issuedlink/?q=WO-000981").content.decode()

    assert url_of(issued) in page.replace("&amp;", "&")
    assert issued.lnk in found
    assert admin_client.post(f"/admin/worklink/issuedlink/{issued.pk}/delete/").status_code == 403
    assert IssuedLink.objects.exists()


def test_a_template_that_issued_links_is_not_deleted(admin_client: Client, cms: Connection, order: WorkOrder) -> None:
    template = make_template(cms)
    issue(template, order)

    admin_client.post(f"/admin/worklink/linktemplate/{template.pk}/delete/", {"post": "yes"})

    assert LinkTemplate.objects.exists()
