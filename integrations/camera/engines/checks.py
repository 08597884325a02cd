"""The conformity checks: what each measures, when it fails, what it says, and how a task group sets them.

A task group writes `{"blur": {"severity": "error", "threshold": 25, "texts": {"en": "…", "fr": "…"}}}`; what it leaves
out is by default, a check that it does not name is off.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.camera.engines.contract import ERROR, WARNING, Message
from integrations.camera.protocol.messages import TemplateRefused, check_template
from integrations.core.errors import PermanentError

ENGLISH = "en"


class SettingsRefused(PermanentError):
    """The settings of a check or an engine cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Kind:
    """One kind of check. `fails(value, threshold)`; `unit` and `most` are what the admin shows and accepts."""

    code: str
    severity: str
    threshold: float
    most: float
    unit: str
    fails: Callable[[float, float], bool]
    texts: Mapping[str, str]


def _below(value: float, threshold: float) -> bool:
    return value < threshold


def _above(value: float, threshold: float) -> bool:
    return value > threshold


def _at_most(value: float, threshold: float) -> bool:
    return value <= threshold


KINDS: Mapping[str, Kind] = {
    "blur": Kind(
        "BLUR", ERROR, 25, 100, "sharpness in percent, at least", _below,
        {"en": "The photo is blurred.", "fr": "La photo est floue."},
    ),
    "dark": Kind(
        "TOO_DARK", ERROR, 30, 255, "level that the lighter quarter reaches, at least", _below,
        {"en": "The photo is too dark.", "fr": "La photo est trop sombre."},
    ),
    "bright": Kind(
        "TOO_BRIGHT", ERROR, 230, 255, "level that the darker quarter keeps to, at most", _above,
        {"en": "The photo is too bright.", "fr": "La photo est trop claire."},
    ),
    "clipped": Kind(
        "CLIPPED", WARNING, 25, 100, "percent of plain black or white, at most", _above,
        {
            "en": "Parts of the photo are plain black or white.",
            "fr": "Des parties de la photo sont toutes noires ou toutes blanches.",
        },
    ),
    "resolution": Kind(
        "LOW_RESOLUTION", ERROR, 720, 4096, "pixels of the shorter side, at least", _below,
        {"en": "The photo has too few pixels.", "fr": "La photo a trop peu de pixels."},
    ),
    "duplicate": Kind(
        "DUPLICATE", WARNING, 10, 40, "differing bits of 128 that still count as the same", _at_most,
        {
            "en": "This photo was sent before for something else.",
            "fr": "Cette photo a déjà été envoyée pour autre chose.",
        },
    ),
}  # fmt: skip

# Of a new task group.
DEFAULT_CHECKS: Mapping[str, Mapping[str, Any]] = {name: {} for name in KINDS}

_KNOWN = frozenset({"severity", "threshold", "texts"})


@dataclass(frozen=True)
class Check:
    """A check as a task group has set it."""

    name: str
    kind: Kind
    severity: str
    threshold: float
    texts: Mapping[str, str]

    def message(self, language: str) -> Message:
        return Message(self.severity, self.kind.code, self._text(language))

    def measured(self, value: float | None) -> dict[str, Any]:
        """Return what the admin shows; without a value there was nothing to measure, and the check is passed."""
        passed = value is None or not self.kind.fails(value, self.threshold)
        return {"value": value, "threshold": self.threshold, "severity": self.severity, "passed": passed}

    def _text(self, language: str) -> str:
        wanted = language[:2].lower()
        for texts in (self.texts, self.kind.texts):
            if wanted in texts:
                return texts[wanted]
        return self.texts.get(ENGLISH) or self.kind.texts[ENGLISH]


def read_checks(raw: object) -> tuple[Check, ...]:
    """Read the checks of a task group. :raises SettingsRefused: naming the check"""
    if not isinstance(raw, Mapping):
        raise SettingsRefused('The checks are an object, such as {"blur": {"severity": "error"}}.')
    return tuple(_check(name, given) for name, given in raw.items() if given is not False)


def _check(name: str, given: object) -> Check:
    if name not in KINDS:
        raise SettingsRefused(f"There is no check {str(name)[:40]!r}; there are {', '.join(KINDS)}.")
    values = {} if given is True or given is None else given
    if not isinstance(values, Mapping) or set(values) - _KNOWN:
        raise SettingsRefused(f"The check {name!r} is an object with any of {', '.join(sorted(_KNOWN))}.")
    kind = KINDS[name]
    return Check(
        name=name,
        kind=kind,
        severity=_severity(name, values.get("severity", kind.severity)),
        threshold=_threshold(name, values.get("threshold", kind.threshold), most=kind.most),
        texts=_texts(name, values.get("texts") or {}),
    )


def _severity(name: str, given: object) -> str:
    if given not in (ERROR, WARNING):
        raise SettingsRefused(f"The severity of the check {name!r} is {ERROR!r} or {WARNING!r}.")
    return str(given)


def _threshold(name: str, given: object, *, most: float) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= most:
        raise SettingsRefused(f"The threshold of the check {name!r} is a number from 0 to {most:g}.")
    return given


def _texts(name: str, given: object) -> Mapping[str, str]:
    if not isinstance(given, Mapping):
        raise SettingsRefused(f'The texts of the check {name!r} are by language: {{"en": "…", "fr": "…"}}.')
    try:
        return {str(language): check_template(str(text)) for language, text in given.items()}
    except TemplateRefused as error:
        raise SettingsRefused(f"The check {name!r}: {error}") from None
