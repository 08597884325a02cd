"""How long pages and lists take over a million rows: `-m tests.bench.looking make COUNT`, then `look COUNT ROUNDS`."""

import html
import json
import random
import re
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode, urljoin

import django

django.setup()

from django.conf import settings  # noqa: E402  needs a set-up Django
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from integrations.analytics import services as analytics  # noqa: E402
from integrations.connections.models import ApiToken, Connection, Workspace  # noqa: E402
from integrations.core import analyst_tables  # noqa: E402
from integrations.core.analyst_tables import Family  # noqa: E402
from integrations.platforms.worklink.models import ScenarioCatalog  # noqa: E402
from integrations.stores import reading  # noqa: E402
from integrations.stores.reading import Bounds  # noqa: E402
from tests.bench.filling import fill  # noqa: E402

TOKEN = "fp_" + "b" * 40
MEASURED = 20_000  # jobs, for the speed of measuring
LISTS: dict[str, tuple[list[dict[str, str]], list[str]]] = {
    # list: what it is narrowed to, what is searched for
    "workorders_workorder": (
        [{"status__exact": "open"}, {"closed__exact": "0"}, {"stub__exact": "1"}, {"status__exact": "nowhere"}],
        ["WO-{n}", "seal of pump {n}", "PUMP-77", "nowhere"],
    ),
    "workorders_join": ([{"state": "all"}, {"state": "joined"}, {"state": "dismissed"}], ["WO-{n}", "nowhere"]),
    "workorders_photo": ([{"content_type": "image/jpeg"}, {"content_type": "no/such"}], ["Seal 77", "WO-{n}"]),
    "worklink_scenariosession": (
        [{"vendor_state": "PAUSED"}, {"outcome": "open"}, {"session_type__exact": "DEMO"}, {"incomplete__exact": "1"}],
        ["session-{n}", "WO-{n}", "Scenario 7", "nowhere"],
    ),
    "worklink_callsession": ([{"vendor_state": "MISSED"}, {"incomplete__exact": "1"}], ["call-{n}", "WO-{n}"]),
    "worklink_photodownload": ([{"state__exact": "FAILED"}], ["event-{n}", "nowhere"]),
    "inbox_receivedwebhook": (
        [{"state__exact": "FAILED"}, {"state__exact": "RUNNING"}, {"resource_type": "CallSession"}],
        ["session-{n}", "cid-{n}", "WO-{n}", "nowhere"],
    ),
    "inbox_resourcerefresh": ([{"state__exact": "FAILED"}, {"resource_type": "CallSession"}], ["session-{n}"]),
    "events_event": ([{"type": "call.joined"}, {"reason__exact": "replay"}], ["workorder/{n}", "cid-{n}", "nowhere"]),
    "sync_recordwrite": ([{"state__exact": "FAILED"}, {"verdict__exact": "DRIFTED"}], ["WO-{n}", "key-{n}", "nowhere"]),
    "sync_recordlane": ([{"state__exact": "RUNNING"}], ["WO-{n}", "nowhere"]),
    "scripts_scriptrun": ([{"state__exact": "FAILED"}, {"trigger__exact": "REPLAY"}], ["cid-{n}", "nowhere"]),
    "outbox_delivery": ([{"state__exact": "FAILED"}, {"which": "dead"}], ["uid-{n}", "nowhere"]),
}
REST = {
    "/api/v1/sessions/": [
        {},
        {"state": "PAUSED"},
        {"outcome": "open"},
        {"ordering": "-started_at"},
        {"work_order": "{n}"},
    ],
    "/api/v1/calls/": [{}, {"state": "MISSED"}, {"external_id": "WO-{n}"}],
    "/api/v1/work-orders/": [{}, {"status": "open"}, {"external_id": "WO-{n}"}],
}


def make(count: int) -> None:
    """Fill the database, cover half of its assets; print how many jobs a second the background measures."""
    fill(count)
    space, cms = Workspace.default(), Connection.objects.get(slug="cms")
    covered = [ScenarioCatalog(connection=cms, name=f"Pump {n}", external_asset_id=f"PUMP-{n}") for n in range(2_500)]
    ScenarioCatalog.objects.bulk_create(covered)
    User.objects.create_superuser("bench", password="x")
    scopes = ["sessions:read", "calls:read", "workorders:read", "reports:read"]
    ApiToken.objects.create(workspace=space, name="Bench", token_hash=ApiToken.hash_of(TOKEN), scopes=scopes)
    before = time.monotonic()
    for first in range(1, min(MEASURED, count), 1_000):
        analytics.measure(range(first, first + 1_000))
    print(min(MEASURED, count) / (time.monotonic() - before))


def look(count: int, rounds: int) -> None:
    """Print a line of JSON for each page and each table: its name, p50 and p95 in seconds, the worst status."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        for name, address in _pages():
            print(json.dumps([name, *_times(address, count, rounds)]), flush=True)
    for family in analyst_tables.families():
        print(json.dumps([f"portions of {family.name}", *_portions(family, rounds)]), flush=True)


def _pages() -> Iterator[tuple[str, str]]:
    """Yield what each page is called, and its address."""
    yield from _reports()
    yield from _gaps()
    for name, (filters, terms) in LISTS.items():
        path = reverse(f"admin:{name}_changelist")
        queries = ["", *(urlencode(each) for each in filters), *(f"q={term}" for term in terms)]
        for query in [*queries, *_sorts(path)]:
            yield f"{name} {query}", f"{path}?{query}"
    for path, conditions in REST.items():
        for each in conditions:
            yield f"{path} {urlencode(each, safe='{}')}", f"{path}?{urlencode(each, safe='{}')}"


def _reports() -> Iterator[tuple[str, str]]:
    report, rest = reverse("admin:analytics_measuredjob_changelist"), reverse("analytics:time_to_resolution")
    for path in (report, rest):
        for query in ("", "site=Site+{site}", "priority=2+-+High", "since=2026-02-11&until=2026-09-04"):
            yield f"{path} {query}", f"{path}?{query}"
    for query in ("", "group=with", "group=left-out", "group=without&site=Site+{site}"):
        yield f"jobs of the report {query}", f"{report}jobs/?{query}"


def _sorts(path: str) -> list[str]:
    """Return the queries by which a list is sorted by each of its columns that can be clicked."""
    client = Client()
    client.force_login(User.objects.get(username="bench"))
    page = client.get(path, secure=True, headers={"host": "localhost"}).getvalue().decode()
    return sorted({f"o={number}" for number in re.findall(r'href="\?o=-?(\d+)"', page)})


def _gaps() -> Iterator[tuple[str, str]]:
    path = reverse("admin:worklink_scenariocatalog_gaps")
    for query in ("", "show=unused", "show=empty"):
        yield f"gap report {query}", f"{path}?{query}"


def _portions(family: Family, rounds: int) -> tuple[float, float, int]:
    """Return p50 and p95 in seconds of a portion for a data store, one after the other; 204 if it is empty."""
    taken, start = [], None
    for _ in range(rounds):
        before = time.monotonic()
        portion = reading.portion(family, Bounds(family.changed, start, None, None))
        taken.append(time.monotonic() - before)
        if portion is None:
            break
        start = portion.last
    return percentile(taken, 0.5), percentile(taken, 0.95), 200 if start else 204


def _times(template: str, count: int, rounds: int) -> tuple[float, float, int]:
    """Return p50 and p95 in seconds, and the worst status, of an address with other numbers, and of its next pages."""
    dice, client, taken, worst = random.Random(1), Client(headers={"authorization": f"Bearer {TOKEN}"}), [], 200
    client.force_login(User.objects.get(username="bench"))
    client.get("/healthz", secure=True, headers={"host": "localhost"})
    address = ""
    for _ in range(rounds):
        first = template.replace("{n}", str(dice.randrange(1, count))).replace("{site}", str(dice.randrange(200)))
        address = address or first
        before = time.monotonic()
        answer = client.get(address, secure=True, headers={"host": "localhost"})
        content = answer.getvalue().decode()
        taken.append(time.monotonic() - before)
        worst = max(worst, answer.status_code)
        address = _next_of(content, first)
    return percentile(taken, 0.5), percentile(taken, 0.95), worst


def _next_of(content: str, path: str) -> str:
    """Return the address of the next page; "" on the last one."""
    found = re.search(r'rel="next" href="([^"]+)"|"next": ?"([^"]+)"', content)
    if not found:
        return ""
    return urljoin(path, html.unescape(found[1])) if found[1] else found[2].partition("localhost")[2]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


if __name__ == "__main__":
    numbers = list(map(int, sys.argv[2:]))
    make(*numbers) if sys.argv[1] == "make" else look(*numbers)
