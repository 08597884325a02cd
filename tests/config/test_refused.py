"""Files that are refused: each by its place, by what was wrong, and with what would be right. Nothing is written."""

import re
from pathlib import Path

import pytest

from integrations.connections.models import Connection, Workspace
from integrations.core.config import all_sections
from integrations.core.config.documents import ConfigRefused
from tests.config.making import applied

pytestmark = pytest.mark.django_db

# Each case: what it is called, what is said of it, and what stands after the first line, which is “fieldport: 1”.
BLOCK = re.compile(r"^=== (.+)\n!!! (.+)\n((?:(?!===).*\n)+)", re.MULTILINE)
CORPUS = BLOCK.findall((Path(__file__).parent / "refused.txt").read_text())


@pytest.mark.parametrize(("said", "text"), [pytest.param(said, text, id=name) for name, said, text in CORPUS])
def test_what_is_wrong_is_named_by_its_place(said: str, text: str) -> None:
    with pytest.raises(ConfigRefused) as refused:
        applied(f"fieldport: 1\n{text}")

    assert said in str(refused.value)
    assert all(str(each).startswith("fieldport.yaml, line") for each in refused.value.problems)
    assert not Connection.objects.exists()
    assert not Workspace.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it must be an object that begins with “fieldport: 1”."),
        ("connections: {}", "the version of its format is missing: begin it with “fieldport: 1”."),
        ("fieldport: 2", "line 1: fieldport: this version of Fieldport reads format 1 only."),
        ("fieldport: true", "reads format 1 only."),
        ("- fieldport", "it must be an object"),
    ],
)
def test_a_file_says_its_format(text: str, said: str) -> None:
    with pytest.raises(ConfigRefused, match=re.escape(said)):
        applied(text)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ConfigRefused) as refused:
        applied("fieldport: 1\nworkspaces:\n  a: {nam: x}\n  b:\n    name: [1]\nother: 1\n")

    assert [str(each) for each in refused.value.problems] == [
        "fieldport.yaml, line 6: other: unknown section “other”. "
        f"Known: {', '.join(sorted(section.name for section in all_sections()))}.",
        "fieldport.yaml, line 3: workspaces / a / nam: unknown field “nam”; did you mean “name”?",
        "fieldport.yaml, line 3: workspaces / a: “name” is missing.",
        "fieldport.yaml, line 5: workspaces / b / name: it must be a text.",
    ]


def test_an_entry_that_is_refused_holds_back_the_others() -> None:
    with pytest.raises(ConfigRefused):
        applied("fieldport: 1\nworkspaces: {good: {name: Good}, 'not good': {name: Bad}}")

    assert not Workspace.objects.filter(slug="good").exists()
