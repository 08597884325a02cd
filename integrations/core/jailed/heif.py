"""The program that decodes one HEIC file: read it from stdin, shut the door, write its pixels to stdout.

The decoder is native code that has had memory errors, so it decodes what strangers sent in a process that can open
nothing, start nothing and hold only so much. The parent does not trust the answer.
"""

import resource
import struct
import sys
from io import BytesIO

import pillow_heif
from PIL import Image

HEAD = struct.Struct(">4s5I")
"""Mode, original width and height, width and height of the pixels, bytes of Exif."""
TOO_LARGE = b"LRGE"
MOST_MEMORY = 1536 * 1024 * 1024
MOST_CPU_SECONDS = 30


def main(max_pixels: int, max_side: int) -> None:
    data = sys.stdin.buffer.read()
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # counted below
    _shut_the_door()
    with Image.open(BytesIO(data), formats=["HEIF"]) as image:
        width, height = image.size
        if width * height > max_pixels:
            sys.stdout.buffer.write(HEAD.pack(TOO_LARGE, width, height, 0, 0, 0))
            return
        exif = image.info.get("exif") or b""
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    mode = plain.mode.ljust(4).encode()
    sys.stdout.buffer.write(HEAD.pack(mode, width, height, plain.width, plain.height, len(exif)))
    sys.stdout.buffer.write(exif)
    sys.stdout.buffer.write(plain.tobytes())


def _shut_the_door() -> None:
    """No new descriptor of any kind, no byte in a file, no core dump, bounded memory and time; for good."""
    for name, most in {
        "RLIMIT_NOFILE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": MOST_MEMORY,
        "RLIMIT_CPU": MOST_CPU_SECONDS,
    }.items():
        resource.setrlimit(getattr(resource, name), (most, most))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
