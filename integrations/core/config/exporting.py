"""The configuration of this installation as a document."""

from collections.abc import Collection, Iterator
from pathlib import Path as FilePath

from integrations.core.config.beside import write_all
from integrations.core.config.documents import Document
from integrations.core.config.entries import VERSION, VERSION_KEY
from integrations.core.config.known import LIVE, Known
from integrations.core.config.parts import Writer
from integrations.core.config.plain import ABSENT, Path, Plain
from integrations.core.config.reading import FILE_NAME, item, read_file
from integrations.core.config.references import Names
from integrations.core.config.sections import Section, all_sections
from integrations.core.config.writing import HEADER, yaml_of


def export(*, like: Document | None = None, only: Collection[str] = ()) -> str:
    """Return the YAML; texts stand in it. References to secrets are those of `like` where it has them.

    `only`: the sections to write; none: all of them.
    """
    return HEADER + yaml_of(exported(Writer(_names(like)), only=only))


def export_to(out: FilePath, *, only: Collection[str] = ()) -> list[str]:
    """Write a file, or `fieldport.yaml` in a directory, and the texts beside it; return the names of what was written.

    What is there already keeps its references to secrets, and its names of files.

    :raises ConfigRefused: if what is there already cannot be read
    """
    file = out if out.suffix in (".yaml", ".yml") and not out.is_dir() else out / FILE_NAME
    like = read_file(file) if file.exists() else None
    files: dict[str, str | bytes] = {}
    text = HEADER + yaml_of(exported(Writer(_names(like), files), only=only))
    write_all(file.parent, files | {file.name: text})
    return [str(file), *(str(file.parent / name) for name in sorted(files))]


def live(*, like: Document | None = None) -> Document:
    """Return the running configuration as if it had been read from a file."""
    return Document(LIVE, exported(Writer(_names(like))))


def exported(writer: Writer, *, only: Collection[str] = ()) -> dict[str, Plain]:
    """Return the sections; keys are in one order, whatever the database's."""
    known = Known()
    chosen = [section for section in all_sections() if not only or section.name in only]
    return {VERSION_KEY: VERSION} | {section.name: _section(section, known, writer) for section in chosen}


def _section(section: Section, known: Known, writer: Writer) -> Plain:
    found: dict[str, Plain] = {}
    for key, row in known.rows(section.model).items():
        below = found
        for word in key[:-1]:
            below = below.setdefault(word, {})
        path = (section.name, *key)
        shown = {part.name: part.show(row, (*path, part.name), writer) for part in section.parts}
        below[key[-1]] = {name: value for name, value in shown.items() if value is not ABSENT}
    return found


def _names(like: Document | None) -> Names:
    earlier = {} if like is None else dict(_objects(like.value, ()))
    taken = {str(each["env"]) for each in earlier.values() if isinstance(each, dict) and "env" in each}
    return Names(earlier, taken)


def _objects(value: Plain, path: Path) -> Iterator[tuple[Path, Plain]]:
    if isinstance(value, dict):
        yield path, value
        for name, below in value.items():
            yield from _objects(below, (*path, name))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _objects(below, (*path, item(index)))
