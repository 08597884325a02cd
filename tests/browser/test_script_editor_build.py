"""The committed build of the script editor is that of its sources, and asks no other host for anything."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "integrations" / "scripts"
SOURCES, BUILT = ROOT / "editor", ROOT / "static" / "scripts"
CONSOLE = ROOT.parent / "events" / "static" / "events" / "console"
ENDINGS = (".ts", ".mjs", ".css", ".json")
NAME_SPACE = "http://www.w3.org/2000/svg"  # a name, never fetched
TYPES = "../sandbox/javascript/ctx.d.ts"


def noted(what: str) -> dict[str, str]:
    """Return the hashes that the build wrote of its inputs or outputs."""
    facts: dict[str, dict[str, str]] = json.loads((BUILT / "build.json").read_text())
    return facts[what]


def hashed(folder: Path, names: list[str]) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def test_the_build_is_of_these_sources() -> None:
    own = [path.relative_to(SOURCES) for path in SOURCES.rglob("*") if path.name.endswith(ENDINGS) and path.is_file()]
    names = sorted([TYPES, *(path.as_posix() for path in own if path.parts[0] != "node_modules")])

    assert noted("inputs") == hashed(SOURCES, names), "run `make editor` and commit what it writes"


def test_nobody_changed_the_build_by_hand() -> None:
    names = [path.name for path in BUILT.iterdir() if path.name != "build.json"]

    assert noted("outputs") == hashed(BUILT, sorted(names))


@pytest.mark.parametrize("name", sorted(path.name for path in BUILT.iterdir() if path.suffix in (".js", ".css")))
def test_the_build_names_no_host_and_evaluates_no_text(name: str) -> None:
    text = (BUILT / name).read_text().replace(NAME_SPACE, "")
    forbidden = ("https://", "http://", "eval(", "new Function", "sourceMappingURL", "@import")

    assert [word for word in forbidden if word in text] == []


def imported(name: str) -> set[str]:
    """Return a script and all that it imports before it begins; what `import(…)` loads comes later."""
    named = re.findall(r'(?:from|import) ?"\./([\w.-]+)"', (BUILT / name).read_text())
    return {name}.union(*(imported(each) for each in named))


def test_what_a_page_needs_before_one_can_type_is_small() -> None:
    first = imported("editor.js")

    assert sum((BUILT / name).stat().st_size for name in first) < 400_000
    assert len(first) > 1
    assert [name for name in first if name.startswith(("assisting", "difference"))] == []


def test_the_licence_of_every_package_within_is_beside_it() -> None:
    text = "".join((folder / "LICENSES.txt").read_text() for folder in (BUILT, CONSOLE))
    packages = json.loads((SOURCES / "package.json").read_text())["dependencies"]

    assert [name for name in packages if f"{name} " not in text] == []
    assert text.count("Permission is hereby granted") >= len(packages)


def test_the_graphql_console_is_of_these_sources_too() -> None:
    facts = json.loads((CONSOLE / "build.json").read_text())
    text = (CONSOLE / "console.js").read_text()
    told = set(re.findall(r"https?://[^\s\"'`)\\]+", text)) - {NAME_SPACE}

    assert facts["inputs"] == noted("inputs"), "run `make editor` and commit what it writes"
    assert facts["outputs"] == hashed(CONSOLE, sorted(facts["outputs"]))
    assert [word for word in ("eval(", "new Function", "sourceMappingURL", "@import") if word in text] == []
    # In descriptions of graphql's own types; nothing of them is fetched.
    assert {address.split("/")[2] for address in told} <= {"commonmark.org", "en.wikipedia.org", "yarnpkg.com"}
