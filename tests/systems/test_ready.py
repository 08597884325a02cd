"""What holds for every ready configuration: its page is there, names what is needed, and promises what is so."""

import re
from pathlib import Path

import pytest

from integrations.sync.guarantee import guarantee_of
from integrations.sync.models import Operation
from tests.systems.ready import READY, apply_ready

PAGES = Path(__file__).parents[2] / "docs" / "systems"
SYSTEMS = sorted(path.name for path in READY.iterdir() if path.is_dir())


@pytest.mark.parametrize("system", SYSTEMS)
def test_its_page_names_every_secret_and_its_file_holds_none(system: str) -> None:
    text, page = (READY / system / "fieldport.yaml").read_text(), (PAGES / f"{system}.md").read_text()

    variables = re.findall(r"\{env: (\w+)\}", text)

    assert variables
    assert [name for name in variables if name not in page] == []
    assert f"ready/{system}/fieldport.yaml" in page


@pytest.mark.django_db
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_write_is_once_and_proven_as_its_page_says(system: str) -> None:
    variables = re.findall(r"\{env: (\w+)\}", (READY / system / "fieldport.yaml").read_text())
    page = (PAGES / f"{system}.md").read_text()

    apply_ready(system, "https://system.example.com", secrets=dict.fromkeys(variables, "secret"))

    writes = Operation.objects.exclude(kind="LOOKUP")
    assert {each.kind for each in writes} >= {"UPDATE", "NOTE", "ATTACH"}
    for each in writes:
        promised = guarantee_of(each)
        assert (promised.once, promised.proven) == (True, True), promised.sentence
        assert f"| {each.name} | once |" in page
