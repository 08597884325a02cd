"""Create .venv from the hashed lock: `python3 scripts/bootstrap.py base|stores|dev`. Instant when nothing changed.

Runs under whatever Python the machine has, so it is written for old ones too.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
OLDEST, NEWEST = (3, 11), (3, 13)
# Each lock holds what those before it hold.
KINDS = ["base", "stores", "dev"]


def main(kind: str) -> None:
    python = _find_python()
    if _stamp_of(kind) in _stamps():
        return
    _create_venv(python)
    _install(kind)
    with open(_stamp_file(), "w") as stamps:
        stamps.write("\n".join(_stamp_of(each) for each in KINDS[: KINDS.index(kind) + 1]))


def _find_python() -> str:
    """Return a Python that Fieldport runs on: this one, or another that is installed."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        path = shutil.which(f"python3.{minor}")
        if path and subprocess.call([path, "-c", ""]) == 0:
            return path
    sys.exit(
        "Fieldport needs Python 3.11, 3.12 or 3.13; this is {}.{}. Install one of them, "
        "or name it: make run PYTHON=python3.12".format(*sys.version_info[:2])
    )


def _create_venv(python: str) -> None:
    wanted = subprocess.check_output([python, "-c", "import sys; print(sys.version[:4])"])
    present = os.path.join(VENV, "bin", "python")
    if os.path.exists(present):
        if subprocess.call([present, "-m", "pip", "--version"], stdout=subprocess.DEVNULL) == 0:
            return
        shutil.rmtree(VENV)
    print(f"Creating .venv with Python {wanted.decode().strip()} …")
    if subprocess.call([python, "-m", "venv", VENV]) != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("The venv module does not work here. On Debian and Ubuntu: apt install python3-venv")


def _install(kind: str) -> None:
    print("Installing the locked requirements (once) …")
    lock = os.path.join(ROOT, "requirements", kind + ".txt")
    python = os.path.join(VENV, "bin", "python")
    quietly = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    if subprocess.call([python, "-m", "pip", "install", *quietly, "--requirement", lock]) != 0:
        sys.exit("The requirements could not be installed; pip's message above says why. Run the same command again.")


def _stamp_of(kind: str) -> str:
    with open(os.path.join(ROOT, "requirements", kind + ".txt"), "rb") as lock:
        return f"{kind} {hashlib.sha256(lock.read()).hexdigest()}"


def _stamp_file() -> str:
    return os.path.join(VENV, ".fieldport-requirements")


def _stamps() -> "list[str]":
    if not os.path.exists(_stamp_file()):
        return []
    with open(_stamp_file()) as stamps:
        return stamps.read().splitlines()


if __name__ == "__main__":
    main(sys.argv[1])
