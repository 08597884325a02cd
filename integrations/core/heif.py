"""HEIC photos, as phones take them: decoded in a process of its own, whose answer is checked."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from integrations.core.jailed.heif import HEAD, TOO_LARGE

PROGRAM = Path(__file__).parent / "jailed" / "heif.py"
BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
# Wall time; the process's own limit of CPU time comes first on a machine that is not overloaded.
SECONDS = 50
MOST_EXIF = 1024 * 1024


class NotDecoded(Exception):
    """The file is damaged, or what its decoder answered makes no sense."""


class TooManyPixels(Exception):
    pass


@dataclass(frozen=True)
class Decoded:
    """The pixels, upright, within the side that was asked for; `size` is what the file has."""

    image: Image.Image
    size: tuple[int, int]


def is_heif(data: bytes) -> bool:
    """Say whether the bytes begin as a HEIF file does (ISO/IEC 23008-12, 10.2): a file type box with such a brand."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def decoded(data: bytes, *, max_pixels: int, max_side: int) -> Decoded:
    """Decode the primary picture. :raises TooManyPixels: :raises NotDecoded:"""
    command = [sys.executable, "-I", str(PROGRAM), str(max_pixels), str(max_side)]
    nothing: dict[str, str] = {}
    try:
        ended = subprocess.run(  # noqa: S603  our own program, with our own arguments
            command, input=data, capture_output=True, env=nothing, cwd="/", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotDecoded(f"its decoder took more than {SECONDS} seconds") from None
    if ended.returncode != 0:
        raise NotDecoded(_why(ended.returncode, ended.stderr))
    return _read(ended.stdout, max_side=max_side)


def _why(code: int, said: bytes) -> str:
    """Return the kind of the decoder's own error, or that it was ended."""
    last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
    name = last.partition(":")[0].rpartition(".")[2]
    return f"its decoder ended by signal {-code}" if code < 0 else name if name.isidentifier() else "damaged"


def _read(answer: bytes, *, max_side: int) -> Decoded:
    if len(answer) < HEAD.size:
        raise NotDecoded("its decoder said nothing")
    mode, full_width, full_height, width, height, exif_size = HEAD.unpack_from(answer)
    if mode == TOO_LARGE:
        raise TooManyPixels
    name = mode.decode("ascii", "replace").strip()
    pixels = answer[HEAD.size + exif_size :]
    fits = 0 < width <= max_side and 0 < height <= max_side and exif_size <= MOST_EXIF
    if name not in ("RGB", "RGBA") or not fits or len(pixels) != width * height * len(name):
        raise NotDecoded("its decoder answered nonsense")
    image = Image.frombytes(name, (width, height), pixels)
    image.format = "HEIF"
    image.info["exif"] = answer[HEAD.size : HEAD.size + exif_size]
    return Decoded(image, (full_width, full_height))
