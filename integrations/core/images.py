"""Photos from outside: decoded under caps, turned upright, and encoded anew, so that only the pixels survive."""

import re
import struct
import warnings
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageOps

from integrations.core import heif
from integrations.core.errors import PermanentError

# The content decides, not the name. JPEG includes MPO (a phone's several pictures in one file).
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # and HEIF, which has a decoder of its own
MAX_BYTES = 25 * 1024 * 1024
# A progressive JPEG of this size takes about 200 MB while it is decoded.
MAX_PIXELS = 50_000_000
MAX_SIDE = 4096
THUMBNAIL_SIDE = 320
JPEG_QUALITY = 88
MAX_TEXT = 200
# Where a JPEG's pixels begin, and what ends them (ITU T.81, B.1.1.2): stuffed zeros and restarts are inside.
SCAN = b"\xff\xda"
MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")
# Pillow's decoders raise these on damaged and hostile files.
DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    MemoryError,
    struct.error,
)


class ImageRefused(PermanentError):
    """The bytes are not an image that we decode; the message says why."""


@dataclass(frozen=True)
class CleanImage:
    """An image that we encoded ourselves. `metadata` is what the camera said, apart from it."""

    content: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
    content_type: str
    width: int
    height: int
    metadata: dict[str, Any]

    @property
    def extension(self) -> str:
        return "png" if self.content_type == "image/png" else "jpg"


def clean(data: bytes, *, max_pixels: int = MAX_PIXELS, max_side: int = MAX_SIDE) -> CleanImage:
    """Decode the first frame of a photo and encode it as JPEG, or as PNG where it came as one or is transparent.

    :raises ImageRefused: for anything else, for too many bytes or pixels, and for damaged files
    """
    if len(data) > MAX_BYTES:
        raise ImageRefused(f"The image has {len(data)} bytes; at most {MAX_BYTES} are accepted.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's: large images and damaged metadata are dealt with here
        try:
            return _decoded(data, max_pixels=max_pixels, max_side=max_side)
        except ImageRefused:
            raise
        except (Image.DecompressionBombError, heif.TooManyPixels):
            raise ImageRefused(_too_many_pixels(max_pixels)) from None
        except heif.JailTooWeak as error:
            raise ImageRefused(str(error)) from error
        except heif.NotDecoded as error:
            raise ImageRefused(f"This is not a photo that can be read (HEIC: {error}).") from error
        except DAMAGED as error:
            raise ImageRefused(f"This is not a photo that can be read ({type(error).__name__}).") from error


def clean_once(data: bytes) -> CleanImage:
    """As `clean`, but bytes that hold nothing beside pixels as we encode them stay: each encoding loses some.

    :raises ImageRefused:
    """
    cleaned = clean(data)
    return replace(cleaned, content=data) if _is_like(data, cleaned.content) else cleaned


def _is_like(data: bytes, encoded: bytes) -> bool:
    """Tell whether all but the pixels is equal: a JPEG up to its one scan, which ends the file; a PNG is the same."""
    if data == encoded:
        return True
    head = encoded.find(SCAN) + len(SCAN)
    if head < len(SCAN) or data[:head] != encoded[:head]:
        return False
    marker = MARKER_IN_SCAN.search(data, head)
    return marker is not None and data[marker.start() :] == b"\xff\xd9"


def _decoded(data: bytes, *, max_pixels: int, max_side: int) -> CleanImage:
    if heif.is_heif(data):
        found = heif.decoded(data, max_pixels=max_pixels, max_side=max_side)
        return _cleaned(found.image, size=found.size, max_side=max_side)
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > max_pixels:
            raise ImageRefused(_too_many_pixels(max_pixels))
        size = image.size
        image.draft("RGB", (max_side, max_side))  # a big JPEG is scaled while it is decoded
        return _cleaned(image, size=size, max_side=max_side)


def _cleaned(image: Image.Image, *, size: tuple[int, int], max_side: int) -> CleanImage:
    metadata = {"format": str(image.format), "width": size[0], "height": size[1]} | _exif(image)
    # Nothing below copies the pixels without need: 12 megapixels take 48 MB each time.
    ImageOps.exif_transpose(image, in_place=True)
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    as_png = image.format in ("PNG", "GIF") or image.has_transparency_data
    plain = _plain(image, as_png=as_png)
    return CleanImage(
        content=_encoded(plain, as_png=as_png),
        thumbnail=_encoded(_small(plain), as_png=as_png),
        content_type="image/png" if as_png else "image/jpeg",
        width=plain.width,
        height=plain.height,
        metadata=metadata,
    )


def _plain(image: Image.Image, *, as_png: bool) -> Image.Image:
    """Return the pixels alone, in a mode that the encoder takes."""
    if image.mode.startswith("I"):  # 16 bits of grey: convert() would cut instead of scale
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if as_png and image.has_transparency_data else "RGB"
    plain = image if image.mode == mode else image.convert(mode)
    plain.info = {}
    return plain


def _small(image: Image.Image) -> Image.Image:
    """Return the thumbnail: averaged to twice its size first, as `thumbnail()` does, but beside the picture."""
    small = image.reduce(max(1, max(image.size) // (2 * THUMBNAIL_SIDE)))
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return small


def _encoded(image: Image.Image, *, as_png: bool) -> bytes:
    out = BytesIO()
    if as_png:
        image.save(out, "PNG")
    else:
        image.save(out, "JPEG", quality=JPEG_QUALITY, optimize=False)
    return out.getvalue()


def _exif(image: Image.Image) -> dict[str, Any]:
    """Return when, where and with what it was taken, as far as the file says so in a form that can be read."""
    try:
        exif = image.getexif()
        detail, position = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except DAMAGED:
        return {}
    found = {
        "make": _text(exif.get(ExifTags.Base.Make)),
        "model": _text(exif.get(ExifTags.Base.Model)),
        "taken_at": _text(detail.get(ExifTags.Base.DateTimeOriginal)),
        "taken_at_offset": _text(detail.get(ExifTags.Base.OffsetTimeOriginal)),
        "latitude": _degrees(position, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef),
        "longitude": _degrees(position, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef),
    }
    return {name: value for name, value in found.items() if value not in ("", None)}


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(character for character in text if character.isprintable()).strip()[:MAX_TEXT]


def _degrees(position: dict[int, Any], tag: int, reference: int) -> float | None:
    """Return decimal degrees from degrees, minutes and seconds (Exif 2.32, 4.6.6); None if they make no sense."""
    try:
        degrees, minutes, seconds = (float(part) for part in position[tag])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= 180:  # also drops NaN
        return None
    return round(-value if position.get(reference) in ("S", "W") else value, 7)


def _too_many_pixels(cap: int) -> str:
    return f"The image has more than {cap // 1_000_000} million pixels, which are not decoded."
