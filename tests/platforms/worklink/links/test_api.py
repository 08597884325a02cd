"""Links over HTTP: issued once, read without issuing, their codes read again by another library."""

import io
from typing import Any

import pytest
import zxingcpp
from django.core.cache import cache
from django.test import Client
from PIL import Image

from integrations.connections.models import Connection
from integrations.events.models import Event
from integrations.platforms.worklink.models import IssuedLink
from integrations.workorders.models import WorkOrder
from tests.api.calling import Call, caller
from tests.platforms.worklink.links.making import make_cms, make_erp, make_order, make_template
from tests.platforms.worklink.links.test_grammar import VECTORS

pytestmark = pytest.mark.django_db
LINKS = "/api/v1/deep-links/"


@pytest.fixture(autouse=True)
def _nobody_called_yet() -> None:
    cache.clear()


@pytest.fixture
def call(client: Client) -> Call:
    return caller(client)


@pytest.fixture
def erp() -> Connection:
    return make_erp()


@pytest.fixture
def cms(erp: Connection) -> Connection:
    return make_cms()


@pytest.fixture
def order(erp: Connection) -> WorkOrder:
    return make_order(erp)


def test_a1_a_link_is_issued_once_and_is_the_vector(call: Call, cms: Connection, order: WorkOrder) -> None:
    make_template(cms, slug="pumps", with_lnk=False)
    asked = {"work_order": order.pk, "template": "pumps"}

    first, again = call("post", LINKS, asked), call("post", LINKS, asked)

    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    told = first.json()
    assert (told["direct"], told["deferred"]) == VECTORS["V1"][1:]
    assert (told["form"], told["url"], told["target"]) == ("deferred", told["deferred"], "asset=PUMP-77")
    assert (told["work_order"], told["external_data"]) == (order.pk, {"work_order_id": "WO-000981"})
    assert told["code"]["refusal"] is None
    assert Event.objects.filter(type="link.issued").count() == 1


def test_an_order_is_named_as_its_system_calls_it_and_a_template_by_its_purpose(
    call: Call, cms: Connection, order: WorkOrder
) -> None:
    make_template(cms)
    asked = {"system": "erp", "external_id": "WO-000981", "purpose": "CATALOG_ASSET", "form": "direct"}

    told = call("post", LINKS, asked).json()

    assert (told["work_order"], told["form"], told["url"]) == (order.pk, "direct", told["direct"])
    assert told["url"].endswith(f"&lnk={told['lnk']}")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "work_order"),
        ({"work_order": 1}, "template"),
        ({"work_order": 1, "template": "a", "purpose": "SCENARIO"}, "template"),
        ({"system": "erp", "template": "pumps"}, "work_order"),
        ({"work_order": 1, "system": "erp", "external_id": "x", "template": "pumps"}, "work_order"),
        ({"work_order": 1, "external_id": "x", "template": "pumps"}, "work_order"),
        ({"work_order": 999_999, "template": "pumps"}, "work_order"),
        ({"system": "nobody", "external_id": "x", "template": "pumps"}, "system"),
        ({"system": "erp", "external_id": "nothing", "template": "pumps"}, "external_id"),
        ({"system": "erp", "external_id": "WO-000981", "template": "valves"}, "template"),
        ({"system": "erp", "external_id": "WO-000981", "purpose": "SCENARIO"}, "purpose"),
        ({"system": "erp", "external_id": "WO-000981", "template": "pumps", "connection": "no"}, "template"),
        ({"system": "erp", "external_id": "WO-000981", "template": "pumps", "form": "short"}, "form"),
        ({"system": "erp", "external_id": "WO-000981", "template": "pumps", "colour": "red"}, "colour"),
    ],
)
def test_what_is_not_asked_well_is_refused_by_field(
    call: Call, cms: Connection, order: WorkOrder, asked: Any, field: str
) -> None:
    make_template(cms, slug="pumps")

    answer = call("post", LINKS, asked)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not IssuedLink.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("template", "values", "code"),
    [({}, {"asset": ""}, "missing_target"), ({"longest": 150}, {"asset": "x" * 100}, "too_long")],
)
def test_what_cannot_be_linked_is_refused_by_name(
    call: Call, cms: Connection, erp: Connection, template: Any, values: Any, code: str
) -> None:
    make_template(cms, slug="pumps", **template)
    order = make_order(erp, **values)

    answer = call("post", LINKS, {"work_order": order.pk, "template": "pumps"})

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["code"] == code
    assert not IssuedLink.objects.exists()


def test_a_purpose_of_several_templates_needs_a_name(call: Call, cms: Connection, order: WorkOrder) -> None:
    for slug in ("one", "two"):
        make_template(cms, slug=slug)
    asked = {"work_order": order.pk, "purpose": "CATALOG_ASSET"}

    answer = call("post", LINKS, asked)

    assert (answer.status_code, answer.json()["code"]) == (409, "ambiguous_template")
    assert not IssuedLink.objects.exists()


def test_reading_the_links_of_an_order_issues_nothing(call: Call, cms: Connection, order: WorkOrder) -> None:
    make_template(cms, slug="pumps", name="A")
    make_template(cms, slug="tiny", name="B", longest=100, form="direct", external_data=[["note", "x" * 200]])
    address = f"/api/v1/work-orders/{order.pk}/links/"

    before = call("get", address).json()["results"]
    assert [(each["template"], each["link"]) for each in before] == [("pumps", None), ("tiny", None)]
    assert (before[0]["refusal"], before[1]["refusal"]["code"]) == (None, "too_long")
    assert not IssuedLink.objects.exists()
    assert not Event.objects.exists()

    issued = call("post", LINKS, {"work_order": order.pk, "template": "pumps"}).json()
    assert call("get", address).json()["results"][0]["link"] == issued
    assert call("get", f"{LINKS}{issued['id']}/").json() == issued


@pytest.mark.parametrize("form", ["direct", "deferred"])
def test_a_code_is_read_again_as_the_link(call: Call, cms: Connection, order: WorkOrder, form: str) -> None:
    make_template(cms, slug="pumps")
    told = call("post", LINKS, {"work_order": order.pk, "template": "pumps", "form": form}).json()
    paths = {kind: told["code"][kind].partition("testserver")[2] or told["code"][kind] for kind in ("svg", "png")}

    png, svg = call("get", paths["png"], headers={"Accept": "image/*"}), call("get", paths["svg"])

    assert (png.status_code, png["Content-Type"], svg["Content-Type"]) == (200, "image/png", "image/svg+xml")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.content)))
    assert found.text == told["url"] == told[form]
    assert svg.content.startswith(b"<svg ")


def test_a7_a_link_that_no_code_holds_is_issued_still(call: Call, cms: Connection, order: WorkOrder) -> None:
    make_template(cms, slug="pumps", longest=8000, external_data=[["note", "x" * 2400]])

    told = call("post", LINKS, {"work_order": order.pk, "template": "pumps"})
    drawn = call("get", f"{LINKS}{told.json()['id']}/qr.png")

    assert (told.status_code, told.json()["code"]["refusal"]["code"]) == (201, "too_long")
    assert len(told.json()["url"]) > 2400
    assert (drawn.status_code, drawn["Content-Type"], drawn.json()["code"]) == (
        409,
        "application/problem+json",
        "too_long",
    )


def test_a6_a_dense_code_says_so(call: Call, cms: Connection, order: WorkOrder) -> None:
    make_template(cms, slug="pumps", external_data=[["note", "x" * 200]])

    told = call("post", LINKS, {"work_order": order.pk, "template": "pumps"}).json()

    assert told["code"]["warning"].startswith("Dense code:")


@pytest.mark.parametrize("query", ["pixels=3", "pixels=41", "pixels=x", "form=short", "colour=red"])
def test_a_code_is_drawn_only_as_it_can_be(call: Call, cms: Connection, order: WorkOrder, query: str) -> None:
    make_template(cms, slug="pumps")
    told = call("post", LINKS, {"work_order": order.pk, "template": "pumps"}).json()

    answer = call("get", f"{LINKS}{told['id']}/qr.png?{query}")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_sessions_are_found_by_their_link(call: Call, cms: Connection) -> None:
    answer = call("get", "/api/v1/sessions/?link_check=edited&link_check=foreign&after_close=true")

    assert (answer.status_code, answer.json()["results"]) == (200, [])
