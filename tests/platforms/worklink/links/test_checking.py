"""Sessions and calls know which issued link they were started from (E24, E25; A3, A8, A9 with issued links)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.core.registries import timeline
from integrations.events.models import Event
from integrations.platforms.worklink.links.issuing import issue, url_of
from integrations.platforms.worklink.links.purposes import Purpose
from integrations.platforms.worklink.models import CallSession, IssuedLink, LinkTemplate, ScenarioSession
from integrations.workorders import services as workorders
from integrations.workorders.models import Join, WorkOrder
from tests.platforms.worklink.house import House
from tests.platforms.worklink.links.making import V3, make_cms, make_template
from tests.simulators.worklink.links import LinkNotOpened

pytestmark = pytest.mark.django_db


def put(house: House, **values: Any) -> WorkOrder:
    told = {"asset": "PUMP-77"} | values
    put = workorders.put_work_order(system=house.erp, external_id="WO-000981", values=told, now=timezone.now())
    return put.work_order


def issued(house: House, template: LinkTemplate | None = None, **values: Any) -> IssuedLink:
    return issue(template or make_template(house.connection), put(house, **values))


def run(house: House, url: str) -> ScenarioSession:
    """Open a link in the app, run a session to its end, and let everything follow."""
    session = house.cms.start_session(handle=house.cms.open_link(url).handle)
    house.cms.view_steps(session, count=5)
    house.cms.finish_session(session)
    house.work()
    return house.session()


@pytest.mark.parametrize("form", ["direct", "deferred"])
def test_a_session_from_an_issued_link_is_joined_and_known_as_such(house: House, form: str) -> None:
    link = issued(house)

    row = run(house, url_of(link, form))

    assert (row.link_check, row.link_note, row.issued_link) == ("issued", "", link)
    assert row.subject == link.work_order.subject
    assert Event.objects.get(type="session.joined").payload["link_check"] == "issued"
    assert any("Started from an issued link." in entry.note for entry in timeline(row.subject))
    assert any(entry.kind == "link" for entry in timeline(row.subject))


def test_a3_lists_and_inner_values_come_back_as_issued(house: House) -> None:
    link = issued(house, make_template(house.connection, **V3), asset="42")

    row = run(house, url_of(link))

    assert row.external_data == link.external_data
    assert row.external_data["serials"] == ["SN-11", "SN-12"]
    assert row.link_check == "issued"


def test_a8_the_scenarios_of_the_assets_catalog_are_offered(house: House) -> None:
    opened = house.cms.open_link(url_of(issued(house, asset="42")))

    assert opened.scenarios


def test_a9_an_asset_without_a_catalog_begins_nothing(house: House) -> None:
    with pytest.raises(LinkNotOpened, match="catalog not found"):
        house.cms.open_link(url_of(issued(house, asset="NOPE")))
    house.work()

    assert not ScenarioSession.objects.exists()
    assert not Join.objects.exists()
    assert house.cms.webhooks() == []


def test_e25_an_edited_key_is_noticed_and_still_joined(house: House) -> None:
    link = issued(house)

    row = run(house, url_of(link, "direct").replace("WO-000981", "WO-000982"))

    assert (row.link_check, row.issued_link) == ("edited", link)
    assert row.link_note == "“work_order_id” was “WO-000981”, and came as “WO-000982”."
    assert Join.objects.get().key_read == "WO-000982"
    (entry,) = [each for each in timeline(row.subject) if each.kind == "session"]
    assert f"Started from an edited link: {row.link_note}" in entry.note


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        ({}, "none"),
        ({"lnk": "never-issued-by-anyone"}, "foreign"),
        ({"lnk": ["a", "b"]}, "foreign"),
        ({"lnk": 7}, "foreign"),
        ({"lnk": ""}, "foreign"),
    ],
)
def test_what_was_not_issued_here_is_said_and_still_joined(house: House, data: Any, verdict: str) -> None:
    house.run_session({"work_order_id": "WO-000981", **data})
    house.work()

    row = house.session()
    assert (row.link_check, row.issued_link) == (verdict, None)
    assert row.subject


def test_a_link_of_another_cms_is_foreign(house: House) -> None:
    link = issued(house, make_template(make_cms(workspace=house.erp.workspace)))

    assert run(house, url_of(link)).link_check == "foreign"


@pytest.mark.parametrize(
    ("data", "verdict", "note"),
    [
        ({"asset": "PUMP-77", "action": "fetch_catalog", "more": "x"}, "issued", ""),
        ({"site": None}, "edited", "“site” is gone."),
        ({"site": "bern"}, "edited", "“site” was “Bern”, and came as “bern”."),
        ({"site": ["Bern"]}, "edited", "“site” was “Bern”, and came as “['Bern']”."),
    ],
)
def test_only_what_was_issued_is_compared_and_exactly(house: House, data: Any, verdict: str, note: str) -> None:
    template = make_template(house.connection, external_data=[["site", "{site}"]])
    came = issued(house, template, site="Bern").external_data | data

    house.run_session({name: value for name, value in came.items() if value is not None})
    house.work()

    assert (house.session().link_check, house.session().link_note) == (verdict, note)


def test_an_older_link_of_a_changed_order_is_still_an_issued_one(house: House) -> None:
    template = make_template(house.connection)
    older = issued(house, template)
    issued(house, template, asset="GEN-9")

    assert run(house, url_of(older)).link_check == "issued"


def test_a_call_from_an_issued_link_is_known_as_such(house: House) -> None:
    template = make_template(house.connection, purpose=Purpose.CONTACT_LIST)
    link = issued(house, template)
    call = house.cms.start_call(handle=house.cms.open_link(url_of(link)).handle)
    house.cms.connect_call(call)
    house.cms.end_call(call)
    house.work()

    row = CallSession.objects.get()
    assert (row.link_check, row.subject) == ("issued", link.work_order.subject)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "It was not started from an issued link"),
        ({"lnk": "never-issued-by-anyone"}, "It was started from a link that was not issued here"),
        ({"lnk": "real"}, "It was started from an edited link"),
    ],
)
def test_where_only_issued_links_count_the_rest_waits_in_unmatched(house: House, data: Any, reason: str) -> None:
    only_issued(house)
    link = issued(house)
    if data.get("lnk") == "real":
        data = {"lnk": link.lnk, "site": "x"}
    house.run_session({"work_order_id": "WO-000982", **data})
    house.work()

    join = Join.objects.get()
    assert (join.work_order, join.key_read) == (None, "WO-000982")
    assert join.reason.startswith(reason)
    assert not Event.objects.filter(type__startswith="session").exists()
    assert WorkOrder.objects.count() == 1


def test_where_only_issued_links_count_an_issued_one_is_joined(house: House) -> None:
    only_issued(house)

    assert run(house, url_of(issued(house))).subject


def only_issued(house: House) -> None:
    house.connection.settings["issued_links_only"] = True
    house.connection.save()


@pytest.mark.parametrize(
    ("closed", "resolved_before", "after"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_e24_what_begins_after_the_order_was_closed_is_flagged(
    house: House, closed: bool, resolved_before: bool, after: bool
) -> None:
    session = house.run_session()
    began_at = timezone.now()
    put(house, closed=closed, resolved_at=began_at + timedelta(days=-1 if resolved_before else 1))
    house.work()

    row = house.session()
    assert (row.resource_id, row.after_close) == (session, after)
    said = next(each.note for each in timeline(row.subject) if each.kind == "session")
    assert ("It began after the work order was closed." in said) is after


def test_e24_an_operators_choice_of_a_closed_order_is_flagged_too(house: House) -> None:
    order = put(house, closed=True, resolved_at=timezone.now() - timedelta(days=9000))
    house.run_session({})
    house.work()

    workorders.assign(Join.objects.get(), order, by="Ada", now=timezone.now())

    assert house.session().after_close is True
