"""Reading the settings of engines: plain values of the right kind, or a sentence that names what is wrong."""

from collections.abc import Mapping
from typing import Any

from integrations.camera.engines.checks import SettingsRefused
from integrations.camera.engines.contract import EngineFailed, GroupFacts


def known_only(settings: Mapping[str, Any], *names: str) -> None:
    """:raises SettingsRefused: for a setting that the engine does not know: it would be thought to work"""
    for name in settings:
        if name not in names:
            raise SettingsRefused(f"There is no setting {name!r:.60} of this engine; there are {', '.join(names)}.")


def number(settings: Mapping[str, Any], name: str, *, default: float, most: float) -> float:
    """Return a number from 0 to `most`. :raises SettingsRefused:"""
    given = settings.get(name, default)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= most:
        raise SettingsRefused(f"The setting {name!r} is a number from 0 to {most:g}.")
    return given


def one_of(settings: Mapping[str, Any], name: str, *choices: str) -> str:
    """Return one of the choices; the first is the default. :raises SettingsRefused:"""
    given = settings.get(name, choices[0])
    if given not in choices:
        raise SettingsRefused(f"The setting {name!r} is one of {', '.join(map(repr, choices))}.")
    return str(given)


def texts(settings: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """Return an object whose values are texts. :raises SettingsRefused:"""
    given = settings.get(name) or {}
    if not isinstance(given, Mapping) or not all(isinstance(text, str) for text in given.values()):
        raise SettingsRefused(f"The setting {name!r} is an object whose values are texts.")
    return given


def objects(settings: Mapping[str, Any], name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return an object whose values are objects. :raises SettingsRefused:"""
    given = settings.get(name) or {}
    if not isinstance(given, Mapping) or not all(isinstance(each, Mapping) for each in given.values()):
        raise SettingsRefused(f"The setting {name!r} is an object whose values are objects.")
    return given


def tasks_exist(group: GroupFacts, named: Mapping[str, Any], *, setting: str) -> None:
    """:raises SettingsRefused: if a setting names a task that the group does not have"""
    names = [task.name for task in group.tasks]
    for name in named:
        if name not in names:
            raise SettingsRefused(
                f"The setting {setting!r} names the task {name!r:.140}, which the group does not have."
            )


def unusable(group: GroupFacts, error: SettingsRefused) -> EngineFailed:
    return EngineFailed(f"The engine of the task group {group.name!r} is not set up. {error}")
