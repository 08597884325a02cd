"""The pages on the platforms: their READMEs, safely rendered, offered where an account or an address is set up."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.core import platforms
from integrations.desk import help
from tests.desk.people import signed_in
from tests.factories import make_connection, make_source

pytestmark = pytest.mark.django_db
SHIPPED = ("worklink", "deepomatic", "omni", "generic")


def address(slug: str) -> str:
    return reverse("admin:desk_help", args=[slug])


@pytest.mark.parametrize("slug", SHIPPED)
def test_a_platform_has_a_page_with_its_set_up_and_its_quirks(slug: str, admin_client: Client) -> None:
    page = admin_client.get(address(slug))
    label = dict(platforms.choices())[slug]

    assert page.context["title"] == f"Help: {label}"
    assert b"<h2>Set up</h2>" in page.content
    assert b"<h2>Good to know</h2>" in page.content
    assert b"<table>" in page.content
    assert page.content.count(b"<h1") == 1


def test_every_shipped_platform_has_one() -> None:
    assert {slug for slug, _label in platforms.choices() if help._readme(slug)} == set(SHIPPED)


def test_a_connection_and_a_source_lead_to_the_page_of_their_platform(admin_client: Client) -> None:
    connection = make_connection(platform="worklink")
    source = make_source(connection=connection)

    pages = [
        admin_client.get(reverse("admin:connections_connection_change", args=[connection.pk])),
        admin_client.get(reverse("admin:inbox_webhooksource_change", args=[source.pk])),
    ]

    for page in pages:
        assert f'href="{address("worklink")}"'.encode() in page.content
        assert f'href="{address("generic")}"'.encode() not in page.content


@pytest.mark.parametrize("name", ["connections_connection", "inbox_webhooksource"])
def test_who_adds_one_is_offered_the_pages_of_all_platforms(name: str, admin_client: Client) -> None:
    page = admin_client.get(reverse(f"admin:{name}_add"))

    for slug in SHIPPED:
        assert f'href="{address(slug)}"'.encode() in page.content
    assert b">History</a>" not in page.content


def test_a_platform_without_a_page_offers_none_and_has_none(admin_client: Client, echo: object) -> None:
    source = make_source()

    page = admin_client.get(reverse("admin:inbox_webhooksource_change", args=[source.pk]))

    assert b"/help/" not in page.content
    assert admin_client.get(address("echo")).status_code == 404
    assert admin_client.get(address("unknown")).status_code == 404


def test_help_is_for_those_who_are_signed_in(client: Client) -> None:
    assert signed_in("Viewer").get(address("generic")).status_code == 200
    assert client.get(address("generic")).status_code == 302


def test_raw_html_and_script_addresses_stay_text() -> None:
    shown = help.rendered("# T\n\n<script>alert(1)</script>\n\n[a](javascript:alert) <b onclick=x>b</b> ![p](data:x)")

    assert "<script" not in shown
    assert "<b" not in shown
    assert "href" not in shown
    assert "<h1" not in shown
    assert "&lt;script&gt;" in shown
