"""Barcodes, QR codes and DataMatrix: each task takes the biggest code that fits it.

Settings, all optional: `{"tasks": {"serial": {"formats": ["QRCode"], "pattern": "^ALCL"}}, "not_found": "warning"}`.
A Text task becomes the text, a Number task the text if it is one, a Boolean task whether there is such a code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import zxingcpp

from integrations.camera.engines import seeing, settings
from integrations.camera.engines.checks import SettingsRefused
from integrations.camera.engines.contract import (
    ERROR,
    WARNING,
    GroupFacts,
    Message,
    Outcome,
    Picture,
    Report,
    TaskFacts,
    Value,
    Verdict,
)
from integrations.camera.protocol.outcomes import MOST_CHARACTERS, OutcomeType, WrongValue, coerced
from integrations.camera.protocol.patterns import PatternRefused, check_pattern, found

# Most codes are read on the small picture, in a quarter of the time; narrow ones need the whole.
SIDES = (1600, 4096)
MOST_CODES = 20
NOTHING = "nothing"
NOT_FOUND = "CODE_NOT_FOUND"
TEXTS = {
    "en": "No code that fits can be read on the photo.",
    "fr": "Aucun code attendu n’est lisible sur la photo.",
}


@dataclass(frozen=True)
class Code:
    """A code that was read. `family`: QRCode of QRCodeModel2. `corners`: clockwise, as parts of width and height."""

    text: str
    format: str
    family: str
    corners: tuple[tuple[float, float], ...]

    @property
    def area(self) -> float:
        """Return its part of the picture (shoelace formula); a linear code that was read along a line has none."""
        pairs = zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True)
        return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairs)) / 2

    def region(self) -> dict[str, Any]:
        return {"format": self.format, "text": self.text, "corners": [list(corner) for corner in self.corners]}


@dataclass(frozen=True)
class Wanted:
    """What a task takes; no formats: any."""

    formats: frozenset[str] = frozenset()
    pattern: str = ""

    def takes(self, code: Code) -> bool:
        fits = not self.formats or not self.formats.isdisjoint((code.format, code.family))
        return fits and (not self.pattern or found(self.pattern, code.text))


@dataclass(frozen=True)
class Options:
    wanted: Mapping[str, Wanted]
    not_found: str


class Codes:
    """Reads the codes on a photo."""

    def analyse(self, photo: Picture, group: GroupFacts, *, report: Report) -> Verdict:
        """:raises EngineFailed: for settings that cannot be used, and for what is no picture"""
        seeing.must_be_picture(photo)
        try:
            options = read_options(group)
        except SettingsRefused as error:
            raise settings.unusable(group, error) from error
        report("reading the code")
        codes = _read(photo, enough=lambda codes: all(_chosen(task, options, codes) for task in group.tasks))
        outcomes = tuple(_outcome(task, _chosen(task, options, codes)) for task in group.tasks)
        seen = {"codes": {"value": len(codes), "formats": sorted({code.format for code in codes})}}
        return Verdict(outcomes=outcomes, messages=_messages(outcomes, options, photo.language), measures=seen)


def read_options(group: GroupFacts) -> Options:
    """Read the engine's settings. :raises SettingsRefused:"""
    settings.known_only(group.settings, "tasks", "not_found")
    tasks = settings.objects(group.settings, "tasks")
    settings.tasks_exist(group, tasks, setting="tasks")
    not_found = settings.one_of(group.settings, "not_found", WARNING, ERROR, NOTHING)
    return Options({name: _wanted(name, given) for name, given in tasks.items()}, not_found)


def _wanted(task: str, given: Mapping[str, Any]) -> Wanted:
    settings.known_only(given, "formats", "pattern")
    formats = given.get("formats") or []
    if not isinstance(formats, list) or not all(isinstance(each, str) for each in formats):
        raise SettingsRefused(f"The formats of the task {task!r} are a list, such as ['QRCode', 'Code128'].")
    try:
        return Wanted(frozenset(map(_format, formats)), check_pattern(given.get("pattern") or ""))
    except PatternRefused as error:
        raise SettingsRefused(f"The task {task!r}: {error}") from None


def _format(name: str) -> str:
    """Return the reader's own spelling: "QR Code", "qrcode" and "QRCode" are one."""
    try:
        known = zxingcpp.barcode_format_from_str(name).name
    except ValueError:
        known = ""
    if not known or known.startswith("All"):  # a group of formats
        raise SettingsRefused(f"There is no code format {name!r:.60}; there are QRCode, DataMatrix, Code128…")
    return known


def _read(photo: Picture, *, enough: Callable[[Sequence[Code]], bool]) -> list[Code]:
    """Return the codes, the biggest first; the whole picture is read only if the small one does not have enough."""
    codes: list[Code] = []
    for side in SIDES:
        codes = _codes(photo.content, side=side)
        if enough(codes) or max(photo.width, photo.height) <= side:
            break
    return codes


def _codes(content: bytes, *, side: int) -> list[Code]:
    grey = seeing.grey(content, side=side)
    read = (_code(each, *grey.size) for each in zxingcpp.read_barcodes(grey, text_mode=zxingcpp.TextMode.Plain))
    return sorted(read, key=lambda code: code.area, reverse=True)[:MOST_CODES]


def _code(read: zxingcpp.Barcode, width: int, height: int) -> Code:
    place = read.position
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    corners = tuple((round(point.x / width, 4), round(point.y / height, 4)) for point in points)
    return Code(read.text[:MOST_CHARACTERS], read.format.name, read.format.symbology.name, corners)


def _chosen(task: TaskFacts, options: Options, codes: Iterable[Code]) -> Code | None:
    wanted = options.wanted.get(task.name, Wanted())
    return next((code for code in codes if wanted.takes(code) and _value(task, code) is not None), None)


def _value(task: TaskFacts, code: Code) -> Value:
    if task.outcome_type == OutcomeType.BOOLEAN:
        return True
    try:
        return coerced(code.text, of=OutcomeType(task.outcome_type))
    except WrongValue:
        return None


def _outcome(task: TaskFacts, code: Code | None) -> Outcome:
    if code is None:
        return Outcome(task.name, False if task.outcome_type == OutcomeType.BOOLEAN else None)
    return Outcome(task.name, _value(task, code), (code.region(),))


def _messages(outcomes: Sequence[Outcome], options: Options, language: str) -> tuple[Message, ...]:
    if options.not_found == NOTHING or all(outcome.regions for outcome in outcomes):
        return ()
    return (Message(options.not_found, NOT_FOUND, TEXTS.get(language[:2], TEXTS["en"])),)
