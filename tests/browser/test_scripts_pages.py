"""The pages of scripts in a real browser: accessible, readable in both themes, no wider than 360 px, policy obeyed."""

import pytest
from django.urls import reverse

from integrations.core.work import WorkState
from integrations.scripts.models import Script, ScriptLane, ScriptRun
from integrations.sync.models import RecordWrite, WriteState
from tests.browser.conftest import Visitor
from tests.browser.test_pages import complaints_of
from tests.desk.story import tell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LISTS = ("script", "scriptrun", "scriptvalue", "scriptlane", "scripttimer")


def paths_of_scripts() -> dict[str, str]:
    """Return the addresses of a script's pages, and of a run in each state."""
    script = Script.objects.get()
    pages = {
        "script_add": reverse("admin:scripts_script_add"),
        "script_form": reverse("admin:scripts_script_change", args=[script.pk]),
        "script_editor": reverse("admin:scripts_script_editor", args=[script.pk]),
        "script_versions": reverse("admin:scripts_script_versions", args=[script.pk]),
        "script_version": reverse("admin:scripts_script_version", args=[script.pk, 2]),
        "script_diff": f"{reverse('admin:scripts_script_difference', args=[script.pk])}?left=1&right=2",
        "script_delete": reverse("admin:scripts_script_delete", args=[script.pk]),
        "script_history": reverse("admin:scripts_script_history", args=[script.pk]),
    }
    lists = {f"{name}_list": reverse(f"admin:scripts_{name}_changelist") for name in LISTS}
    runs = {
        f"run_{run.state}": reverse("admin:scripts_scriptrun_change", args=[run.pk]) for run in ScriptRun.objects.all()
    }
    return pages | lists | runs


def test_the_pages_of_scripts_are_accessible_fit_and_obey_the_policy(visitor: Visitor) -> None:
    tell()

    wrong = [sentence for name, path in paths_of_scripts().items() for sentence in complaints_of(visitor, name, path)]

    assert not wrong, "\n".join(wrong)
    assert visitor.complaints == []


def test_an_empty_list_of_scripts_says_what_to_do(visitor: Visitor) -> None:
    wrong = complaints_of(visitor, "script_empty", reverse("admin:scripts_script_changelist"))

    assert wrong == []
    assert "start from a template" in visitor.page.inner_text(".empty")


def test_a_script_that_is_switched_off_is_deleted_on_a_page_that_says_what_goes(visitor: Visitor) -> None:
    tell()
    Script.objects.update(enabled=False)
    RecordWrite.objects.update(state=WriteState.DONE)
    ScriptLane.objects.update(state=WorkState.DONE)
    script = Script.objects.get()
    visitor.go(reverse("admin:scripts_script_change", args=[script.pk]))

    visitor.page.get_by_role("link", name="Delete").click()
    said = visitor.page.inner_text("main")
    wrong = complaints_of(visitor, "script_delete_now", reverse("admin:scripts_script_delete", args=[script.pk]))
    visitor.page.get_by_role("button", name="Delete").click()
    visitor.page.get_by_text("deleted successfully").wait_for()

    assert "What goes" in said
    assert "What stays" in said
    assert not wrong, "\n".join(wrong)
    assert not Script.objects.exists()
    assert RecordWrite.objects.exists()
