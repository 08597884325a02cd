"""Similar to the example: where edges run and which colours lie where, compared cell by cell.

For photos of one thing from one place (a closed cabinet, a meter): not for things seen from any side. Settings, all
optional: `{"threshold": 60}`. A Boolean task becomes whether the photo is similar enough, a Number task the likeness.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

from PIL import Image, ImageChops, ImageFilter

from integrations.camera.engines import seeing, settings
from integrations.camera.engines.checks import SettingsRefused
from integrations.camera.engines.contract import (
    EngineFailed,
    GroupFacts,
    Outcome,
    Picture,
    Report,
    TaskFacts,
    Value,
    Verdict,
)
from integrations.camera.protocol.outcomes import OutcomeType

THRESHOLD = 60
MOST_EXAMPLES = 5
SIDE = 240
CELLS = 8
# Nearer and farther: of each side, what is left away.
MARGINS = (0.0, 0.08)
DIRECTIONS = ((1, 0), (0, 1), (1, 1), (1, -1))
EDGES = 0.8


@dataclass(frozen=True)
class Look:
    """A picture as numbers: edges by direction and cell, around 0 with length 1; colours by cell, 0 to 255."""

    edges: tuple[float, ...]
    colours: bytes


class Similar:
    """Compares a photo with the examples of its task group; the most similar one counts."""

    def analyse(self, photo: Picture, group: GroupFacts, *, report: Report) -> Verdict:
        """:raises EngineFailed: without an example, for settings that cannot be used, and for what is no picture"""
        seeing.must_be_picture(photo)
        try:
            threshold = read_threshold(group)
        except SettingsRefused as error:
            raise settings.unusable(group, error) from error
        report("comparing with the example")
        found = round(max(likeness(photo.content, each) for each in _examples(group)), 1)
        outcomes = tuple(Outcome(task.name, _value(task, found, threshold=threshold)) for task in group.tasks)
        measured = {"likeness": {"value": found, "threshold": threshold, "passed": found >= threshold}}
        return Verdict(outcomes=outcomes, measures=measured)


def read_threshold(group: GroupFacts) -> float:
    """Return from which likeness on a photo is similar. :raises SettingsRefused:"""
    settings.known_only(group.settings, "threshold")
    return settings.number(group.settings, "threshold", default=THRESHOLD, most=100)


def likeness(one: bytes, other: bytes) -> float:
    """Return how similar two pictures are, 0 to 100; unrelated ones have 20 to 60. :raises EngineFailed:"""
    mine, theirs = _looks(one), _looks(other)
    # The whole of one with each of the other: both may not be cut at once.
    pairs = [(mine[0], each) for each in theirs] + [(each, theirs[0]) for each in mine[1:]]
    return max(_compared(a, b) for a, b in pairs)


def _examples(group: GroupFacts) -> list[bytes]:
    readers: Sequence[Callable[[], bytes]] = group.examples[:MOST_EXAMPLES]
    if not readers:
        raise EngineFailed(f"The task group {group.name!r} has no example photo to compare with; add one.")
    return [read() for read in readers]


def _value(task: TaskFacts, found: float, *, threshold: float) -> Value:
    if task.outcome_type == OutcomeType.BOOLEAN:
        return found >= threshold
    return found if task.outcome_type == OutcomeType.NUMBER else None


def _looks(content: bytes) -> list[Look]:
    square = seeing.colour(content, side=2 * SIDE).resize((SIDE, SIDE), Image.Resampling.BOX)
    return [_look(_inside(square, margin)) for margin in MARGINS]


def _inside(image: Image.Image, margin: float) -> Image.Image:
    away = round(SIDE * margin)
    return image.crop((away, away, SIDE - away, SIDE - away)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def _look(image: Image.Image) -> Look:
    brightness, blue, red = image.convert("YCbCr").split()
    smooth = brightness.filter(ImageFilter.GaussianBlur(2))
    edges = [value for direction in DIRECTIONS for value in _edges(smooth, *direction)]
    return Look(_normal(edges), _cells(blue) + _cells(red))


def _edges(image: Image.Image, right: int, down: int) -> list[float]:
    """Return for each cell how much changes in a direction; the root keeps strong edges from deciding alone."""
    changes = ImageChops.difference(image, ImageChops.offset(image, 2 * right, 2 * down))
    return [sqrt(value) for value in _cells(changes.point([min(255, 8 * level) for level in range(256)]))]


def _cells(image: Image.Image) -> bytes:
    return image.resize((CELLS, CELLS), Image.Resampling.BOX).tobytes()


def _normal(values: list[float]) -> tuple[float, ...]:
    mean = sum(values) / len(values)
    length = sqrt(sum((value - mean) ** 2 for value in values)) or 1.0
    return tuple((value - mean) / length for value in values)


def _compared(one: Look, other: Look) -> float:
    edges = max(0.0, sum(a * b for a, b in zip(one.edges, other.edges, strict=True)))
    apart = sum(abs(a - b) for a, b in zip(one.colours, other.colours, strict=True)) / len(one.colours)
    return 100 * (EDGES * edges + (1 - EDGES) * max(0.0, 1 - apart / 32))
