"""Secrets that a configuration file names: other systems' only, never one of the installation's own."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import Environment, Trimmed, env_file

MOST_BYTES = 64 * 1024
# What the kernel shows there is of the running process.
NO_FILES = ("/proc", "/sys", "/dev")


def from_variable(name: str) -> str:
    """Return a variable, also by its `<NAME>_FILE`. :raises ValueError: with a sentence that does not show it"""
    if name.removesuffix("_FILE") in Environment.own:
        raise ValueError(f"{name} is a setting of this installation, which a configuration file may not name.")
    try:
        value = str(Trimmed(cache=False)[name])
    except KeyError:
        raise ValueError(f"the variable {name} is not set (nor {name}_FILE).") from None
    except ImproperlyConfigured as error:
        raise ValueError(str(error)) from None
    if not value:
        raise ValueError(f"the variable {name} is empty.")
    return value


def from_file(name: str, *, data_dir: Path) -> str:
    """Return what a file holds, without blanks around it. :raises ValueError: with a sentence that does not show it"""
    path = Path(name).resolve()
    if _is_own(path, data_dir=data_dir):
        raise ValueError(f"{name} is of this installation itself, which a configuration file may not name.")
    try:
        if not path.is_file():
            raise ValueError(f"there is no file {name}.")
        with path.open("rb") as file:
            value = file.read(MOST_BYTES + 1)
        text = value.decode().strip()
    except OSError as error:
        raise ValueError(f"the file {name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"the file {name} is not UTF-8.") from None
    if not text or len(value) > MOST_BYTES:
        raise ValueError(f"the file {name} is empty, or has more than {MOST_BYTES // 1024} KiB.")
    return text


def _is_own(path: Path, *, data_dir: Path) -> bool:
    named = [Environment.ENVIRON.env.get(f"{name}_FILE") for name in Environment.own]
    files = {Path(each).resolve() for each in (*named, env_file) if each}
    return path in files or any(path.is_relative_to(folder) for folder in (data_dir, *NO_FILES))
