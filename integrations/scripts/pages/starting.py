"""Scripts to start from: files beside this app, each beginning with its title and what it shows."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "templates_js"


@dataclass(frozen=True)
class Template:
    name: str
    title: str
    about: str
    source: str


@cache
def templates() -> list[Template]:
    """Return them in the order of their file names. The first comment line is the title, the rest of it the text."""
    return [_read(path) for path in sorted(FOLDER.glob("*.js"))]


def _read(path: Path) -> Template:
    source = path.read_text(encoding="utf-8")
    comment = [line[2:].strip() for line in source.split("\n\n")[0].splitlines() if line.startswith("//")]
    return Template(path.stem.lstrip("0123456789-"), comment[0].rstrip("."), " ".join(comment[1:]), source)
