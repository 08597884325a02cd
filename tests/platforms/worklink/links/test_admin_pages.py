"""The links' box of a work order, its codes, the sheet for many orders, the snippets and the list of hosted pages."""

import io
import re
from typing import Any

import pytest
import zxingcpp
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from PIL import Image

from integrations.connections.models import Connection
from integrations.platforms.worklink.links.issuing import issue, url_of
from integrations.platforms.worklink.models import IssuedLink, LinkPage, LinkTemplate
from integrations.workorders.models import WorkOrder
from tests.platforms.worklink.links.drawn import read_svg
from tests.platforms.worklink.links.making import V1, V2, make_cms, make_erp, make_order, make_template

pytestmark = pytest.mark.django_db
EVIL = '"><script>alert(1)</script>{{7*7}}'


@pytest.fixture
def anna() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("anna", password="x"))
    return client


@pytest.fixture
def order() -> WorkOrder:
    return make_order(make_erp(), site="Zürich #2")


@pytest.fixture
def template(order: WorkOrder) -> LinkTemplate:
    return make_template(make_cms(settings={"system": "erp", "host_pages": True}), name="Instructions", **V2)


def viewer(*rights: str) -> Client:
    user = User.objects.create_user("vera", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_workorder", *rights]))
    client = Client()
    client.force_login(user)
    return client


def page_of(order: WorkOrder) -> str:
    return reverse("admin:workorders_workorder_change", args=[order.pk])


def shown(client: Client, path: str, **given: Any) -> str:
    answer = client.get(path, given)
    assert answer.status_code == 200
    return answer.content.decode()


def do(client: Client, order: WorkOrder, what: str) -> int:
    return client.post(reverse("admin:worklink_order_links", args=[order.pk]), {"links": what}).status_code


def test_a_box_shows_what_was_given_out_and_why_something_cannot_be(
    anna: Client, order: WorkOrder, template: LinkTemplate
) -> None:
    issued = issue(template, order)
    make_template(template.connection, name="By asset", **V1)
    WorkOrder.objects.update(asset="")

    page = shown(anna, page_of(order))

    for form in ("direct", "deferred"):
        assert f'id="link-{issued.pk}-{form}">{url_of(issued, form).replace("&", "&amp;")}<' in page
    assert "cannot be made" in page
    assert "the order has no asset" in page
    assert LinkPage.objects.get().address in page


def test_looking_gives_nothing_out_and_the_button_does(anna: Client, order: WorkOrder, template: LinkTemplate) -> None:
    page = shown(anna, page_of(order))
    assert "not given out yet" in page
    assert not IssuedLink.objects.exists()
    assert not LinkPage.objects.exists()

    assert do(anna, order, "issue") == 302

    assert IssuedLink.objects.get().work_order == order
    assert LinkPage.objects.get().work_order == order
    assert "Give the links out" not in shown(anna, page_of(order))


def test_an_order_of_a_workspace_without_templates_has_no_box(anna: Client, order: WorkOrder) -> None:
    assert "<h2>Links</h2>" not in shown(anna, page_of(order))


def test_who_may_only_look_sees_no_link_without_the_right_and_does_nothing(
    order: WorkOrder, template: LinkTemplate
) -> None:
    issued = issue(template, order)
    before = LinkPage.objects.get().token
    vera = viewer()

    page = shown(vera, page_of(order))

    assert issued.lnk not in page
    assert before not in page
    assert [do(vera, order, each) for each in ("issue", "renew 1", "revoke 1")] == [403] * 3
    assert vera.get(reverse("admin:worklink_code", args=[issued.pk, "direct", "svg"])).status_code == 403
    assert vera.get(reverse("admin:worklink_sheet"), {"ids": order.pk}).status_code == 403
    assert vera.get(reverse("admin:worklink_snippets", args=[template.pk])).status_code == 403
    assert "print_links" not in shown(vera, reverse("admin:workorders_workorder_changelist"))
    assert issued.lnk in shown(viewer_again(vera, "view_issuedlink"), page_of(order))
    assert LinkPage.objects.get().token == before


def viewer_again(client: Client, *rights: str) -> Client:
    user = User.objects.get(username="vera")
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    return client


@pytest.mark.parametrize("form", ["direct", "deferred"])
def test_the_codes_say_the_link(anna: Client, order: WorkOrder, template: LinkTemplate, form: str) -> None:
    issued = issue(template, order)
    svg, png = (anna.get(reverse("admin:worklink_code", args=[issued.pk, form, kind])) for kind in ("svg", "png"))

    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.content)))

    assert read.text == read_svg(svg.content) == url_of(issued, form)
    assert png["Content-Disposition"] == f'attachment; filename="link-{issued.pk}-{form}.png"'
    for form_, kind in (("other", "svg"), (form, "gif")):
        assert anna.get(reverse("admin:worklink_code", args=[issued.pk, form_, kind])).status_code == 404


def test_a_link_too_long_for_a_code_is_shown_without_one(
    anna: Client, order: WorkOrder, template: LinkTemplate
) -> None:
    LinkTemplate.objects.update(longest=8000, external_data=[["note", "x" * 2400]])
    issued = issue(LinkTemplate.objects.get(), order)

    page = shown(anna, page_of(order))

    assert "no QR code" in page
    assert url_of(issued, "direct").replace("&", "&amp;") in page
    assert anna.get(reverse("admin:worklink_code", args=[issued.pk, "direct", "svg"])).status_code == 404


def test_the_page_is_renewed_and_revoked_from_the_order(anna: Client, order: WorkOrder, template: LinkTemplate) -> None:
    issue(template, order)
    first = LinkPage.objects.get()

    assert do(anna, order, f"renew {first.pk}") == 302
    second = LinkPage.objects.get()
    assert second.token != first.token
    assert do(anna, order, f"revoke {first.pk}") == 302
    assert LinkPage.objects.get().revoked_at is not None
    other = make_order(order.external_ids.get().system, "WO-2")
    assert [do(anna, other, f"revoke {first.pk}"), do(anna, order, "renew x"), do(anna, order, "what 1")] == [
        404,
        404,
        404,
    ]


def sheet(client: Client, orders: list[WorkOrder], template: LinkTemplate, *, choice: str = "", **chosen: str) -> str:
    ids = ",".join(str(order.pk) for order in orders)
    given = {"ids": ids, "template": choice or str(template.pk), "form": "", "paper": "a4", "grid": "8"} | chosen
    answer = client.post(reverse("admin:worklink_sheet"), given)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_action_leads_to_the_sheet_which_gives_links_out_and_says_what_it_left_out(
    anna: Client, order: WorkOrder, template: LinkTemplate
) -> None:
    nameless = WorkOrder.objects.create(workspace=order.workspace, title="No key")
    rows = {"action": "print_links", "_selected_action": [order.pk, nameless.pk]}
    led: Any = anna.post(reverse("admin:workorders_workorder_changelist"), rows)
    assert led.status_code == 302
    assert "2 work orders are chosen." in shown(anna, led.url)
    assert not IssuedLink.objects.exists()

    page = sheet(anna, [order, nameless], template)

    issued = IssuedLink.objects.get()
    assert "1 label<" in page
    assert '<p class="key">WO-000981</p>' in page
    assert reverse("admin:worklink_code", args=[issued.pk, "deferred", "svg"]) in page
    assert "1 order could not be printed" in page
    assert "The order has no id in the system of record" in page


def test_both_forms_stand_side_by_side_and_never_smaller_than_scans_well(
    anna: Client, order: WorkOrder, template: LinkTemplate
) -> None:
    both = sheet(anna, [order], template, form="both")
    sides = [float(side) for side in re.findall(r'<svg width="([\d.]+)mm"', both)]
    assert len(sides) == 2
    assert sum(sides) + 3 + 6 <= 95
    assert min(sides) >= 49 * 0.4
    assert all(each in both for each in ("direct.svg", "deferred.svg", ">app<", ">https<"))

    assert "<article" in sheet(anna, [make_order(order.external_ids.get().system, "WO-2")], template, grid="24")

    tight = sheet(anna, [order], template, form="both", grid="24", paper="letter")

    assert "Take fewer labels per page." in tight
    assert "<article" not in tight


@pytest.mark.parametrize(
    "given", [{"ids": ""}, {"ids": "x,1e9"}, {"ids": "9" * 30}, {"ids": "-1"}, {"ids": "999999999"}]
)
def test_a_sheet_of_nothing_leads_back(anna: Client, template: LinkTemplate, given: dict[str, str]) -> None:
    answer: Any = anna.get(reverse("admin:worklink_sheet"), given)

    assert (answer.status_code, answer.url) == (302, reverse("admin:workorders_workorder_changelist"))
    assert not IssuedLink.objects.exists()


@pytest.mark.parametrize("bad", [{"choice": "0"}, {"choice": "x"}, {"paper": "a0"}, {"grid": "7"}, {"form": "x"}])
def test_a_wrong_choice_is_said_and_gives_nothing_out(
    anna: Client, order: WorkOrder, template: LinkTemplate, bad: dict[str, str]
) -> None:
    assert "errornote" in sheet(anna, [order], template, **bad)
    assert not IssuedLink.objects.exists()


def test_too_many_orders_are_refused(anna: Client, order: WorkOrder, template: LinkTemplate) -> None:
    WorkOrder.objects.bulk_create(WorkOrder(workspace=order.workspace) for _ in range(500))
    rows = {"action": "print_links", "_selected_action": [order.pk], "select_across": "1"}

    answer = anna.post(reverse("admin:workorders_workorder_changelist"), rows, follow=True)

    assert "At most 500 orders fit into one sheet." in answer.content.decode()


def test_five_hundred_labels_take_no_more_queries_than_one(
    anna: Client, order: WorkOrder, template: LinkTemplate, django_assert_max_num_queries: Any
) -> None:
    erp = order.external_ids.get().system
    orders = [order, *(make_order(erp, f"WO-{number}") for number in range(499))]

    with django_assert_max_num_queries(45):
        page = sheet(anna, orders, template)

    assert page.count("<article") == 500
    assert page.count('class="sheet"') == 63


def test_nothing_that_an_order_holds_becomes_markup(anna: Client, template: LinkTemplate, order: WorkOrder) -> None:
    erp = Connection.objects.get(slug="erp")
    evil = make_order(erp, EVIL, title=EVIL, asset=EVIL, site=EVIL)
    issue(template, evil)

    for page in (
        sheet(anna, [evil], template),
        shown(anna, page_of(evil)),
        shown(anna, reverse("admin:worklink_linkpage_changelist")),
    ):
        assert "<script>alert" not in page
        assert "49" not in re.findall(r'class="key">([^<]*)<', page)
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize("system", ["salesforce", "servicenow", "maximo", "redmine", "excel", "nonsense"])
def test_snippets_are_shown_with_the_customers_own_names(anna: Client, template: LinkTemplate, system: str) -> None:
    path = reverse("admin:worklink_snippets", args=[template.pk])

    page = shown(anna, path, system=system, **{"name-key": "Q", "name-site": "x'); drop(<b>"})

    assert "no issued link" in page
    assert "is no name of a field" in page
    assert "<b>" not in page
    assert "work_order_id" in page


def test_snippets_warn_where_only_issued_links_are_taken(anna: Client, template: LinkTemplate) -> None:
    path = reverse("admin:worklink_snippets", args=[template.pk])
    assert "waits in Unmatched" not in shown(anna, path)

    Connection.objects.filter(platform="worklink").update(settings={"system": "erp", "issued_links_only": True})

    assert "waits in Unmatched" in shown(anna, path)
