"""A site's active catalogue in a configuration file: task groups in their order, with tasks and example pictures."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from integrations.camera.models import CatalogueVersion, Example, Site, Task, TaskGroup
from integrations.camera.pages import catalogue
from integrations.camera.protocol.rules import RuleRefused, read_rules
from integrations.camera.services import examples
from integrations.core import files, images
from integrations.core.config.beside import bytes_beside, export_name, safe_name
from integrations.core.config.documents import Place
from integrations.core.config.entries import read_parts, refuse_invalid
from integrations.core.config.parts import Entry, Link, Part, Step, Writer, columns
from integrations.core.config.plain import ABSENT, Change, Path, Plain, differences, same
from integrations.core.config.reading import item
from integrations.core.config.references import Names
from integrations.core.config.sections import REASON
from integrations.core.config.writing import Inline

GROUP = (
    *columns(TaskGroup, "name", "texts", "guide", "checks", "engine"),
    Link(TaskGroup, "engine_connection"),
    *columns(TaskGroup, "engine_settings", "allow_pdf", "may_correct"),
)
TASK = columns(
    Task, "name", "sentences", "outcome_type", "outcome_validation",
    "mandatory", "conformity_status", "only_for_dashboard", "type_names",
)  # fmt: skip


class Digest(str):
    """The SHA-256 of a picture, with the picture where a file beside the YAML has it."""

    image: images.CleanImage | None = None
    kept: examples.KeptExample | None = None


@dataclass
class Given:
    """A task group that is to be stored, with what belongs to it."""

    row: TaskGroup
    tasks: list[Task] = field(default_factory=list)
    pictures: list[Digest] = field(default_factory=list)

    def problems(self) -> list[str]:
        has_connection = self.row.engine_connection is not None
        return catalogue.lacking(self.row, self.tasks, examples=len(self.pictures), has_connection=has_connection)


class Catalogue(Part):
    """The list of task groups; where it is not there, the site keeps the version that it has."""

    name, kept = "task_groups", True

    def show(self, row: Site, path: Path, writer: Writer) -> Plain:
        version = None if row.pk is None else row.active_version
        if version is None:
            return ABSENT
        groups = sorted(version.groups.all(), key=lambda each: (each.order, each.pk))
        return [_shown(row, group, (*path, item(index)), writer) for index, group in enumerate(groups)]

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if not isinstance(value, list) or not value:
            place.refuse("it must be a list of task groups, at least one; leave the line out to keep what is there.")
            return ABSENT
        found = [_read_group(each, place / item(index)) for index, each in enumerate(value)]
        _refuse_doubles(found, place)
        return found

    def put(self, row: Site, value: Plain, step: Step) -> Iterator[Change]:
        if value is ABSENT:
            return
        before = ABSENT if step.fresh else self.show(row, (), Writer(Names()))
        if same(before, value):
            return
        inner = replace(step, place=step.place / self.name, fresh=True)
        row.given_catalogue = [_given(each, index, inner) for index, each in enumerate(value)]  # type: ignore[attr-defined]
        connections = [each.row.engine_connection for each in row.given_catalogue]  # type: ignore[attr-defined]
        step.needs.extend(each for each in connections if each is not None)
        yield from self.compare(before, value)

    def compare(self, old: Plain, new: Plain) -> Iterator[Change]:
        one, other = (_by_name(each) for each in (old, new))
        yield from differences((self.name,), one, other)
        order = [list(each) if isinstance(each, dict) else [] for each in (one, other)]
        if order[0] != order[1] and set(order[0]) == set(order[1]):
            yield Change((self.name, "order"), *order)


def _shown(site: Site, group: TaskGroup, path: Path, writer: Writer) -> dict[str, Plain]:
    tasks = sorted(group.tasks.all(), key=lambda each: (each.order, each.pk))
    examples = sorted(group.examples.all(), key=lambda each: (each.position, each.pk))
    found = _values(GROUP, group, path, writer)
    if tasks:
        found["tasks"] = [
            _values(TASK, task, (*path, "tasks", item(index)), writer) for index, task in enumerate(tasks)
        ]
    if examples:
        called = f"camera/{safe_name(site.slug)}-{safe_name(group.name)}"
        found["examples"] = [
            _picture(each, f"{called}-{index + 1}", (*path, "examples", item(index)), writer)
            for index, each in enumerate(examples)
        ]
    return found


def _values(parts: Sequence[Part], row: Model, path: Path, writer: Writer) -> dict[str, Plain]:
    shown = {part.name: part.show(row, (*path, part.name), writer) for part in parts}
    return {name: value for name, value in shown.items() if value is not ABSENT}


def _picture(row: Example, called: str, path: Path, writer: Writer) -> Plain:
    if writer.files is None:
        return Inline(sha256=row.sha256)
    try:
        content = files.read(str(row.file.name))
    except FileNotFoundError:
        return Inline(sha256=row.sha256)
    name = export_name(f"{called}.{str(row.file.name).rpartition('.')[2]}", path, writer)
    writer.files[name] = content
    return Inline(file=name)


def _read_group(value: Plain, place: Place) -> dict[str, Plain]:
    nested = ("tasks", "examples")
    own = {name: each for name, each in value.items() if name not in nested} if isinstance(value, dict) else value
    found = read_parts(GROUP, own, place)
    given = value if isinstance(value, dict) else {}
    lists = {name: _listed(given.get(name), place / name) for name in nested}
    tasks = [_read_task(each, place / "tasks" / item(index)) for index, each in enumerate(lists["tasks"])]
    pictures = [_read_picture(each, place / "examples" / item(index)) for index, each in enumerate(lists["examples"])]
    _refuse_doubles(tasks, place / "tasks")
    return found | ({"tasks": tasks} if tasks else {}) | ({"examples": pictures} if pictures else {})


def _listed(value: Plain, place: Place) -> list[Plain]:
    if value is None or isinstance(value, list):
        return value or []
    place.refuse("it must be a list.")
    return []


def _read_task(value: Plain, place: Place) -> dict[str, Plain]:
    found = read_parts(TASK, value, place)
    try:
        read_rules(found.get("outcome_validation", []))
    except RuleRefused as error:
        (place / "outcome_validation").refuse(str(error))
    return found


def _read_picture(value: Plain, place: Place) -> Plain:
    """Return the picture by its digest, whether it stands in a file or is only named."""
    if isinstance(value, dict) and value.keys() == {"sha256"} and isinstance(value["sha256"], str):
        return {"sha256": Digest(value["sha256"])}
    if not (isinstance(value, dict) and value.keys() == {"file"}):
        place.refuse("it must be {file: camera/name.jpg}, a picture in a file beside this one.")
        return {"sha256": Digest()}
    try:
        image = images.clean_once(bytes_beside(value["file"], place, most=images.MAX_BYTES))
    except (ValueError, images.ImageRefused) as error:
        place.refuse(str(error))
        return {"sha256": Digest()}
    found = Digest(hashlib.sha256(image.content).hexdigest())
    found.image = image
    return {"sha256": found}


def _refuse_doubles(found: Sequence[Mapping[str, Plain]], place: Place) -> None:
    names = [each.get("name") for each in found]
    for index, name in enumerate(names):
        if name in names[:index]:
            (place / item(index) / "name").refuse(f"“{name}” is there twice.")


def _given(entry: Entry, order: int, step: Step) -> Given:
    """Make the rows of one task group in memory; refuse what cannot be stored."""
    at = replace(step, place=step.place / item(order))
    made = Given(_filled(GROUP, TaskGroup(order=order), entry, at))
    for index, each in enumerate(entry.get("tasks", ())):
        inner = replace(at, place=at.place / "tasks" / item(index))
        made.tasks.append(_filled(TASK, Task(order=index), each, inner))
    for index, each in enumerate(entry.get("examples", ())):
        digest: Digest = each["sha256"]
        if digest.image is None and not _stored(digest):
            place = at.place / "examples" / item(index)
            place.refuse("there is no such picture here: export into a directory, so that it stands in a file.")
        made.pictures.append(digest)
    return made


def _filled(parts: Sequence[Part], row: Any, entry: Entry, step: Step) -> Any:
    for part in parts:
        list(part.put(row, entry.get(part.name, ABSENT), step))
    links = [each.name for each in row._meta.fields if each.is_relation]
    try:
        row.full_clean(exclude=links)
    except ValidationError as error:
        refuse_invalid(error, step.place, parts=parts)
    return row


def _stored(digest: str) -> Example | None:
    return Example.objects.filter(sha256=digest).first()


def _by_name(value: Plain) -> Plain:
    """Return the groups by their names, and their tasks by theirs, so that a difference is said by its place."""
    if value is ABSENT:
        return ABSENT
    tasks = {each["name"]: {task.get("name"): task for task in each.get("tasks", ())} for each in value}
    return {each["name"]: each | ({"tasks": tasks[each["name"]]} if tasks[each["name"]] else {}) for each in value}


def keep_pictures(groups: Sequence[Given], place: Place) -> None:
    """Find the files of all pictures, or store them, before the transaction; refuse what cannot be kept."""
    for digest in (each for given in groups for each in given.pictures):
        known = _stored(digest)
        try:
            if known:
                digest.kept = examples.KeptExample(str(known.file.name), str(known.thumbnail.name), str(digest))
            elif digest.image:
                digest.kept = examples.keep(digest.image)
        except examples.NotKept as error:
            place.refuse(str(error))
            return


def save_catalogue(site: Site, groups: Sequence[Given], *, now: datetime) -> None:
    """Store the groups as the site's next version and make it the active one; a draft stays as it is."""
    version = CatalogueVersion.objects.create(
        site=site, number=catalogue.next_number(site), note=REASON, author=REASON, published_at=now
    )
    for given in groups:
        given.row.version = version
        given.row.engine_connection = given.row.engine_connection  # it has a number by now
        given.row.save()
        for task in given.tasks:
            task.group = given.row
            task.save()
        for position, digest in enumerate(given.pictures):
            _save_picture(given.row, digest, position)
    site.active_version = version
    site._change_reason = REASON  # type: ignore[attr-defined]  # simple_history reads it
    site.save(update_fields=["active_version"])


def _save_picture(group: TaskGroup, digest: Digest, position: int) -> None:
    assert digest.kept is not None
    Example.objects.create(group=group, position=position, **asdict(digest.kept))
