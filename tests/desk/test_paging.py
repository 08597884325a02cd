"""Lists page by key: every row once, whatever arrives meanwhile, in every order, under filters, search and actions."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.core.work import WorkState
from integrations.inbox.models import ReceivedWebhook, WebhookSource
from integrations.platforms.worklink.models import ScenarioSession
from tests.factories import make_connection, make_received, make_source

pytestmark = pytest.mark.django_db
LIST = reverse("admin:inbox_receivedwebhook_changelist")
SESSIONS = reverse("admin:worklink_scenariosession_changelist")


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for model_admin in admin.site._registry.values():
        monkeypatch.setattr(model_admin, "list_per_page", 4)


@pytest.fixture
def source() -> WebhookSource:
    return make_source()


def make_log(source: WebhookSource, count: int = 11) -> list[int]:
    return [make_received(source=source, resource_id=f"node-{number}").pk for number in range(count)]


def walk(client: Client, path: str, way: str = "next") -> Iterator[list[int]]:
    """Follow one way until it ends; yield the numbers of the rows on each page."""
    base = path.partition("?")[0]
    while path:
        changes = client.get(path).context["cl"]
        yield [row.pk for row in changes.result_list]
        path = getattr(changes, f"{way}_url") and base + getattr(changes, f"{way}_url")


def last_page(client: Client, path: str) -> str:
    base = path.partition("?")[0]
    while onward := client.get(path).context["cl"].next_url:
        path = base + onward
    return path


def test_pages_follow_each_other_without_a_gap_there_and_back(admin_client: Client, source: WebhookSource) -> None:
    newest_first = make_log(source)[::-1]

    there = list(walk(admin_client, LIST))
    back = list(walk(admin_client, last_page(admin_client, LIST), "previous"))

    assert there == [newest_first[:4], newest_first[4:8], newest_first[8:]]
    assert back == there[::-1]


def test_rows_that_arrive_and_go_meanwhile_move_nothing(admin_client: Client, source: WebhookSource) -> None:
    newest_first = make_log(source)[::-1]
    pages = walk(admin_client, LIST)

    first = next(pages)
    make_log(source, 3)
    ReceivedWebhook.objects.filter(pk=newest_first[3]).delete()
    rest = list(pages)

    assert [first, *rest] == [newest_first[:4], newest_first[4:8], newest_first[8:]]


@pytest.mark.parametrize("descending", ["", "-"])
def test_an_order_with_equal_and_missing_values_shows_each_row_once(admin_client: Client, descending: str) -> None:
    cms, now = make_connection(), timezone.now()
    for number in range(13):
        started = None if number % 3 == 0 else now - timedelta(hours=number % 4)
        ScenarioSession.objects.create(
            connection=cms, resource_id=f"node-{number}", read_at=now, started_at=started, vendor_state="OPEN"
        )
    columns = admin_client.get(SESSIONS).context["cl"].list_display
    of_time = columns.index("started")
    order = f"{SESSIONS}?o={descending}{columns.index('state')}.{descending}{of_time}"
    order_of_time = f"{SESSIONS}?o={descending}{of_time}"

    for path in (order, order_of_time):
        expected = [row.pk for row in admin_client.get(path).context["cl"].queryset]
        there = list(walk(admin_client, path))
        back = list(walk(admin_client, last_page(admin_client, path), "previous"))
        assert [pk for page in there for pk in page] == expected
        assert back[::-1][1:] == there[1:]
        assert back[-1] == there[0]


def test_an_order_by_a_column_of_a_related_row_pages_too(admin_client: Client) -> None:
    names = ["Berta", "Anton", "Berta", "Cäsar", "Anton", "Dora"]
    connections = {name: make_connection(name=name) for name in names}
    for number, name in enumerate(names):
        make_source(connection=connections[name], name=f"source {number}")
    path = reverse("admin:inbox_webhooksource_changelist")
    column = admin_client.get(path).context["cl"].list_display.index("connection_shown")

    shown = [pk for page in walk(admin_client, f"{path}?o={column}") for pk in page]

    found = WebhookSource.objects.in_bulk(shown)
    assert [found[pk].connection.name for pk in shown] == sorted(names)


def test_filters_and_the_search_hold_on_every_page(admin_client: Client, source: WebhookSource) -> None:
    make_log(source)
    failed = [make_received(source=source, state=WorkState.FAILED, resource_id="node-1").pk for _ in range(6)]

    filtered = list(walk(admin_client, f"{LIST}?state__exact=FAILED"))
    searched = list(walk(admin_client, f"{LIST}?q=node-1&state__exact=FAILED"))

    assert filtered == searched == [failed[:1:-1], failed[1::-1]]


def test_an_action_on_all_that_match_reaches_every_page_and_no_other_row(
    admin_client: Client, source: WebhookSource
) -> None:
    failed = {make_received(source=source, state=WorkState.FAILED).pk for _ in range(9)}
    skipped = make_received(source=source, state=WorkState.SKIPPED)
    path = f"{LIST}?state__exact=FAILED"
    second = LIST + admin_client.get(path).context["cl"].next_url
    picked = admin_client.get(second).context["cl"].result_list[0].pk
    told = {"action": "replay", "index": "0", "_selected_action": [picked]}

    admin_client.post(second, told)
    one = set(ReceivedWebhook.objects.filter(state=WorkState.DUE).values_list("pk", flat=True))
    admin_client.post(path, told | {"select_across": "1"})

    assert one == {picked}
    assert set(ReceivedWebhook.objects.filter(state=WorkState.DUE).values_list("pk", flat=True)) == failed
    skipped.refresh_from_db()
    assert skipped.state == WorkState.SKIPPED


def test_nothing_is_counted_and_no_row_is_passed_over(admin_client: Client, source: WebhookSource) -> None:
    make_log(source)
    second = LIST + admin_client.get(LIST).context["cl"].next_url

    with CaptureQueriesContext(connection) as captured:
        admin_client.get(second)

    asked = [query["sql"] for query in captured if "inbox_receivedwebhook" in query["sql"]]
    assert asked
    assert not [sql for sql in asked if "COUNT(" in sql.upper() or "OFFSET" in sql.upper()]


def test_how_many_rows_there_are_is_told_where_one_page_holds_them(admin_client: Client, source: WebhookSource) -> None:
    make_log(source, 4)
    one_page = admin_client.get(LIST)

    make_log(source, 1)
    first = admin_client.get(LIST)
    second = admin_client.get(LIST + first.context["cl"].next_url)

    assert b"4 rows</span>" in one_page.content
    assert b"4 rows on this page" in first.content
    assert b"Older" in first.content
    assert b"Newer" not in first.content
    assert b"1 row on this page" in second.content
    assert b"Newest" in second.content


@pytest.mark.parametrize("cursor", ["2", "x", "WyI-Il0", "WyI-IiwieCJd", "WyI-IiwiXHUwMDAwIl0", "%FF", "bnVsbA"])
def test_a_cursor_that_is_damaged_leads_to_the_first_page(
    admin_client: Client, source: WebhookSource, cursor: str
) -> None:
    newest_first = make_log(source)[::-1]

    answer = admin_client.get(f"{LIST}?p={cursor}")

    assert [row.pk for row in answer.context["cl"].result_list] == newest_first[:4]


def test_a_page_whose_rows_are_gone_leads_to_the_first_page(admin_client: Client, source: WebhookSource) -> None:
    newest_first = make_log(source)[::-1]
    last = last_page(admin_client, LIST)
    ReceivedWebhook.objects.filter(pk__in=newest_first[8:]).delete()

    answer = admin_client.get(last)

    assert [row.pk for row in answer.context["cl"].result_list] == newest_first[:4]


def test_a_filter_by_value_offers_what_the_newest_rows_hold_and_what_is_chosen(
    admin_client: Client, source: WebhookSource
) -> None:
    make_received(source=source, resource_type="Call")
    answer = admin_client.get(f"{LIST}?resource_type=Forgotten")

    specs = {spec.title: spec for spec in answer.context["cl"].filter_specs}
    offered = [choice["display"] for choice in specs["resource type"].choices(answer.context["cl"])]

    assert offered == ["All", "Call", "Forgotten"]
