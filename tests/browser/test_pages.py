"""Every page of the admin in a real browser: accessible, readable in both themes, no wider than 360 px, CSP obeyed."""

from datetime import timedelta
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from integrations.connections.models import Connection
from integrations.sync.models import Operation, RecordWrite
from integrations.workorders.models import Join
from tests.browser.conftest import Visitor
from tests.desk.story import tell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1280, 900), "narrow": (360, 740)}


def paths_of_everything() -> dict[str, str]:
    """Return the address of each list, of one row of each kind, of each form to add one, and of our own pages."""
    found = {name: reverse(f"admin:{name}") for name in ("index", "desk_settings", "desk_history", "password_change")}
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found[f"{name}_list"] = reverse(f"admin:{name}_changelist")
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            found[f"{name}_page"] = reverse(f"admin:{name}_change", args=[row.pk])
    for name in ("connections_connection", "inbox_webhooksource", "sync_operation", "generic_workorderfeed"):
        found[f"{name}_add"] = reverse(f"admin:{name}_add")
    return found | paths_of_steps()


def paths_of_steps() -> dict[str, str]:
    """Return the addresses of pages that are a step of a task."""
    unmatched = ",".join(str(pk) for pk in Join.objects.unmatched().values_list("pk", flat=True))
    operation = Operation.objects.get(name="Update the order")
    connection = Connection.objects.get(slug="worklink-eu")
    asking = RecordWrite.objects.get(candidates__isnull=False)
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
        "nothing": f"{reverse('admin:sync_recordwrite_changelist')}?q=nothing-is-called-so",
    }


def complaints_of(visitor: Visitor, name: str, path: str) -> list[str]:
    """Visit one page in each theme at each width; return what is wrong with it."""
    try:
        visitor.go(path)
    except AssertionError as error:
        return [str(error)]
    return faults_of(visitor, name)


def faults_of(visitor: Visitor, name: str) -> list[str]:
    """Return what is wrong with the page that is open, in each theme at each width."""
    wrong = []
    for size, (width, height) in SIZES.items():
        visitor.page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            visitor.page.emulate_media(color_scheme=theme)
            visitor.save(f"{name}-{size}-{theme}")
            wrong += [f"{name}, {size}, {theme}: {sentence}" for sentence in violations(visitor.page)]
        scrolled, shown = visitor.widths()
        wrong += [f"{name} is {scrolled} px wide at {shown}"] if scrolled > shown else []
    return wrong


def violations(page: Any) -> list[str]:
    """Return what axe-core finds on the page as it is shown now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    # Without "preload": axe would ask for style sheets at addresses that are not theirs.
    found = page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}" for each in found]


def test_every_page_is_accessible_fits_and_obeys_the_policy(visitor: Visitor) -> None:
    tell()

    wrong = [
        sentence for name, path in paths_of_everything().items() for sentence in complaints_of(visitor, name, path)
    ]

    assert not wrong, "\n".join(wrong)
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
