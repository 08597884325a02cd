"""`manage.py config`, as people and pipelines call it."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from integrations.connections.models import Connection
from integrations.core.config.exporting import export
from tests.config.test_apply import SYSTEM

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def run(*words: str) -> str:
    said = StringIO()
    call_command("config", *words, stdout=said)
    return said.getvalue()


def test_an_export_goes_to_the_standard_output_a_file_or_a_directory(full: None, tmp_path: Path) -> None:
    file = tmp_path / "new" / "production.yml"

    shown = run("export")

    assert shown == export()
    assert run("export", "--out", str(file)).splitlines()[0] == f"{file}"
    assert run("export", "--out", str(tmp_path)).splitlines()[0] == f"{tmp_path}/fieldport.yaml"
    assert file.read_text() == (tmp_path / "fieldport.yaml").read_text()
    assert (tmp_path / "scripts" / "minutes.js").read_text() in yaml.safe_load(shown)["scripts"]["minutes"]["source"]


def test_an_export_of_some_sections_has_no_others(full: None, tmp_path: Path) -> None:
    run("export", "--out", str(tmp_path), "--only", "mappings", "retention")

    read = yaml.safe_load((tmp_path / "fieldport.yaml").read_text())
    assert list(read) == ["fieldport", "retention", "mappings"]
    assert run("apply", str(tmp_path), "--prune").startswith("Nothing to change")


def test_an_export_says_what_is_not_in_it(full: None) -> None:
    assert "# Not in it: users, groups, the values of secrets" in run("export")


def test_a_file_is_tried_applied_and_found_applied(tmp_path: Path) -> None:
    file = tmp_path / "erp.yaml"
    file.write_text(SYSTEM)

    tried, applied, again = (run("apply", str(file), *words) for words in (["--dry-run"], [], []))

    assert tried.splitlines()[:3] == ["connections", "  + erp  (create)", '      name: "ERP"']
    assert tried.endswith("1 to create, 0 unchanged.\nDry run: nothing was written.\n")
    assert applied.endswith("1 to create, 0 unchanged.\nApplied.\n")
    assert again == "Nothing to change: 1 entry is as the file says.\n"


def test_a_refusal_counts_what_was_refused_and_says_that_nothing_changed(tmp_path: Path) -> None:
    file = tmp_path / "erp.yaml"
    file.write_text(SYSTEM + "    paused: 1\n    capture: 1\n")

    with pytest.raises(CommandError) as refused:
        run("apply", str(file))

    assert str(refused.value).splitlines() == [
        f"{file}, line 10: connections / erp / paused: it must be true or false.",
        f"{file}, line 11: connections / erp / capture: it must be true or false.",
        "2 values were refused; nothing was changed.",
    ]
    assert not Connection.objects.exists()


@pytest.mark.parametrize("name", ["live", "-"])
def test_a_file_is_compared_with_what_runs(name: str, tmp_path: Path) -> None:
    file = tmp_path / "erp.yaml"
    file.write_text(SYSTEM)
    run("apply", str(file))
    run("export", "--out", str(tmp_path / "all.yaml"))
    Connection.objects.update(name="Renamed")

    assert run("diff", str(tmp_path / "all.yaml"), name) == 'connections\n  ~ erp\n      name: "ERP" → "Renamed"\n'
    assert run("diff", name, name) == "No difference.\n"
    with pytest.raises(SystemExit) as ended:
        run("diff", str(tmp_path / "all.yaml"), name, "--exit-code")
    assert ended.value.code == 1


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match=r"/not/there\.yaml: it cannot be read: No such file or directory\."):
        run("apply", "/not/there.yaml")


def test_the_help_names_the_verbs() -> None:
    shown = subprocess.run(
        [sys.executable, "manage.py", "config", "--help"],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "portal.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "export | apply | diff" in shown.stdout
