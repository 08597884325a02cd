"""Catalogues in the admin: drafts, task groups, examples, CSV, activation."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from integrations.camera.models import CatalogueVersion, Site, Task, TaskGroup
from tests.camera.making import make_site, picture
from tests.core.tables.books import book_of_texts
from tests.desk.people import signed_in

pytestmark = pytest.mark.django_db


def make_draft(site: Site | None = None) -> CatalogueVersion:
    site = site or make_site()
    return CatalogueVersion.objects.create(site=site, number=site.versions.count() + 1)


def filled(version: CatalogueVersion, **values: Any) -> dict[str, Any]:
    posted: dict[str, Any] = {"version": version.pk, "name": "meter_front", "order": 0, "engine": "REVIEW"}
    posted |= {"display_name_en": "The meter", "display_name_fr": "Le compteur", "engine_settings": "{}"}
    posted |= {f"{each}-TOTAL_FORMS": 0 for each in ("tasks", "examples")}
    posted |= {f"{each}-INITIAL_FORMS": 0 for each in ("tasks", "examples")}
    return posted | {"check_blur": "error", "threshold_blur": "45", "guide": "frame"} | values


def a_task(**values: Any) -> dict[str, Any]:
    task = {"name": "seal", "order": 0, "sentence_en": "Is the seal there?", "outcome_type": "Boolean"}
    task |= {"outcome_validation": '[{"schema": {"const": true}, "is_conformity_validated": true}]'} | values
    return {"tasks-TOTAL_FORMS": 1} | {f"tasks-0-{name}": value for name, value in task.items()}


def csv_url(version: CatalogueVersion) -> str:
    return reverse("admin:camera_catalogueversion_csv", args=[version.pk])


def test_a_task_group_is_made_with_its_texts_checks_tasks_and_a_cleaned_example(admin_client: Client) -> None:
    upload = SimpleUploadedFile("x.png", picture(format="PNG"))
    example = {"examples-TOTAL_FORMS": 1, "examples-0-position": 0, "examples-0-upload": upload}

    answer = admin_client.post("/admin/camera/taskgroup/add/", filled(make_draft(), **a_task(), **example))

    assert answer.status_code == 302, answer.context["errors"]
    group = TaskGroup.objects.get(version__published_at=None)
    assert group.texts == {"en": {"display_name": "The meter"}, "fr": {"display_name": "Le compteur"}}
    assert group.checks == {"blur": {"severity": "error", "threshold": 45.0}}
    assert group.tasks.get().sentences == {"en": "Is the seal there?"}
    assert group.examples.get().file.read().startswith(b"\x89PNG")


def test_what_is_no_picture_and_rules_that_cannot_be_read_are_refused(admin_client: Client) -> None:
    upload = SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    example = {"examples-TOTAL_FORMS": 1, "examples-0-position": 0, "examples-0-upload": upload}
    task = a_task(outcome_validation='[{"schema": {"$ref": "#/x"}}]')

    answer = admin_client.post("/admin/camera/taskgroup/add/", filled(make_draft(), **task, **example))

    assert "not a photo that can be read" in str(answer.context["errors"])
    assert "is not understood" in str(answer.context["errors"])
    assert not TaskGroup.objects.filter(version__published_at=None).exists()


def test_a_group_that_would_check_nothing_is_not_activated(admin_client: Client) -> None:
    draft = make_draft()
    TaskGroup.objects.create(version=draft, name="empty")

    answer = admin_client.post(reverse("admin:camera_catalogueversion_do", args=[draft.pk, "activate"]), follow=True)

    draft.refresh_from_db()
    assert "would check nothing" in answer.content.decode()
    assert draft.published_at is None


def test_a_copy_has_the_names_but_ids_of_its_own_and_is_activated(admin_client: Client) -> None:
    site = make_site()
    TaskGroup.objects.update(engine="REVIEW")
    first = site.active_version
    assert first is not None

    admin_client.post(reverse("admin:camera_catalogueversion_do", args=[first.pk, "copy"]))
    draft = site.versions.get(published_at=None)
    admin_client.post(reverse("admin:camera_catalogueversion_do", args=[draft.pk, "activate"]))

    site.refresh_from_db()
    assert site.active_version == draft
    names = ("group__name", "name", "outcome_validation")
    tasks = [
        list(Task.objects.filter(group__version=each).order_by("pk").values_list(*names)) for each in (first, draft)
    ]
    assert tasks[0] == tasks[1]
    assert not set(first.groups.values_list("uuid")) & set(draft.groups.values_list("uuid"))


def test_a_site_has_one_draft_at_a_time(admin_client: Client) -> None:
    site = make_site()
    make_draft(site)
    assert site.active_version is not None

    answer = admin_client.post(
        reverse("admin:camera_catalogueversion_do", args=[site.active_version.pk, "copy"]), follow=True
    )

    assert "is a draft already" in answer.content.decode()
    assert site.versions.count() == 2


def test_a_published_task_group_cannot_be_changed_or_deleted(admin_client: Client) -> None:
    group = TaskGroup.objects.get(name="meter_front", version=make_site().active_version)

    answers = [
        admin_client.post(reverse(f"admin:camera_taskgroup_{name}", args=[group.pk]), {"post": "yes"})
        for name in ("change", "delete")
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert admin_client.get(reverse("admin:camera_taskgroup_change", args=[group.pk])).status_code == 200


def test_csv_is_looked_at_first_and_kept_then(admin_client: Client) -> None:
    draft = make_draft()
    text = "task_group;display_name_en;task;sentence_fr;mandatory\nback;The back;closed;Fermé ?;no\nback;;clean;;\n"
    upload = SimpleUploadedFile("x.csv", text.encode("cp1252"))

    looked = admin_client.post(csv_url(draft), {"file": upload, "encoding": "windows-1252"})
    kept_after_looking = draft.groups.count()
    admin_client.post(csv_url(draft), {"text": looked.context["text"], "keep": "1"})

    assert looked.context["found"].is_good
    assert kept_after_looking == 0
    group = draft.groups.get()
    assert group.text("display_name", "en") == "The back"
    assert list(group.tasks.values_list("name", "mandatory")) == [("closed", False), ("clean", True)]
    assert "blur" in group.checks


def test_csv_with_errors_names_each_row_and_keeps_nothing(admin_client: Client) -> None:
    draft = make_draft()
    text = "task_group,task,outcome_type,outcome_validation\n,a,,\nback,b,Colour,\nback,c,,{\nback,d,,\nback,d,,\n"

    answer = admin_client.post(csv_url(draft), {"text": text, "keep": "1"})

    lines = answer.context["found"].lines
    assert [bool(line.errors) for line in lines] == [True, True, True, False, True]
    assert [line.number for line in lines] == [2, 3, 4, 5, 6]
    assert not draft.groups.exists()


def test_csv_with_an_unknown_column_is_refused(admin_client: Client) -> None:
    answer = admin_client.post(csv_url(make_draft()), {"text": "task_group,colour\nback,red\n"})

    assert "“colour” is not known" in answer.content.decode()


def test_a_file_in_an_old_encoding_is_refused_until_a_person_says_so(admin_client: Client) -> None:
    draft = make_draft()
    upload = SimpleUploadedFile("x.csv", "task_group,sentence_fr\nback,Fermé ?\n".encode("cp1252"))

    answer = admin_client.post(csv_url(draft), {"file": upload, "keep": "1"})

    assert "choose Windows-1252" in answer.content.decode()
    assert not draft.groups.exists()


def test_a_workbook_is_looked_at_first_and_kept_then(admin_client: Client) -> None:
    draft = make_draft()
    upload = SimpleUploadedFile("x.xlsx", book_of_texts(("task_group", "task"), ("back", "clean"), ("back", "closed")))

    looked = admin_client.post(csv_url(draft), {"file": upload})
    admin_client.post(csv_url(draft), {"text": looked.context["text"], "keep": "1"})

    assert list(draft.groups.get().tasks.values_list("name", flat=True)) == ["clean", "closed"]


@pytest.mark.parametrize(("group", "seen", "changed"), [("Viewer", 200, 403), ("Integrator", 200, 302)])
def test_viewers_see_the_catalogue_and_integrators_change_it(group: str, seen: int, changed: int) -> None:
    draft, client = make_draft(), signed_in(group)
    active = TaskGroup.objects.filter(version=draft.site.active_version).get(name="meter_front")

    pages = [client.get(reverse("admin:camera_taskgroup_changelist"))]
    pages += [client.get(reverse("admin:camera_taskgroup_change", args=[active.pk]))]
    pages += [client.get(reverse("admin:camera_catalogueversion_change", args=[draft.pk]))]

    assert [page.status_code for page in pages] == [seen] * 3
    assert client.post("/admin/camera/taskgroup/add/", filled(draft)).status_code == changed
