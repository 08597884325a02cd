"""Every variable that the settings read is in `.env.example` and in the README's table, and nothing else is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'env\.(?:str|int|float|bool|list)\(\s*"([A-Z][A-Z0-9_]+)"|os\.environ\.get\("([A-Z][A-Z0-9_]+)"')
# Read by the tests and for the tests; the first is described in CONTRIBUTING.md, the other is set by pytest-xdist.
OF_THE_TESTS = {"PYTEST_DATABASE_URL", "PYTEST_XDIST_WORKER"}


def _variables() -> set[str]:
    text = "\n".join(path.read_text() for path in (ROOT / "portal" / "settings").rglob("*.py"))
    return {name for pair in READ.findall(text) for name in pair if name} - OF_THE_TESTS


def test_every_variable_is_in_the_example_file() -> None:
    text = (ROOT / ".env.example").read_text()

    assert set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)) == _variables()


def test_every_variable_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()

    assert set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", text, re.MULTILINE)) == _variables()


def test_the_variables_of_the_tests_are_described() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()

    assert {name for name in ("TEST_DATABASE_URL", "TEST_REDIS_URL") if name not in text} == set()
