"""Giving out links (A1 to A3, A5, A7): once for each content, for many orders at once."""

from typing import Any

import pytest

from integrations.connections.models import Connection, Workspace
from integrations.events.models import Event
from integrations.platforms.worklink.links.grammar import Target, parse
from integrations.platforms.worklink.links.issuing import code_of, issue, issue_many, links_of, links_of_many, url_of
from integrations.platforms.worklink.links.purposes import Purpose
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import IssuedLink, LinkTemplate
from tests.platforms.worklink.links.making import V1, V2, V3, make_cms, make_erp, make_order, make_template
from tests.platforms.worklink.links.test_grammar import VECTORS

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp() -> Connection:
    return make_erp()


@pytest.fixture
def cms(erp: Connection) -> Connection:
    return make_cms()


def refusal_of(template: LinkTemplate, order: Any) -> str:
    """Return the name of the refusal; nothing was given out."""
    with pytest.raises(LinkRefused) as refused:
        issue(template, order)
    assert not IssuedLink.objects.exists()
    assert not Event.objects.exists()
    return refused.value.code


@pytest.mark.parametrize(
    ("vector", "template", "order"),
    [
        ("V1", V1, {}),
        ("V2", V2, {"key": "WO 7/8 & spare", "site": "Zürich #2"}),
        ("V3", V3, {"key": "500A", "asset": "42"}),
    ],
)
def test_a1_a2_a3_an_issued_link_is_the_vector_and_its_proof(
    cms: Connection, erp: Connection, vector: str, template: Any, order: Any
) -> None:
    _, direct, deferred = VECTORS[vector]
    made = make_order(erp, **order)

    plain = issue(make_template(cms, **template, with_lnk=False), made)
    proved = issue(make_template(cms, **template), made)

    assert (url_of(plain, "direct"), url_of(plain, "deferred")) == (direct, deferred)
    assert (url_of(proved, "direct"), url_of(proved)) == (
        f"{direct}&lnk={proved.lnk}",
        f"{deferred}%26lnk%3D{proved.lnk}",
    )
    assert len(proved.lnk) >= 16
    assert parse(url_of(proved)).external_data == proved.external_data


def test_a5_the_data_of_a_pasted_link_stays_inside_the_wrapped_one(cms: Connection, erp: Connection) -> None:
    pasted = "https://getworklink.com/deferred?deep_link=worklink%3A%2F%2Fresource%3Faction%3Dfetch_scenario%26scenario%3D7%26c%3D1"
    issued = issue(
        make_template(cms, base_link=pasted, external_data=[["site", "{site}"]]), make_order(erp, site="Bern")
    )

    link = parse(url_of(issued))
    assert (link.form, link.target, link.warnings) == ("deferred", Target("scenario", "7"), ())
    assert link.external_data == {"c": "1", "work_order_id": "WO-000981", "site": "Bern", "lnk": issued.lnk}


def test_a7_a_link_without_a_code_is_offered_still(cms: Connection, erp: Connection) -> None:
    template = make_template(cms, longest=8000, external_data=[["note", "x" * 2400]])

    issued = issue(template, make_order(erp))

    assert len(url_of(issued)) > 2400
    with pytest.raises(LinkRefused) as refused:
        code_of(issued).svg()
    assert refused.value.code == "too_long"


def test_the_same_content_is_the_same_link(cms: Connection, erp: Connection) -> None:
    template, order = make_template(cms), make_order(erp)

    first, again = issue(template, order), issue(template, order)

    assert (again.pk, again.lnk, again.direct) == (first.pk, first.lnk, first.direct)
    event = Event.objects.get()
    assert (event.type, event.source_type, event.source_id) == ("link.issued", "worklink.link", str(first.pk))
    assert event.payload["records"] == {str(erp.pk): "WO-000981"}
    assert event.subject == order.subject


def test_a_changed_order_has_a_new_link_and_the_older_stays(cms: Connection, erp: Connection) -> None:
    template, order = make_template(cms), make_order(erp)
    first = issue(template, order)
    order.asset = "GEN-9"
    order.save()

    second = issue(template, order)

    assert second.lnk != first.lnk
    assert set(IssuedLink.objects.values_list("target_value", flat=True)) == {"PUMP-77", "GEN-9"}
    order.asset = "PUMP-77"
    assert issue(template, order).pk == first.pk
    assert Event.objects.count() == 2


def test_what_is_empty_is_left_out_of_the_data(cms: Connection, erp: Connection) -> None:
    template = make_template(cms, external_data=[["site", "{site}"], ["kind", "pump"]])

    assert "site" not in issue(template, make_order(erp)).external_data


def test_the_system_of_record_is_named_where_the_key_would_lead_elsewhere(erp: Connection, cms: Connection) -> None:
    crm = make_erp(slug="crm")
    order = make_order(crm, "C-1")

    issued = issue(make_template(cms, system=crm), order)

    assert issued.external_data == {"work_order_id": "C-1", "sor": "crm", "lnk": issued.lnk}


@pytest.mark.parametrize(
    ("template", "order", "code"),
    [
        ({}, {"asset": ""}, "missing_target"),
        ({"enabled": False}, {}, "disabled"),
        ({"longest": 150}, {"asset": "x" * 60}, "too_long"),
        ({"longest": 100, "form": "direct"}, {"asset": "x" * 60}, "too_long"),
    ],
)
def test_what_cannot_be_given_out_is_refused_by_name(
    cms: Connection, erp: Connection, template: Any, order: Any, code: str
) -> None:
    assert refusal_of(make_template(cms, **template), make_order(erp, **order)) == code


def test_an_order_that_the_system_of_record_does_not_know_has_no_link(cms: Connection, erp: Connection) -> None:
    assert refusal_of(make_template(cms), make_order(make_erp(slug="crm"))) == "no_key"


def test_an_order_of_another_workspace_has_no_link(cms: Connection, erp: Connection) -> None:
    other = make_erp(slug="other", workspace=Workspace.objects.create(slug="else", name="Else"))

    assert refusal_of(make_template(cms), make_order(other)) == "other_workspace"
    assert links_of(make_order(other, "WO-2")) == []


def test_an_order_has_an_offer_or_a_reason_for_each_template(cms: Connection, erp: Connection) -> None:
    by_asset = make_template(cms, name="A")
    contacts = make_template(cms, name="B", purpose=Purpose.CONTACT_LIST)
    make_template(cms, name="C", enabled=False)

    offers = links_of(make_order(erp, asset=""))

    assert [each.template for each in offers] == [by_asset, contacts]
    assert offers[0].link is None
    assert (offers[0].refusal and offers[0].refusal.code) == "missing_target"
    assert offers[1].link is not None


def test_looking_gives_nothing_out(cms: Connection, erp: Connection) -> None:
    template, order = make_template(cms), make_order(erp)

    (before,) = links_of(order, issuing=False)
    assert (before.link, before.refusal) == (None, None)
    assert not IssuedLink.objects.exists()

    issued = issue(template, order)
    (after,) = links_of(order, issuing=False)
    assert after.link == issued


def test_many_orders_cost_as_many_queries_as_one(
    cms: Connection, erp: Connection, django_assert_max_num_queries: Any
) -> None:
    for name in "AB":
        make_template(cms, name=name)
    orders = [make_order(erp, f"WO-{number}", asset=f"P-{number}") for number in range(40)]

    with django_assert_max_num_queries(9):
        found = links_of_many(orders)

    assert IssuedLink.objects.count() == Event.objects.count() == 80
    assert {len(offers) for offers in found.values()} == {2}
    with django_assert_max_num_queries(6):
        again = links_of_many(orders)
    assert again == found
    assert Event.objects.count() == 80


def test_one_template_for_many_orders(cms: Connection, erp: Connection) -> None:
    orders = [make_order(erp, f"WO-{number}") for number in range(3)]

    offers = issue_many([make_template(cms)], orders)

    assert [each.work_order for each in offers] == orders
    assert len({each.link.lnk for each in offers if each.link}) == 3
