"""The hosted link page: whoever has its address sees the links, and nobody else sees anything."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from integrations.connections.models import Connection
from integrations.platforms.worklink.api.link_serializers import answer_of
from integrations.platforms.worklink.links import pages
from integrations.platforms.worklink.links.context import load_link
from integrations.platforms.worklink.links.issuing import issue, url_of
from integrations.platforms.worklink.models import IssuedLink, LinkPage
from integrations.platforms.worklink.views import MISSES
from integrations.workorders.models import WorkOrder
from tests.platforms.worklink.links.drawn import read_svg
from tests.platforms.worklink.links.making import V2, make_cms, make_erp, make_order, make_template

pytestmark = pytest.mark.django_db
HOSTED = {"system": "erp", "host_pages": True}
EVIL = '"><script>alert(1)</script><a href="javascript:alert(1)'


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    cache.clear()


@pytest.fixture
def erp() -> Connection:
    return make_erp()


def opened(erp: Connection, order: Any = None, **settings: Any) -> tuple[LinkPage, IssuedLink]:
    cms = make_cms(settings=HOSTED | settings)
    issued = issue(make_template(cms, name="Instructions", **V2), make_order(erp, **(order or {})))
    return LinkPage.objects.get(), issued


def read(path: str, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def path_of(page: LinkPage) -> str:
    return page.address.removeprefix("http://localhost:8000")


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_the_links_of_the_order_are_there_in_both_forms(erp: Connection) -> None:
    page, issued = opened(erp, {"title": "Pump <3> leaks", "asset": "PUMP-77", "site": "Zürich #2"})

    answer = read(path_of(page))

    shown = text_of(answer)
    assert answer.status_code == 200
    assert "WO-000981" in shown
    assert "Pump &lt;3&gt; leaks" in shown
    assert re.findall(r'class="button [a-z]*" href="([^"]+)"', shown) == [
        url_of(issued, form).replace("&", "&amp;") for form in ("deferred", "direct")
    ]
    assert "PUMP-77" not in shown.replace("PUMP-77%", "")
    assert "<script" not in shown


def test_the_code_is_the_link_in_the_form_of_its_template(erp: Connection) -> None:
    page, issued = opened(erp, {"site": "Zürich #2"})
    (src,) = re.findall(r'<img class="qr" src="([^"]+)"', text_of(read(path_of(page))))

    code = read(src)

    assert code["Content-Type"] == "image/svg+xml"
    assert read_svg(code.content) == url_of(issued, "deferred")
    assert read(src.replace(f"/{issued.pk}.svg", f"/{issued.pk + 1}.svg")).status_code == 404


def test_what_it_shows_and_offers_is_chosen_on_the_connection(erp: Connection) -> None:
    page, issued = opened(erp, {"title": "Secret", "asset": "PUMP-77"}, page_shows=["asset"], page_templates=["other"])

    shown = text_of(read(path_of(page)))

    assert "Asset</dt><dd>PUMP-77" in shown
    assert "Secret" not in shown
    assert issued.lnk not in shown
    assert "There is no link for this work order at the moment." in shown


def test_nothing_that_an_order_holds_becomes_markup(erp: Connection) -> None:
    everything = dict.fromkeys(("title", "asset", "site", "status", "assignee", "priority"), EVIL[:60])
    page, _ = opened(erp, {"key": EVIL, **everything}, page_shows=list(everything))

    shown = text_of(read(path_of(page)))

    assert shown.count("&lt;script&gt;") >= 6
    assert "<script" not in shown
    assert 'href="javascript' not in shown


def test_reading_gives_nothing_out_and_an_outgrown_link_is_not_shown(erp: Connection) -> None:
    page, issued = opened(erp, {"site": "Bern"})
    WorkOrder.objects.update(site="Basel")

    answers = [read(path_of(page)) for _ in range(2)] + [Client().head(path_of(page))]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert issued.lnk not in text_of(answers[0])
    assert IssuedLink.objects.count() == 1
    assert Client().post(path_of(page)).status_code == 405


def test_the_answer_is_kept_nowhere_found_nowhere_and_knows_nobody(erp: Connection) -> None:
    page, _ = opened(erp)
    signed_in = Client()
    signed_in.cookies["sessionid"] = "x" * 32

    for answer in (signed_in.get(path_of(page)), signed_in.get("/l/wrong/")):
        assert answer.cookies == {}
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy


def test_a_french_browser_is_answered_in_french(erp: Connection) -> None:
    page, _ = opened(erp)

    assert "Ouvrir ou installer l’application" in text_of(read(path_of(page), accept_language="fr-CH, en;q=0.5"))
    assert "Cette page n’existe pas" in text_of(read("/l/x/", accept_language="fr"))


@pytest.mark.parametrize("end", ["revoked", "expired", "renewed", "not hosted"])
def test_an_address_that_ended_answers_as_one_that_never_was(erp: Connection, end: str) -> None:
    page, issued = opened(erp)
    old, now = path_of(page), timezone.now()
    if end == "revoked":
        pages.revoke(page, now=now)
    elif end == "expired":
        LinkPage.objects.update(expires_at=now)
    elif end == "renewed":
        pages.renew(page, now=now)
    else:
        Connection.objects.filter(platform="worklink").update(settings={"system": "erp"})

    gone, never = read(old), read(f"/l/{'A' * 43}/")

    assert gone.status_code == never.status_code == 404
    assert gone.content == never.content
    assert issued.lnk not in text_of(gone)
    assert read(f"{old}{issued.pk}.svg").status_code == 404
    if end == "renewed":
        assert read(path_of(LinkPage.objects.get())).status_code == 200


@pytest.mark.parametrize("token", ["x", "A" * 42, "A" * 44, "%00" * 43, "é" * 43, "1", "../" * 3, "A" * 5000])
def test_a_forged_address_is_not_here(erp: Connection, token: str) -> None:
    opened(erp)

    assert read(f"/l/{token}/").status_code == 404


def test_an_address_tells_nothing_and_is_given_once_per_order(erp: Connection) -> None:
    page, issued = opened(erp)
    other = make_order(erp, "WO-2")
    issue(issued.template, other)
    issue(make_template(issued.template.connection), other)

    rows = list(LinkPage.objects.order_by("pk"))
    assert [row.work_order_id for row in rows] == [issued.work_order_id, other.pk]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", row.token) for row in rows)
    assert len({row.token for row in rows}) == 2
    assert pages.addresses_of([issued], now=timezone.now()) == {issued.pk: page.address}


def test_no_page_is_hosted_unless_the_connection_says_so(erp: Connection) -> None:
    issued = issue(make_template(make_cms(), **V2), make_order(erp))

    assert not LinkPage.objects.exists()
    assert pages.addresses_of([issued], now=timezone.now()) == {}


def test_a_page_ends_after_the_days_of_its_connection_and_a_revoked_one_stays_closed(erp: Connection) -> None:
    page, issued = opened(erp, page_days=7)
    assert page.expires_at
    assert timedelta(days=6, hours=23) < page.expires_at - timezone.now() < timedelta(days=7)
    pages.revoke(page, now=timezone.now())

    issue(make_template(issued.template.connection), issued.work_order)

    assert LinkPage.objects.get().revoked_at is not None
    assert read(path_of(page)).status_code == 404


def test_who_guesses_is_slowed_down_and_who_has_the_address_is_not(erp: Connection) -> None:
    page, _ = opened(erp)

    answers = [read("/l/guess/") for _ in range(MISSES + 1)]

    assert [answer.status_code for answer in answers] == [404] * MISSES + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert read(path_of(page)).status_code == 200


def test_mappings_and_programs_are_told_the_address(erp: Connection) -> None:
    page, issued = opened(erp)
    assert load_link(str(issued.pk))["link"]["page"] == answer_of(issued)["page"] == page.address

    pages.revoke(page, now=timezone.now())

    assert load_link(str(issued.pk))["link"]["page"] == answer_of(issued)["page"] == ""
