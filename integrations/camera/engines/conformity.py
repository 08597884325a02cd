"""Level one: can this photo be used at all? Blur, light, size, and whether it was sent before."""

from collections.abc import Sequence
from typing import Any

from PIL import Image

from integrations.camera.engines import measuring, seeing
from integrations.camera.engines.checks import Check, SettingsRefused, read_checks
from integrations.camera.engines.contract import EngineFailed, GroupFacts, Picture, Report, Verdict
from integrations.camera.engines.fingerprints import fingerprint, nearest

# All thresholds are for this size.
SIDE = 1000
QUARTER = 0.25


class Conformity:
    """Measures what the task group asks for, on one small decoding of the photo."""

    def analyse(self, photo: Picture, group: GroupFacts, *, report: Report) -> Verdict:
        """:raises EngineFailed: for settings that cannot be read, and for what cannot be decoded"""
        seeing.must_be_picture(photo)
        try:
            checks = read_checks(group.checks)
        except SettingsRefused as error:
            raise EngineFailed(f"The task group {group.name!r} cannot check photos. {error}") from error
        report("measuring the photo")
        grey = seeing.grey(photo.content, side=SIDE)
        mine = fingerprint(grey)
        measures = {check.name: _measured(check, photo, grey, mine=mine) for check in checks}
        return Verdict(messages=_messages(checks, measures, photo.language), measures=measures, fingerprint=mine)


def _messages(checks: Sequence[Check], measures: dict[str, dict[str, Any]], language: str) -> tuple[Any, ...]:
    return tuple(check.message(language) for check in checks if not measures[check.name]["passed"])


def _measured(check: Check, photo: Picture, grey: Image.Image, *, mine: str) -> dict[str, Any]:
    if check.name == "duplicate":
        return _compared(check, photo, mine)
    return check.measured(_value(check.name, photo, grey))


def _value(name: str, photo: Picture, grey: Image.Image) -> float:
    match name:
        case "blur":
            return measuring.sharpness(grey)
        case "dark":
            return measuring.brightness(grey, share=1 - QUARTER)
        case "bright":
            return measuring.brightness(grey, share=QUARTER)
        case "clipped":
            return measuring.clipped(grey)
        case _:
            return min(photo.width, photo.height)


def _compared(check: Check, photo: Picture, mine: str) -> dict[str, Any]:
    """Compare with the photos of other items, of this order and of others; the nearest is named."""
    found = nearest(mine, photo.earlier()) if mine else None
    if found is None:
        return check.measured(None)
    bits, other = found
    return check.measured(bits) | {"nearest": other.input_uuid, "same_order": other.same_order}
