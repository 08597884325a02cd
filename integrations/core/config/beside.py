"""Texts in files of their own beside the YAML: `source: {file: scripts/photos.js}`."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any

from integrations.core.config.documents import Place
from integrations.core.config.parts import Entry, Part, Step, Writer
from integrations.core.config.plain import ABSENT, Change, Path, Plain
from integrations.core.config.writing import Inline

MOST_BYTES = 1024 * 1024
_SAFE = re.compile(r"[^\w.-]+")


class Beside(Part):
    """A text that may stand in a file beside the YAML. Its one form is the text itself, wherever it stands.

    `called(row)` names the file in an export, such as `scripts/photos.js`; `get` and `set` are the row's text.
    """

    def __init__(
        self,
        name: str,
        *,
        covers: tuple[str, ...],
        called: Callable[[Any], str],
        get: Callable[[Any], str],
        set: Callable[[Any, str], None],
        required: bool = True,
    ) -> None:
        self.name, self.covers, self.required = name, covers, required
        self.called, self.get, self.set = called, get, set

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        held = self.get(row)
        if not held:
            return ABSENT
        if writer.files is None:
            return held
        name = export_name(self.called(row), path, writer)
        writer.files[name] = held
        return Inline(file=name)

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        try:
            found = read_beside(value["file"], place) if _is_reference(value) else value
        except ValueError as error:
            place.refuse(str(error))
            return ABSENT
        if not isinstance(found, str):
            place.refuse("it must be a text, or {file: scripts/name.js} for one in a file beside this one.")
            return ABSENT
        return found or ABSENT

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        old = "" if step.fresh else self.get(row)
        new = "" if value is ABSENT else value
        if old != new:
            self.set(row, new)
            yield Change((self.name,), old or ABSENT, new or ABSENT)


def _is_reference(value: Plain) -> bool:
    return isinstance(value, dict) and value.keys() == {"file"}


def safe_name(words: str) -> str:
    """Return words as the name of a file."""
    return _SAFE.sub("-", words).strip("-.") or "unnamed"


def fault_of(name: Plain) -> str:
    """Say why a name may not be followed; empty if it stays in its directory."""
    if not isinstance(name, str) or not name or "\\" in name or "\x00" in name:
        return "“file” is a path with /, relative to the directory of this file."
    if name.startswith("/") or {"..", "."} & set(name.split("/")) or "" in name.split("/"):
        return f"{name} leaves the directory of this file; only paths inside it are followed."
    return ""


def read_beside(name: Plain, place: Place) -> str:
    """Return the text of a file beside the document. :raises ValueError: with a sentence"""
    data = bytes_beside(name, place, most=MOST_BYTES)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ValueError(f"the file {name} cannot be read: it is not UTF-8.") from None
    if "\x00" in text:
        raise ValueError(f"the file {name} holds NUL.")
    return text


def bytes_beside(name: Plain, place: Place, *, most: int) -> bytes:
    """Return what is in a file beside the document. :raises ValueError: with a sentence"""
    folder = place.document.folder
    if fault := fault_of(name):
        raise ValueError(fault)
    if folder is None:
        raise ValueError("there is no directory that it could be in: write the text here.")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name} is a link that leaves the directory of this file.")
    try:
        if not path.is_file():
            raise ValueError(f"there is no file {name}.")
        with path.open("rb") as file:
            data: bytes = file.read(most + 1)
    except OSError as error:
        raise ValueError(f"the file {name} cannot be read: {error.strerror}.") from None
    if len(data) > most:
        raise ValueError(f"the file {name} has more than {most // 1024} KiB.")
    return data


def export_name(wanted: str, path: Path, writer: Writer) -> str:
    """Return the name of the file for what stands at this place: that of an earlier export, else `wanted`."""
    earlier: Plain = writer.names.earlier.get(path)
    kept = str(earlier["file"]) if _is_reference(earlier) and not fault_of(earlier["file"]) else wanted
    return _own_name(kept, writer.files or {})


def write_all(folder: FilePath, files: Mapping[str, str | bytes]) -> None:
    """Write each one into its file below the folder, whole or not at all. :raises ValueError: if one leaves it"""
    for name, held in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if fault_of(name) or not path.parent.resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"{name} leaves {folder}.")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(held.encode() if isinstance(held, str) else held)
        FilePath(temporary).chmod(0o644)
        FilePath(temporary).replace(path)


def _own_name(wanted: str, taken: Mapping[str, str | bytes]) -> str:
    """Return the name, with a number where another one has it (in any case: some file systems make no difference)."""
    lower = {name.lower() for name in taken}
    path, name, count = PurePosixPath(wanted), wanted, 1
    while name.lower() in lower:
        count += 1
        name = str(path.with_name(f"{path.stem}-{count}{path.suffix}"))
    return name
