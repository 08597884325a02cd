"""The example of the how-to page works as written."""

import re
from pathlib import Path

import pytest

from integrations.core.config import all_sections
from integrations.sync.models import Operation
from tests.config.making import applied

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs" / "config-as-code.md").read_text()


def test_the_example_of_the_page_is_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    monkeypatch.setenv("ERP_TOKEN", "token")

    applied(example[1])

    assert Operation.objects.get(name="Session on the order").lookup == Operation.objects.get(name="Find the order")
    assert applied(example[1], prune=True).changes_nothing


def test_the_commands_of_the_page_name_every_section_between_them() -> None:
    named = {name for line in re.findall(r"--only ((?:\w+ )+)--out", PAGE) for name in line.split()}

    assert named == {section.name for section in all_sections()}
