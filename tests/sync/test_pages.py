"""The page of a write in the admin."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from integrations.sync.models import OperationKind, RecordWrite
from integrations.sync.scripted import Undecided
from tests.simulators.running import RunningRecord
from tests.sync.conftest import House
from tests.sync.scripting import SECRET, ScriptRun


@pytest.fixture
def admin(client: Client, resumed: list[str], db: None) -> Client:
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


def page_of(admin: Client, write: RecordWrite) -> str:
    answer = admin.get(f"/admin/sync/recordwrite/{write.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_read_back_of_a_note_is_shown_as_json(house: House, record: RunningRecord, admin: Client) -> None:
    house.operation(OperationKind.NOTE)
    house.tell()
    house.work()

    page = page_of(admin, house.last())

    assert "&quot;body&quot;: &quot;Visit v1: in_progress" in page
    assert "&#x27;body&#x27;" not in page


def test_a_request_of_a_script_is_shown_with_its_run_and_whole_answer(
    house: House, record: RunningRecord, admin: Client
) -> None:
    ScriptRun(house).send(json={"body": "said ⟦secret:TOKEN:0a1b⟧", "filler": "x" * 600})

    page = page_of(admin, house.last())
    listed = admin.get("/admin/sync/recordwrite/?q=scriptrun/12").content.decode()

    assert "push#1" in page
    assert "scriptrun/12" in page
    assert "&quot;method&quot;: &quot;POST&quot;" in page
    assert "⟦secret:TOKEN⟧" in page
    assert page.count("x" * 600) == 2
    assert SECRET not in page
    assert "push#1" in listed


def test_an_unclear_request_of_a_script_is_decided_on_its_page(
    house: House, record: RunningRecord, admin: Client
) -> None:
    record.control.fault("drop_after", method="POST", times=1)
    with pytest.raises(Undecided):
        ScriptRun(house).send()
    page = page_of(admin, house.last())
    assert "Your decision" in page

    admin.post(reverse("admin:sync_recordwrite_do", args=[house.last().pk, "mark_as_done"]))

    assert (house.last().state, house.last().decided_by) == ("DONE", "root")
    assert ScriptRun(house).send().replayed


def test_what_a_script_gave_an_operation_is_shown(house: House, record: RunningRecord, admin: Client) -> None:
    ScriptRun(house).perform(house.update(), fields={"u_by": "script"})

    page = page_of(admin, house.last())

    assert "Given by the script" in page
    assert "&quot;u_by&quot;: &quot;script&quot;" in page
