"""HEIC photos, as phones take them: decoded in a process of its own, whose answer is checked."""

import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from PIL import Image

from integrations.core.jailed.heif import HEAD, TOO_LARGE, TOO_WEAK

PROJECT = str(Path(__file__).parents[2])
_BOOT = "import sys; sys.path.append(sys.argv[1]); from integrations.core.jailed import heif; heif."
BOOT, BOOT_TO_TELL = _BOOT + "main(*sys.argv[2:])", _BOOT + "tell_level()"
BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
# Wall time; the process's own limit of CPU time comes first on a machine that is not overloaded.
SECONDS = 50
MOST_EXIF = 1024 * 1024
TOO_WEAK_HERE = (
    "HEIC photos are not read here: the jail of their decoder is of the level rlimits, and HEIC_JAIL_REQUIRED asks for "
    "seccomp. Run Fieldport on Linux with seccomp (x86-64 or aarch64), or lower HEIC_JAIL_REQUIRED knowingly."
)


class NotDecoded(Exception):
    """The file is damaged, or what its decoder answered makes no sense."""


class TooManyPixels(Exception):
    pass


class JailTooWeak(Exception):
    """This system cannot hold the decoder as strongly as the installation asks for."""


@dataclass(frozen=True)
class Decoded:
    """The pixels, upright, within the side that was asked for; `size` is what the file has."""

    image: Image.Image
    size: tuple[int, int]


def is_heif(data: bytes) -> bool:
    """Say whether the bytes begin as a HEIF file does (ISO/IEC 23008-12, 10.2): a file type box with such a brand."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def decoded(data: bytes, *, max_pixels: int, max_side: int) -> Decoded:
    """Decode the primary picture. :raises TooManyPixels: :raises NotDecoded: :raises JailTooWeak:"""
    answer = _answer(BOOT, str(max_pixels), str(max_side), settings.HEIC_JAIL_REQUIRED, given=data)
    return _read(answer, max_side=max_side)


@cache
def level() -> str:
    """Say how strong the decoder's jail is on this machine: seccomp or rlimits. :raises NotDecoded: if it has none"""
    return "seccomp" if _answer(BOOT_TO_TELL, given=b"") == b"seccomp" else "rlimits"


def weakness() -> str:
    """Say why HEIC is not decoded on this machine; empty if it is."""
    try:
        found = level()
    except NotDecoded as error:
        return f"HEIC photos are not read here: {error}."
    return TOO_WEAK_HERE if settings.HEIC_JAIL_REQUIRED == "seccomp" != found else ""


def _answer(boot: str, *arguments: str, given: bytes) -> bytes:
    command = [sys.executable, "-I", "-c", boot, PROJECT, *arguments]
    nothing: dict[str, str] = {}
    try:
        ended = subprocess.run(  # noqa: S603  our own program, with our own arguments
            command, input=given, capture_output=True, env=nothing, cwd="/", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotDecoded(f"its decoder took more than {SECONDS} seconds") from None
    if ended.returncode != 0:
        raise NotDecoded(_why(ended.returncode, ended.stderr))
    return ended.stdout


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
    if mode == TOO_WEAK:
        raise JailTooWeak(TOO_WEAK_HERE)
    name = mode.decode("ascii", "replace").strip()
    pixels = answer[HEAD.size + exif_size :]
    fits = 0 < width <= max_side and 0 < height <= max_side and exif_size <= MOST_EXIF
    if name not in ("RGB", "RGBA") or not fits or len(pixels) != width * height * len(name):
        raise NotDecoded("its decoder answered nonsense")
    image = Image.frombytes(name, (width, height), pixels)
    image.format = "HEIF"
    image.info["exif"] = answer[HEAD.size : HEAD.size + exif_size]
    return Decoded(image, (full_width, full_height))
