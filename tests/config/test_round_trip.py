"""What is exported can be applied, there and elsewhere, and comes out the same, byte for byte."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model

from integrations.connections.models import ApiToken, Connection
from integrations.core.admin import ReadOnlyAdmin
from integrations.core.config import Section, all_sections
from integrations.core.config.applying import apply
from integrations.core.config.children import Children
from integrations.core.config.comparing import difference, plan_text
from integrations.core.config.entries import read_config
from integrations.core.config.exporting import export, export_to, live
from integrations.core.config.parts import Column
from integrations.core.config.reading import read_file
from integrations.events.models import Endpoint
from integrations.inbox.models import WebhookSource
from integrations.outbox.models import Destination
from integrations.stores.models import DataStore
from tests.config.making import HOOK, SECRETS, SOCKET, applied, document, forget_everything

pytestmark = pytest.mark.django_db

# Editable in the admin, and not part of the file.
OTHERS = {
    "auth.User": "people are not configuration",
    "auth.Group": "neither are their rights",
    "axes.AccessAttempt": "a log, in which rows are deleted",
    "axes.AccessFailureLog": "a log",
    "axes.AccessLog": "a log",
    "sync.FieldMapping": "part of its mapping",
    "camera.CatalogueVersion": "the active one is part of its site",
    "camera.TaskGroup": "part of its site",
    "camera.ApiKey": "made in each installation, for its own programs",
    "worklink.ScenarioCatalog": "data of the CMS, or brought as a table: thousands of rows",
    "worklink.Scenario": "as the catalogs",
    "worklink.Contact": "people are not configuration",
    "outbox.Destination": "part of its endpoint",
    "readiness.Item": "part of its questionnaire",
    "scripts.ScriptGrant": "part of its script",
    "scripts.ScriptVersion": "as the scripts",
}
OTHER_ID = "0d0d0d0d-1111-4222-8333-000000000001"
CHOICES = {
    "platform": [("worklink", ""), ("generic", "")],
    "kind": [("LOOKUP", ""), ("NOTE", "")],
    "camera_ids": [([OTHER_ID], "")],
    "agent_ids": [([OTHER_ID], "")],
    "profile_group_ids": [([OTHER_ID], "")],
    "zone": [("UTC", "")],
    "shifts": [(["Sat 08:00-12:00"], "")],
    "closed_days": [(["2026-01-01"], "")],
    "event_types": [(["session.joined"], "")],
    "work_order": [({"asset": ["PUMP-77"]}, "")],
}
# What every new installation is told of its own secrets.
VARIABLES = {
    "FIELDPORT_ERP_CREDENTIALS_CLIENT_SECRET": SECRETS["client"],
    "FIELDPORT_CMS_CREDENTIALS_TOKEN": SECRETS["cms"],
    "FIELDPORT_CMS_SESSIONS_CALLS_SECRETS_ITEM_1": SECRETS["hook"],
    "FIELDPORT_CMS_SESSIONS_CALLS_SECRETS_ITEM_2": SECRETS["second"],
    "FIELDPORT_LAKE_SECRETS_SECRET_ACCESS_KEY": SECRETS["lake"],
    "FIELDPORT_MINUTES_SECRETS_KEY": SECRETS["script"],
    "FIELDPORT_PLANT_TWO_FIELD_APP_VALUE": "fp_" + "x" * 40,
    "FIELDPORT_METERS_FIELD_APP_VALUE": SECRETS["connector"],
    "FIELDPORT_0E0E0E0E_ACCESS": SECRETS["socket"],
    "FIELDPORT_0E0E0E0E_SECRET": SECRETS["signing"],
    "FIELDPORT_0E0E0E0E_HEADERS_AUTHORIZATION": SECRETS["header"],
}


def test_applying_an_export_where_it_was_made_changes_nothing(full: None) -> None:
    text = export()

    plan = applied(text, prune=True)

    assert plan.changes_nothing
    assert plan.unchanged > 8
    assert export() == text


def test_applied_to_a_new_installation_it_is_exported_the_same(
    full: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = export()
    export_to(tmp_path / "whole")
    forget_everything()
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)

    apply(read_file(tmp_path / "whole"))

    assert export() == text
    assert applied(text, prune=True).changes_nothing
    assert Connection.objects.get(slug="erp").credentials["client_secret"] == SECRETS["client"]
    assert WebhookSource.objects.get().secrets == [SECRETS["hook"], SECRETS["second"]]
    assert ApiToken.objects.get().token_hash == ApiToken.hash_of("fp_" + "x" * 40)
    assert Endpoint.objects.get(pk=SOCKET).access == SECRETS["socket"]
    assert Destination.objects.get(uid=HOOK).secrets["current"] == SECRETS["signing"]


def test_no_field_of_the_full_configuration_is_at_its_default(full: None) -> None:
    """Else the round trip would say nothing about it."""
    config = read_config(live())

    missing = [
        f"{section.name}.{part.name}"
        for section in all_sections()
        for part in section.parts
        if not any(part.name in found.values for found in config[section.name].values())
    ]

    assert missing == []


@pytest.mark.parametrize("section", all_sections(), ids=lambda section: section.name)
def test_each_field_that_was_changed_shows_and_is_changed_back(full: None, section: Section) -> None:
    before = export()
    columns = [part for part in section.parts if isinstance(part, Column)]
    for row in section.model._default_manager.all():
        changed = {part.name: _other_value_of(part, row) for part in columns}
        section.model._default_manager.filter(pk=row.pk).update(**changed)

    shown = difference(document(before), live())
    assert [part.name for part in columns if part.name not in shown] == []
    if section.name == "api_tokens":  # never altered under its holder
        return
    planned = plan_text(applied(before))
    assert [part.name for part in columns if part.name not in planned] == []
    assert export() == before


def _other_value_of(part: Column, row: Model) -> Any:
    own = part.column.flatchoices
    known = None if isinstance(row, DataStore) else CHOICES.get(part.name)
    return _another(getattr(row, part.name), choices=known or own)


def _another(value: Any, *, choices: Any) -> Any:
    """Return a value of the same kind that the row does not have."""
    if choices:
        return value if value == "LOOKUP" else [each for each, _label in choices if each != value][-1]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, dict | list):
        return {"changed": "1"} if isinstance(value, dict) else ["workorders:write"]
    if isinstance(value, datetime):
        return value.replace(year=2031)
    return "changed" if isinstance(value, str) else None


def test_every_field_that_can_be_edited_is_covered_by_its_section() -> None:
    missing = []
    for section in all_sections():
        children = [part for part in section.parts if isinstance(part, Children)]
        covered = {*section.key, *section.left_out, *(name for part in section.parts for name in part.covers)}
        missing += _uncovered(section.model, covered)
        for part in children:
            inner = {part.parent, part.order, *(name for each in part.parts for name in each.covers)}
            missing += _uncovered(part.model, inner)

    assert missing == []


def _uncovered(model: type[Model], covered: set[str]) -> list[str]:
    own = [each for each in model._meta.concrete_fields if each.editable and not each.primary_key]
    return [f"{model._meta.label}.{each.name}" for each in own if each.name not in covered]


def test_everything_that_an_admin_configures_has_a_section() -> None:
    known = {section.model for section in all_sections()}

    configured = {model for model in apps.get_models() if _keeps_history(model)}
    configured |= {model for model, page in admin.site._registry.items() if not isinstance(page, ReadOnlyAdmin)}

    assert {model._meta.label for model in configured - known} - OTHERS.keys() == set()
    assert OTHERS.keys() & {model._meta.label for model in known} == set(), "they have a section now"


def _keeps_history(model: type[Model]) -> bool:
    return hasattr(model._meta, "simple_history_manager_attribute")
