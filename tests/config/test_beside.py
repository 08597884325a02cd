"""Texts in files beside the YAML, shown with the documents of mappings."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from integrations.core.config import Section, all_sections, sections
from integrations.core.config.beside import Beside, safe_name, write_all
from integrations.core.config.exporting import export
from integrations.sync.models import Operation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _documents_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """As scripts do it: the text of a row in a file that is named after the row."""
    mappings = next(section for section in all_sections() if section.name == "mappings")
    beside = Beside(
        "document",
        covers=("document",),
        called=lambda row: f"documents/{safe_name(row.name)}.graphql",
        get=lambda row: str(row.document),
        set=lambda row, text: setattr(row, "document", text),
        required=False,
    )
    parts = [beside if part.name == "document" else part for part in mappings.parts]
    made: Section = type("Mappings", (type(mappings),), {"parts": parts})()
    monkeypatch.setitem(sections._sections, "mappings", made)


def run(*words: str) -> str:
    said = StringIO()
    call_command("config", *words, stdout=said)
    return said.getvalue()


@pytest.fixture
def out(full: None, tmp_path: Path) -> Path:
    run("export", "--out", str(tmp_path))
    return tmp_path


def test_a_text_stands_in_a_file_of_its_own(out: Path) -> None:
    text = Operation.objects.get(name="Session: on the order").document

    assert (out / "documents" / "Session-on-the-order.graphql").read_bytes() == text.encode()
    assert "document: {file: documents/Session-on-the-order.graphql}" in (out / "fieldport.yaml").read_text()
    assert run("apply", str(out)).startswith("Nothing to change")


def test_a_text_that_was_changed_in_its_file_is_applied(out: Path) -> None:
    (out / "documents" / "Session-on-the-order.graphql").write_text("mutation { close }\nquery { b }\n")

    said = run("apply", str(out))

    assert "+mutation { close }" in said
    assert Operation.objects.get(name="Session: on the order").document == "mutation { close }\nquery { b }\n"


def test_a_second_export_writes_the_same_bytes_into_the_files_it_finds(out: Path) -> None:
    (out / "documents" / "Session-on-the-order.graphql").rename(out / "close.graphql")
    yaml = out / "fieldport.yaml"
    yaml.write_text(yaml.read_text().replace("documents/Session-on-the-order.graphql", "close.graphql"))
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    run("export", "--out", str(out))

    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_without_a_directory_the_text_stands_in_the_yaml(full: None) -> None:
    assert "      document: |\n        mutation($id: ID!) {\n" in export()


def test_names_that_differ_only_in_case_get_files_of_their_own(full: None, tmp_path: Path) -> None:
    first = Operation.objects.get(name="Session: on the order")
    Operation.objects.create(
        connection=first.connection, name="SESSION on the order", kind="LOOKUP", path="/", document="{ other }"
    )

    run("export", "--out", str(tmp_path))

    names = sorted(path.name for path in (tmp_path / "documents").iterdir())
    assert names == ["SESSION-on-the-order.graphql", "Session-on-the-order-2.graphql"]
    assert run("apply", str(tmp_path)).startswith("Nothing to change")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../secret.graphql", "../secret.graphql leaves the directory of this file"),
        ("/etc/hostname", "/etc/hostname leaves the directory of this file"),
        ("documents/../../secret.graphql", "leaves the directory of this file"),
        ("./close.graphql", "leaves the directory of this file"),
        ("documents//close.graphql", "leaves the directory of this file"),
        ("c:\\\\x", "“file” is a path with /, relative"),
        ("link.graphql", "link.graphql is a link that leaves the directory of this file."),
        ("linked/secret.graphql", "is a link that leaves the directory"),
        ("nowhere.graphql", "there is no file nowhere.graphql."),
        ("documents", "there is no file documents."),
        ("binary.graphql", "the file binary.graphql cannot be read: it is not UTF-8."),
        ("nul.graphql", "holds NUL."),
        ("big.graphql", "has more than 1024 KiB"),
        ("", "“file” is a path with /, relative"),
    ],
)
def test_only_texts_inside_the_directory_are_read(out: Path, name: str, said: str, tmp_path: Path) -> None:
    folder = out / "config"
    folder.mkdir()
    (out / "secret.graphql").write_text("hunter2")
    (folder / "documents").mkdir()
    (folder / "link.graphql").symlink_to(out / "secret.graphql")
    (folder / "linked").symlink_to(out)
    (folder / "binary.graphql").write_bytes(b"\xff\xfe")
    (folder / "nul.graphql").write_bytes(b"a\0")
    (folder / "big.graphql").write_text("x" * 1_100_000)
    text = (out / "fieldport.yaml").read_text()
    (folder / "fieldport.yaml").write_text(text.replace("documents/Session-on-the-order.graphql", f'"{name}"'))

    with pytest.raises(CommandError) as refused:
        run("apply", str(folder))

    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_an_export_writes_nothing_outside_its_directory(out: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (out / "away").symlink_to(elsewhere)

    for name in ("../x", "away/x"):
        with pytest.raises(ValueError, match="leaves"):
            write_all(out, {name: "text"})

    assert list(elsewhere.iterdir()) == []
