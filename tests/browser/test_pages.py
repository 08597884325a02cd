"""Every page of the admin in a real browser: accessible, readable in both themes, no wider than 360 px, CSP obeyed."""

from datetime import timedelta
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from integrations.analytics.models import AssetClass, BusinessCalendar, ReportPolicy, ResolutionTarget
from integrations.connections.models import Connection, Workspace
from integrations.events import services
from integrations.events.models import Event
from integrations.outbox.models import Attempt, Delivery, Destination, Resend
from integrations.platforms.omni.models import JoinRule, Recognition, State, Subscription
from integrations.readiness.models import Questionnaire
from integrations.sync.models import Operation, RecordWrite
from integrations.workorders.models import Join, WorkOrder
from tests.analytics.making import make_job, measure_all
from tests.browser.conftest import Visitor
from tests.desk.rows import make_catalogs
from tests.desk.story import tell
from tests.events import payloads
from tests.factories import make_connection
from tests.outbox.making import make_destination, queue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1280, 900), "narrow": (360, 740)}
EVERYTHING: dict[str, Any] = {}
# The menu is the same on each page: it is looked at once.
WITHOUT_MENU = {"exclude": [["#menu"]]}
# Looking for colours takes most of the time, and a theme changes nothing else; a width does not change colours.
LOOKED_AT: dict[tuple[str, str], dict[str, Any] | None] = {
    ("wide", "light"): EVERYTHING,
    ("wide", "dark"): {"runOnly": ["color-contrast"]},
    ("narrow", "light"): {"runOnly": ["scrollable-region-focusable", "target-size"]},
    ("narrow", "dark"): None,
}


def paths_of_everything() -> dict[str, str]:
    """Return the address of each list, of one row of each kind, of each form to add one, and of our own pages."""
    found = {name: reverse(f"admin:{name}") for name in ("index", "desk_settings", "desk_history", "password_change")}
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found[f"{name}_list"] = reverse(f"admin:{name}_changelist")
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            found[f"{name}_page"] = reverse(f"admin:{name}_change", args=[row.pk])
    jobs = reverse("admin:analytics_measuredjob_jobs")
    found |= {"report_jobs": jobs, "report_refused": f"{jobs.removesuffix('jobs/')}?since=x"}
    found["report_calendar_add"] = reverse("admin:analytics_businesscalendar_add")
    for name in (
        "connections_connection",
        "inbox_webhooksource",
        "sync_operation",
        "generic_workorderfeed",
        "worklink_linktemplate",
    ):
        found[f"{name}_add"] = reverse(f"admin:{name}_add")
    return found | paths_of_steps() | paths_of_messages_and_recognitions() | paths_of_catalogs()


def paths_of_catalogs() -> dict[str, str]:
    """Return the addresses of what catalogs and contacts have beside their lists and rows."""
    names = (
        "worklink_scenariocatalog_gaps",
        "worklink_tableload_bring",
        "worklink_scenariocatalog_add",
        "worklink_contact_add",
    )
    gaps = reverse("admin:worklink_scenariocatalog_gaps")
    shown = {f"worklink_scenariocatalog_gaps_{show}": f"{gaps}?show={show}" for show in ("unused", "empty")}
    return {name: reverse(f"admin:{name}") for name in names} | shown


def paths_of_messages_and_recognitions() -> dict[str, str]:
    """Return the addresses of what the outbox and OMNI Platforms have beside their lists and rows."""
    bad = Destination.objects.latest("pk")
    steps = {name: reverse(f"admin:outbox_destination_{name}", args=[bad.pk]) for name in ("secret", "drop")}
    rule = JoinRule.objects.latest("pk")
    return {
        **{f"outbox_{name}": path for name, path in steps.items()},
        "outbox_resend_ask": f"{reverse('admin:outbox_resend_ask')}?destination={bad.pk}",
        "omni_joinrule_add": reverse("admin:omni_joinrule_add"),
        "omni_joinrule_delete": reverse("admin:omni_joinrule_delete", args=[rule.pk]),
        "omni_connection": reverse(
            "admin:connections_connection_change", args=[Connection.objects.get(slug="gate").pk]
        ),
    }


def paths_of_steps() -> dict[str, str]:
    """Return the addresses of pages that are a step of a task."""
    unmatched = ",".join(str(pk) for pk in Join.objects.unmatched().values_list("pk", flat=True))
    operation = Operation.objects.get(name="Update the order")
    connection = Connection.objects.get(slug="worklink-eu")
    asking = RecordWrite.objects.get(candidates__isnull=False)
    questions = Questionnaire.objects.latest("pk")
    readiness = ("mapping", "live", "try", "document", "summary")
    yesterday = f"{timezone.now() - timedelta(days=1):%Y-%m-%dT%H:%M}"
    return {
        "replay": f"{reverse('admin:inbox_replay_ask')}?start={yesterday}&end=2999-01-01T00:00&which=all&source=",
        "replay_refused": f"{reverse('admin:inbox_replay_ask')}?start=2999-01-01T00:00&end={yesterday}&which=all",
        **{f"help_{slug}": reverse("admin:desk_help", args=[slug]) for slug in ("generic", "worklink")},
        "assign": f"{reverse('admin:workorders_join_assign')}?ids={unmatched}&q=WO-0009",
        "preview": reverse("admin:sync_operation_preview", args=[operation.pk]),
        "mapping": reverse("admin:sync_operation_change", args=[operation.pk]),
        "drifted": reverse("admin:sync_recordwrite_change", args=[asking.pk - 1]),
        "changes": reverse("admin:connections_connection_history", args=[connection.pk]),
        "delete": reverse("admin:sync_operation_delete", args=[operation.pk]),
        "worklink_form": reverse("admin:connections_connection_change", args=[connection.pk]),
        "filtered": f"{reverse('admin:sync_recordwrite_changelist')}?state__exact=DONE&q=WO",
        **{f"readiness_{name}": reverse(f"admin:readiness_{name}", args=[questions.pk]) for name in readiness},
        "nothing": f"{reverse('admin:sync_recordwrite_changelist')}?q=nothing-is-called-so",
    }


def tell_of_messages_and_recognitions() -> None:
    """Make rows for the pages of the outbox and of OMNI Platforms: what goes well there, and what does not."""
    now = timezone.now()
    good = make_destination(name="Dispatch, day and night")
    bad = make_destination(url=f"https://hooks.example/{'x/' * 40}")
    refused, note = queue(good, bad, count=2)[-1], "Answered 410: this address is gone."
    Delivery.objects.filter(pk=refused.pk).update(state="FAILED", note=note)
    Attempt.objects.create(delivery=refused, number=1, at=now, ms=212, delivered=False, status=410, note=note)
    day = {"start": now - timedelta(days=1), "end": now, "destination": bad}
    Resend.objects.create(workspace=bad.workspace, asked_by="anna", total=2, looked_at=1, resent=1, **day)
    platform = make_connection(platform="omni", name="Gate", slug="gate")
    Subscription.objects.create(connection=platform, state=State.REFUSED, note="It answered 401: the token is unknown.")
    rule = JoinRule.objects.create(name="Gate of the works", cameras=[payloads.camera(1)], site="Lyon")
    services.ingest(Workspace.default().pk, [payloads.handed(1)], now=now)
    Recognition.objects.create(event=Event.objects.latest("pk"), rule=rule, rule_name=rule.name)


def tell_of_catalogs() -> None:
    """Make rows for the pages of catalogs: a table with a row that is refused, an asset that no catalog covers."""
    make_catalogs(1, Connection.objects.get(slug="worklink-eu"))
    WorkOrder.objects.create(title="Check the fan", asset="FAN-OF-THE-NORTHERN-HALL-0000000000000000000000001")


def tell_of_reports() -> None:
    """Make enough jobs for figures, a chart, a breakdown and jobs left out."""
    for number in range(12):
        for calls in ((), (1,)):
            make_job(number + 1.5, *calls, priority=("1 - Critical", "2 - High")[number % 2], site="Basel, hall 3")
    make_job(None)
    BusinessCalendar.objects.create(slug="desk", name="Service desk", shifts=["Mon-Fri 08:00-17:00"])
    AssetClass.objects.create(pattern="PUMP-*", name="Pumps")
    ResolutionTarget.objects.create(priority="1 - Critical", hours=4)
    ReportPolicy.objects.create(workspace=Workspace.default())
    measure_all()


def complaints_of(visitor: Visitor, name: str, path: str) -> list[str]:
    """Visit one page in each theme at each width; return what is wrong with it."""
    try:
        visitor.go(path)
    except AssertionError as error:
        return [str(error)]
    return faults_of(visitor, name)


def faults_of(visitor: Visitor, name: str, *, within: Any = WITHOUT_MENU) -> list[str]:
    """Return what is wrong with the page that is open: all of it wide and light, then what can differ elsewhere."""
    wrong = []
    for size, (width, height) in SIZES.items():
        visitor.page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            visitor.page.emulate_media(color_scheme=theme)
            visitor.save(f"{name}-{size}-{theme}")
            asked = LOOKED_AT[size, theme]
            found = violations(visitor.page, asked, within=within) if asked is not None else []
            wrong += [f"{name}, {size}, {theme}: {sentence}" for sentence in found]
        scrolled, shown = visitor.widths()
        wrong += [f"{name} is {scrolled} px wide at {shown}"] if scrolled > shown else []
    return wrong


def violations(page: Any, asked: dict[str, Any] = EVERYTHING, *, within: Any = None) -> list[str]:
    """Return what axe-core finds on the page as it is shown now, or within a part of it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    # Without "preload": axe would ask for style sheets at addresses that are not theirs.
    how = {"resultTypes": ["violations"], "preload": False, **asked}
    found = page.evaluate("([within, how]) => axe.run(within || document, how)", [within, how])["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}" for each in found]


def test_every_page_is_accessible_fits_and_obeys_the_policy(visitor: Visitor) -> None:
    tell()
    tell_of_messages_and_recognitions()
    tell_of_catalogs()
    tell_of_reports()

    wrong = [
        sentence for name, path in paths_of_everything().items() for sentence in complaints_of(visitor, name, path)
    ]

    assert not wrong, "\n".join(wrong)
    assert visitor.complaints == []


def test_the_menu_is_accessible_too(visitor: Visitor) -> None:
    visitor.go(reverse("admin:index"))
    assert visitor.page.locator("#menu a").count() > 20
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    visitor.page.click("#menu-button")

    wrong = faults_of(visitor, "menu", within=None)

    assert wrong == []
    assert visitor.complaints == []


def test_the_way_in_is_accessible_too(visitor: Visitor) -> None:
    visitor.page.context.clear_cookies()

    wrong = complaints_of(visitor, "login", reverse("admin:login"))

    assert wrong == []
    assert visitor.complaints == []


def test_empty_lists_are_accessible_and_say_what_fills_them(visitor: Visitor) -> None:
    names = ("workorders_workorder", "workorders_join", "inbox_receivedwebhook", "sync_recordwrite", "sync_operation")

    wrong = [
        sentence
        for name in names
        for sentence in complaints_of(visitor, f"{name}_empty", reverse(f"admin:{name}_changelist"))
    ]

    assert wrong == []
    assert "Nothing here yet." in visitor.page.inner_text(".empty")
