"""The languages that scripts may be written in, each with the engine that the jail loads for it."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from integrations.scripts.sandbox.jailed.javascript import PRELUDE_LINE

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Language:
    """`extension` is the engine's compiled module, `folder` holds what is run before each script."""

    name: str
    extension: Path
    folder: Path
    first_own_line: int
    """Of a stack: lines from here on are not the script's."""


@cache
def language(name: str) -> Language:
    """Return a language by its name. :raises LookupError: if there is none"""
    if name != "javascript":
        raise LookupError(f'Scripts cannot be written in "{name}". There is: javascript.')
    return Language(name, _extension("_quickjs"), HERE / "javascript", first_own_line=PRELUDE_LINE)


def _extension(module: str) -> Path:
    """Return where a compiled module is, without loading it: no script's engine runs in this process."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"The module {module} is not installed.")
    return Path(spec.origin)
