"""Links that were built, opened by an app that reads them in its own way (A3, A8, A9)."""

from typing import Any
from urllib.parse import quote

import pytest
import requests

from integrations.platforms.worklink.links.grammar import DEFERRED, Link, Target, build
from tests.platforms.worklink.links.test_grammar import VECTORS, as_form
from tests.simulators.running import RunningWorkLink


@pytest.fixture
def site(cms_server: RunningWorkLink) -> RunningWorkLink:
    cms_server.control.reset()
    return cms_server


def post(site: RunningWorkLink, path: str, **values: Any) -> Any:
    return requests.post(f"{site.url}/_sim/{path}", json=values, timeout=10)


@pytest.mark.parametrize("form", ["direct", "deferred"])
def test_a3_lists_and_inner_values_come_back_with_the_session(site: RunningWorkLink, form: str) -> None:
    opened = post(site, "open", url=build(as_form(VECTORS["V3"][0], form))).json()["result"]
    session = post(site, "sessions", handle=opened["handle"]).json()["result"]

    data = site.control.session(session)["externalData"]
    assert data == {"work_order_id": "500A", "serials": ["SN-11", "SN-12"], "ctx": {"line": "3"}}


def test_a8_the_scenarios_of_the_catalog_are_offered(site: RunningWorkLink) -> None:
    opened = site.control.open_link(build(Link("fetch_catalog", Target("asset", "42"))))

    catalog = next(each for each in site.control.state.nodes.all("ScenarioCatalog") if each["externalAssetId"] == "42")
    assert opened.scenarios == catalog["_scenarios"] != []
    assert opened.contacts == []


def test_a9_without_a_catalog_nothing_begins(site: RunningWorkLink) -> None:
    answer = post(site, "open", url=build(Link("fetch_catalog", Target("asset", "NOPE"))))

    assert (answer.status_code, answer.json()) == (400, {"error": "LinkNotOpened: catalog not found"})
    assert site.control.state.nodes.all("ScenarioSession") == []
    assert site.control.webhooks() == []


def test_a_link_to_one_user_calls_him_and_one_to_the_list_offers_all(site: RunningWorkLink) -> None:
    users = site.control.state.nodes.all("User")
    one = site.control.open_link(build(Link("fetch_user", Target("user", users[2]["callId"]), {"case_id": "C-1"})))
    everyone = site.control.open_link(build(Link("fetch_company_contact")))
    call = site.control.call(site.control.start_call(handle=one.handle))

    assert one.contacts == [users[2]["callId"]]
    assert len(everyone.contacts) == len(users)
    assert (call["_callee"], call["externalData"]) == (users[2]["id"], {"case_id": "C-1"})


def test_the_deferred_page_opens_the_link_in_the_app_or_here(site: RunningWorkLink) -> None:
    direct = VECTORS["V2"][1]
    page = requests.get(f"{site.url}/deferred", params={"deep_link": direct}, timeout=10).text

    assert f'href="{direct.replace("&", "&amp;")}"' in page
    assert f'action="/_sim/open?url={quote(direct, safe="")}"' in page
    assert build(as_form(VECTORS["V2"][0], "deferred")) == f"{DEFERRED}?deep_link={quote(direct, safe='')}"
    opened = requests.post(f"{site.url}/_sim/open", params={"url": direct}, timeout=10)
    assert opened.json()["result"]["external_data"] == VECTORS["V2"][0].external_data
