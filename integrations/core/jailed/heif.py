"""The program that decodes one HEIC file: read it from stdin, shut the door, write its pixels to stdout.

The decoder is native code that has had memory errors, so it decodes what strangers sent in a process that can open
nothing, start nothing and hold only so much. The parent does not trust the answer.
"""

import os
import resource
import struct
import sys
from io import BytesIO

import pillow_heif
from PIL import Image

from integrations.core.jailed import seccomp
from integrations.core.jailed.seccomp import ANY, only
from integrations.core.jailed.settling import settle

HEAD = struct.Struct(">4s5I")
"""Mode, original width and height, width and height of the pixels, bytes of Exif."""
TOO_LARGE, TOO_WEAK = b"LRGE", b"WEAK"
MOST_MEMORY = 1536 * 1024 * 1024
MOST_CPU_SECONDS = 30
# CLONE_ VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID: glibc's for a thread.
_A_THREAD = 0x3D0F00
CALLS = {
    **seccomp.ALLOCATING,
    **seccomp.ENDING,
    "write": only(0, 1, 2),
    "gettimeofday": ANY,
    "clock_gettime": ANY,
    # libde265 starts a thread even when it is asked for one only.
    "clone": only(0, _A_THREAD),
    "clone3": seccomp.NOT_KNOWN,  # its flags are in memory, where a filter does not see them
    "mprotect": seccomp.NOT_EXECUTABLE,
    "rt_sigprocmask": ANY,
    "rt_sigaction": ANY,
    "set_robust_list": ANY,
    "rseq": ANY,
}
"""The system calls that decoding takes."""


def main(max_pixels: str, max_side: str, required: str) -> None:
    """Decode what comes in; `required` is the weakest level of the jail to do it in: seccomp or rlimits."""
    data = sys.stdin.buffer.read()
    level = _prepared()
    try:
        if required == "seccomp" != level:
            _said(HEAD.pack(TOO_WEAK, 0, 0, 0, 0, 0))
        else:
            _said(*_decoded(data, max_pixels=int(max_pixels), max_side=int(max_side)))
    except BaseException as error:
        os.write(2, type(error).__name__.encode())  # a traceback would open the files it quotes
        os._exit(1)
    os._exit(0)


def tell_level() -> None:
    """Say how strong the jail would be."""
    os.write(1, _prepared().encode())
    os._exit(0)


def _prepared() -> str:
    """Load what decoding takes, then shut the door. Return how strong it is: seccomp or rlimits."""
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # counted below
    settle()
    return _shut_the_door()


def _decoded(data: bytes, *, max_pixels: int, max_side: int) -> tuple[bytes, ...]:
    with Image.open(BytesIO(data), formats=["HEIF"]) as image:
        width, height = image.size
        if width * height > max_pixels:
            return (HEAD.pack(TOO_LARGE, width, height, 0, 0, 0),)
        exif = image.info.get("exif") or b""
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    mode = plain.mode.ljust(4).encode()
    return HEAD.pack(mode, width, height, plain.width, plain.height, len(exif)), exif, plain.tobytes()


def _said(*parts: bytes) -> None:
    for part in parts:
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


def _shut_the_door() -> str:
    """No new descriptor of any kind, no byte in a file, no core dump, bounded memory and time; for good.

    Where the kernel has seccomp: no system call either but those that decoding takes.
    """
    for name, most in {
        "RLIMIT_NOFILE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": MOST_MEMORY,
        "RLIMIT_CPU": MOST_CPU_SECONDS,
    }.items():
        resource.setrlimit(getattr(resource, name), (most, most))
    try:
        if sys.platform == "linux":
            seccomp.install(CALLS)
            return "seccomp"
    except seccomp.NotHere:
        pass
    return "rlimits"
