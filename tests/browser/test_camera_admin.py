"""The camera's pages of the admin in a real browser: accessible, readable in both themes, no wider than 360 px."""

from pathlib import Path

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from integrations.camera.models import (
    Analysis,
    AnalysisState,
    Batch,
    BatchRun,
    CatalogueVersion,
    ConnectorToken,
    FieldOrder,
    Input,
    Site,
    TaskGroup,
    WorkItem,
)
from tests.browser.conftest import Visitor
from tests.browser.test_pages import complaints_of
from tests.camera.rest.program import make_key
from tests.camera.test_admin_visits import REFUSED, make_visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LISTS = (
    "site",
    "catalogueversion",
    "taskgroup",
    "connectortoken",
    "visit",
    "fieldorder",
    "workitem",
    "analysis",
    "analysisrun",
    "batchrun",
    "apikey",
)


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def paths() -> dict[str, str]:
    visit = make_visit(query="callback_URI=https%3A%2F%2Fevil.example.com", callback_refused=REFUSED)
    draft = CatalogueVersion.objects.create(site=Site.objects.get(), number=2)
    drafted = TaskGroup.objects.create(version=draft, name="draft")
    drafted.tasks.create(name="seal")
    active = TaskGroup.objects.get(name="meter_front")
    rows = [visit, draft, drafted, active, Site.objects.get(), ConnectorToken.objects.get()]
    item = WorkItem.objects.get()
    waiting = Input.objects.create(item=item, number=2, content_type="image/jpeg", sha256="1" * 64, bytes=1)
    Analysis.objects.create(input=waiting, engine="REVIEW", state=AnalysisState.REVIEW)
    key, _value = make_key(draft.site)
    problems = ["JOB-2/meter_front.jpg: It is not a picture that can be read."] * 3
    batch = Batch.objects.create(key=key, filename="monday.zip", photos=9, taken=4, problems=problems)
    rows += [FieldOrder.objects.get(), WorkItem.objects.get(), key, BatchRun.objects.create(batch=batch)]
    names = [f"camera_{row._meta.model_name}" for row in rows]
    return {
        **{f"camera_{name}_list": reverse(f"admin:camera_{name}_changelist") for name in LISTS},
        **{
            f"{name}_{row.pk}": reverse(f"admin:{name}_change", args=[row.pk])
            for name, row in zip(names, rows, strict=True)
        },
        "camera_token_add": reverse("admin:camera_connectortoken_add"),
        "camera_group_add": reverse("admin:camera_taskgroup_add"),
        "camera_key_add": reverse("admin:camera_apikey_add"),
        "camera_version_add": reverse("admin:camera_catalogueversion_add"),
        "camera_examples": reverse("admin:camera_connectortoken_examples", args=[visit.token_id]),
        "camera_review": reverse("admin:camera_analysis_review"),
        "camera_csv": reverse("admin:camera_catalogueversion_csv", args=[draft.pk]),
    }


def test_the_cameras_pages_are_accessible_fit_and_obey_the_policy(visitor: Visitor) -> None:
    wrong = [sentence for name, path in paths().items() for sentence in complaints_of(visitor, name, path)]

    assert not wrong, "\n".join(wrong)
    assert visitor.complaints == []
