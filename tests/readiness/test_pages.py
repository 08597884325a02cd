"""The questionnaire in the admin: its pages, its buttons, and what bad input gets."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from integrations.core import files
from integrations.readiness import producing
from integrations.readiness.models import FieldTrial, Questionnaire
from tests.readiness.conftest import MINUTES, NUMBER, STATE, Asked
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    files.forget()
    yield tmp_path
    files.forget()


def of(page: str, asked: Asked) -> str:
    return reverse(f"admin:readiness_{page}", args=[asked.row.pk])


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def form_of(asked: Asked, **values: object) -> dict[str, object]:
    """What the browser sends of the questionnaire's form as it is shown."""
    row = asked.read()
    sent: dict[str, object] = {"deep_links": row.deep_links, "deep_links_url": "", "api": row.api, "api_url": ""}
    sent |= {"lookup": row.lookup_id or "", "method": row.method, "path": row.path, "headers": "{}", "document": ""}
    sent |= {"body": "", "read_path": "", "read_query": "{}", "read_headers": "{}", "read_document": ""}
    sent |= {"read_expect": "body", "notes": "", "collected": [item.fact for item in row.items.all()]}
    items = list(row.items.all())
    sent |= {"items-TOTAL_FORMS": len(items), "items-INITIAL_FORMS": len(items)}
    for number, item in enumerate(items):
        sent |= {f"items-{number}-{name}": getattr(item, name) for name in ITEM_FIELDS}
        sent |= {f"items-{number}-id": item.pk, f"items-{number}-questionnaire": row.pk}
    return sent | values


ITEM_FIELDS = ("field", "target", "type", "format", "method", "path")


def save(admin: Client, asked: Asked, **values: object) -> str:
    path = reverse("admin:readiness_questionnaire_change", args=[asked.row.pk])
    return admin.post(path, form_of(asked, **values), follow=True).content.decode()


def test_a_questionnaire_is_begun_for_a_connection_and_then_answered(admin: Client, asked: Asked) -> None:
    asked.row.items.all().delete()
    asked.row.delete()

    add = reverse("admin:readiness_questionnaire_add")
    page = admin.post(add, {"connection": asked.connection.pk}, follow=True).content.decode()

    assert "Which data should be collected" in page
    assert "Question 3: nothing is chosen" in page
    assert Questionnaire.objects.get().history.count() == 1


def test_facts_that_are_ticked_become_rows_to_answer(admin: Client, asked: Asked) -> None:
    page = save(admin, asked, collected=[STATE, MINUTES, "test.visit:visit.ended_at"])

    assert "visit.ended_at" in page
    assert "Question 4: it is not answered whether there is a field for visit.ended_at" in page
    ended_at = asked.item("test.visit:visit.ended_at")
    assert (ended_at.position, ended_at.type) == (2, "TIME")


BAD: list[tuple[dict[str, object], str]] = [
    ({"deep_links_url": "javascript:alert(1)"}, "Enter a valid URL"),
    ({"path": "/api/orders/{record.id"}, "is not closed"),
    ({"path": "/api/orders/{visit.id}"}, "a request may read record, external_id, fields"),
    ({"headers": "[1]"}, "Write an object"),
    ({"headers": "{"}, "Enter a valid JSON"),
    ({"document": "mutation {"}, "not a GraphQL document"),
    ({"read_expect": "body["}, "body["),
    ({"items-0-target": ""}, "Name the field"),
    ({"items-0-format": "many"}, "is not a number of characters"),
    ({"items-0-method": "DELETE"}, "does not update a field"),
    ({"items-0-field": "PERHAPS"}, "Select a valid choice"),
    ({"collected": ["test.visit:visit.secret"]}, "Select a valid choice"),
    ({"lookup": "999999"}, "Select a valid choice"),
]


def test_bad_answers_are_refused_by_name_and_nothing_is_kept(admin: Client, asked: Asked) -> None:
    before = Questionnaire.history.count(), asked.item().history.count()

    pages = [(said, unescape(save(admin, asked, **values))) for values, said in BAD]

    assert [said for said, page in pages if said not in page] == []
    assert (Questionnaire.history.count(), asked.item().history.count()) == before


def test_the_mapping_is_shown_and_made_and_shown_again_after_a_hand_was_there(admin: Client, asked: Asked) -> None:
    assert "will be made" in text_of(admin, of("mapping", asked))

    made = admin.post(of("mapping", asked), follow=True).content.decode()

    assert "1 mapping is as the answers have it" in made
    (operation,) = asked.made()
    operation.path = "/api/other/{record.id}"
    operation.save()
    page = text_of(admin, of("mapping", asked))
    assert "stays: changed by hand" in page
    assert "/api/other/{record.id}" in page


def test_going_live_is_blocked_with_the_item_named(admin: Client, asked: Asked) -> None:
    """A40, by the button."""
    producing.produce(asked.row)
    asked.change(MINUTES, field="NO")

    page = admin.post(of("live", asked), {"write_from": "2026-01-01T00:00:00"}, follow=True).content.decode()

    assert "visit.minutes has no field" in page
    assert asked.read().live_at is None
    assert not asked.made()[0].enabled


def test_going_live_and_back_by_the_buttons(admin: Client, asked: Asked) -> None:
    producing.produce(asked.row)

    page = admin.post(of("live", asked), {"write_from": "2026-01-01T00:00:00"}, follow=True).content.decode()

    assert "Live, with 1 mapping." in page
    back = reverse("admin:readiness_questionnaire_do", args=[asked.row.pk, "hold_back"])
    assert "not sent" in admin.post(back, follow=True).content.decode()
    assert asked.connection.capture


def test_a_live_connection_whose_writes_are_held_back_elsewhere_says_so(admin: Client, asked: Asked) -> None:
    producing.produce(asked.row)
    admin.post(of("live", asked), {"write_from": "2026-01-01T00:00:00"})
    asked.house.connection.capture = True
    asked.house.connection.save()

    assert "live, and writes held back" in text_of(admin, reverse("admin:readiness_questionnaire_changelist"))


def test_a_time_that_is_none_goes_nowhere(admin: Client, asked: Asked) -> None:
    producing.produce(asked.row)

    answer = admin.post(of("live", asked), {"write_from": "soon"})

    assert "Enter a valid date/time" in answer.content.decode()
    assert asked.read().live_at is None


def test_a_trial_is_asked_for_and_every_step_is_shown(admin: Client, asked: Asked, record: RunningRecord) -> None:
    asked_for = {"item": asked.item().pk, "record": NUMBER, "value": "tried"}

    answer = admin.post(of("try", asked), asked_for, follow=True)
    assert 'id="trial-steps" data-live=' in answer.content.decode()
    asked.work_until_done()

    trial = FieldTrial.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("admin:readiness_fieldtrial_change", args=[trial.pk])
    page = text_of(admin, answer.redirect_chain[-1][0])
    assert 'id="trial-steps">' in page  # what the live box looks for: without data-live it loads the page again
    for words in ("Look the record up", "Write it", "Read it back", "Restore it", "Answered 200", "in the ledger"):
        assert words in page
    write = text_of(admin, reverse("admin:sync_recordwrite_changelist") + f"?q={trial.origin}")
    assert NUMBER in write


def test_a_trial_of_no_field_is_refused(admin: Client, asked: Asked) -> None:
    for item in ("", "x", "9" * 40, "999999"):
        answer = admin.post(of("try", asked), {"item": item, "record": NUMBER})
        assert "Choose the field to try" in answer.content.decode()

    assert not FieldTrial.objects.exists()


def test_an_unrestored_field_has_a_button(admin: Client, asked: Asked, record: RunningRecord) -> None:
    trial = asked.ask()
    FieldTrial.objects.update(stage="WRITTEN", state="FAILED", record={"id": "rec-000001"}, before="open")
    page = text_of(admin, reverse("admin:readiness_fieldtrial_change", args=[trial.pk]))
    assert "is not restored" in page
    assert "Restore now" in page
    assert "Fields not restored" in text_of(admin, reverse("admin:index"))

    admin.post(reverse("admin:readiness_fieldtrial_do", args=[trial.pk, "restore_now"]))
    asked.work_until_done()

    trial.refresh_from_db()
    assert trial.stage == "RESTORED"


def test_the_summary_has_the_answers_and_what_blocks(admin: Client, asked: Asked) -> None:
    page = text_of(admin, of("summary", asked))

    for words in ("u_minutes", "PATCH /api/orders/{record.id}", "not made of these answers"):
        assert words in page


def test_a_document_is_kept_and_only_ever_downloaded(admin: Client, asked: Asked, storage: Path) -> None:
    sent = SimpleUploadedFile("how links <b>.pdf", PDF, content_type="text/html")

    admin.post(of("document", asked), {"file": sent})

    row = asked.read()
    assert row.file_name == "how links _b_.pdf"
    answer = admin.get(of("document", asked) + "?download")
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"

    admin.post(of("document", asked), {"remove": "1"})

    assert not [path for path in storage.rglob("*") if path.is_file()]
    assert admin.get(of("document", asked) + "?download").status_code == 404


def test_a_file_that_is_not_what_it_says_is_not_kept(admin: Client, asked: Asked, storage: Path) -> None:
    sent = SimpleUploadedFile("links.pdf", b"<html>")

    page = admin.post(of("document", asked), {"file": sent}, follow=True).content.decode()

    assert "its content is not" in page
    assert asked.read().file == ""
    assert not [path for path in storage.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("group", "pages", "changes"), [("Operator", 200, 403), ("Viewer", 403, 403)])
def test_who_may_only_look_changes_nothing(client: Client, asked: Asked, group: str, pages: int, changes: int) -> None:
    person = get_user_model().objects.create_user("ole", is_staff=True)
    person.groups.add(Group.objects.get(name=group))
    client.force_login(person)

    assert client.get(of("summary", asked)).status_code == pages
    assert client.get(reverse("admin:readiness_questionnaire_change", args=[asked.row.pk])).status_code == pages
    for page in ("mapping", "live", "try", "document"):
        assert client.post(of(page, asked), {"record": NUMBER}).status_code == changes
    assert asked.made() == []
    assert not FieldTrial.objects.exists()
