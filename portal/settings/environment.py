"""The one reader of the environment: variables, their `<NAME>_FILE` twins, and a `.env` file beside `manage.py`."""

import os
from pathlib import Path
from typing import Any, ClassVar

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parents[2]


class Trimmed(FileAwareMapping):  # type: ignore[misc]  # the library has no types
    """A secret written with `echo` ends in a newline, which is not part of it."""

    def __getitem__(self, key: str) -> str:
        if not (path := self.env.get(f"{key}_FILE")):
            return str(super().__getitem__(key))
        try:
            return str(super().__getitem__(key)).strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{key}_FILE names {path}, which cannot be read: {error.strerror}.") from error


class Environment(environ.Env):  # type: ignore[misc]  # the library has no types
    ENVIRON: Any = Trimmed()
    own: ClassVar[set[str]] = set()  # the names that the settings have asked for

    def get_value(self, var: str, *options: Any, **named: Any) -> Any:
        self.own.add(var)
        return super().get_value(var, *options, **named)


env = Environment()
# ENV_FILE names another file; empty: none. What is set in the environment wins. The tests read none: a developer's own
# settings are not theirs.
_tested = os.environ.get("DJANGO_SETTINGS_MODULE") == "portal.settings.test"
if (env_file := os.environ.get("ENV_FILE", str(BASE_DIR / ".env"))) and not _tested:
    Environment.read_env(env_file)
