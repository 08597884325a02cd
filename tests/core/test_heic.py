"""HEIC from phones, and what pretends to be one: made by the library itself, then broken by hand."""

import os
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from integrations.core import heif, images
from integrations.core.images import ImageRefused, clean
from tests.core.test_images import exif_of_a_phone

pillow_heif.register_heif_opener()


def made(image: Image.Image | None = None, **options: object) -> bytes:
    out = BytesIO()
    (image or _photo()).save(out, "HEIF", **options)
    return out.getvalue()


def _photo() -> Image.Image:
    return Image.linear_gradient("L").resize((96, 64)).convert("RGB")


@pytest.fixture(scope="module")
def good() -> bytes:
    return made()


def test_a_photo_becomes_a_jpeg_with_a_thumbnail(good: bytes) -> None:
    image = clean(good)

    content, small = Image.open(BytesIO(image.content)), Image.open(BytesIO(image.thumbnail))
    assert (image.content_type, image.width, image.height) == ("image/jpeg", 96, 64)
    assert (content.format, content.size, small.format) == ("JPEG", (96, 64), "JPEG")
    assert image.metadata == {"format": "HEIF", "width": 96, "height": 64}
    grey = content.convert("L").tobytes()
    assert (min(grey) < 20, max(grey) > 235) == (True, True), "the pixels are those of the photo"


def test_it_is_turned_upright_and_its_metadata_kept_apart() -> None:
    image = clean(made(exif=exif_of_a_phone().tobytes()))

    content = Image.open(BytesIO(image.content))
    assert (image.width, image.height) == (64, 96)
    assert dict(content.getexif()) == {}
    assert b"Acme" not in image.content
    assert image.metadata["taken_at"] == "2026:03:01 12:00:00"
    assert (image.metadata["latitude"], image.metadata["longitude"]) == (-33.51, 151.0)
    # The gradient runs from top to bottom; turned by a quarter it runs from right to left.
    grey = content.convert("L").tobytes()
    middle = 48 * 64
    assert grey[middle + 60] < grey[middle + 3]


def test_the_decoder_is_one_without_the_known_memory_errors() -> None:
    info = pillow_heif.libheif_info()

    assert tuple(map(int, info["libheif"].split("."))) >= (1, 23, 4)
    version = info["decoders"]["libde265"].rpartition(" ")[2]
    assert tuple(map(int, version.split("."))) >= (1, 1, 3)


def test_transparency_is_kept() -> None:
    image = clean(made(Image.new("RGBA", (64, 64), (255, 0, 0, 0))))

    assert image.content_type == "image/png"
    assert set(Image.open(BytesIO(image.content)).getchannel("A").tobytes()) == {0}


def test_of_several_pictures_only_the_primary_one_is_kept() -> None:
    several: Any = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]
    for colour in ("red", "blue"):
        several.add_from_pillow(Image.new("RGB", (64, 64), colour))
    out = BytesIO()
    several.save(out, primary_index=1)

    image = Image.open(BytesIO(clean(out.getvalue()).content))

    red, _, blue = (channel.tobytes()[2000] for channel in image.split())
    assert (red < 60, blue > 200, getattr(image, "n_frames", 1)) == (True, True, 1)


def test_a_large_photo_is_scaled_down(good: bytes) -> None:
    image = clean(good, max_side=48)

    assert (image.width, image.height) == (48, 32)
    assert (image.metadata["width"], image.metadata["height"]) == (96, 64)


def _sized(data: bytes, width: int, height: int) -> bytes:
    """Return the file with another size in its header."""
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def test_more_pixels_than_are_allowed_are_not_decoded(good: bytes) -> None:
    with pytest.raises(ImageRefused, match="more than 50 million pixels"):
        clean(_sized(good, 20_000, 20_000))
    with pytest.raises(ImageRefused, match="more than 0 million pixels"):
        clean(good, max_pixels=96 * 64 - 1)


def test_a_header_that_says_less_than_is_there_does_not_open_the_way(good: bytes) -> None:
    with pytest.raises(ImageRefused, match="RuntimeError"):
        clean(_sized(made(Image.new("RGB", (512, 512))), 16, 16))


def test_a_header_that_says_more_than_is_there_is_refused_or_decoded_as_it_is(good: bytes) -> None:
    try:
        image = clean(_sized(good, 7000, 7000))
    except ImageRefused:
        return
    assert image.width * image.height <= images.MAX_PIXELS


def _broken(data: bytes) -> Iterator[bytes]:
    """Cut, zeroed, overwritten, with boxes of impossible sizes."""
    yield from (data[:end] for end in (12, 40, 200, len(data) - 300, len(data) - 1))
    yield data[:40] + bytes(len(data) - 40)
    yield data[: len(data) - 200] + b"\xff" * 200
    for box in (b"meta", b"iloc", b"ipco", b"hvcC", b"mdat"):
        at = data.index(box) - 4
        for size in (7, 2**31 - 1):
            yield data[:at] + struct.pack(">I", size) + data[at + 4 :]
    yield data.replace(b"hvc1", b"grid", 1)
    yield data.replace(b"hvc1", b"av01", 1)


def test_broken_files_are_refused_or_read_and_nothing_else_happens(good: bytes) -> None:
    ends = {"refused": 0, "read": 0}
    for data in _broken(good):
        try:
            image = clean(data)
        except ImageRefused:
            ends["refused"] += 1
        else:
            ends["read"] += 1
            assert Image.open(BytesIO(image.content)).size == (image.width, image.height)

    assert ends["refused"] >= 12, ends


@pytest.mark.parametrize("smuggled", [b"<script>alert(1)</script>", b"PK\x03\x04zip", b"%PDF-1.7"])
def test_what_is_smuggled_along_does_not_survive(good: bytes, smuggled: bytes) -> None:
    free = struct.pack(">I4s", 8 + len(smuggled), b"free") + smuggled

    image = clean(good + free)

    assert smuggled not in image.content + image.thumbnail


@pytest.mark.parametrize(
    ("brand", "behind"), [(b"heic", b""), (b"mif1", bytes(500)), (b"msf1", b"<svg onload=alert(1)>")]
)
def test_the_name_of_the_format_alone_is_no_photo(brand: bytes, behind: bytes) -> None:
    with pytest.raises(ImageRefused, match="HEIC"):
        clean(b"\0\0\0\x18ftyp" + brand + behind)


HEAD = "import struct, sys; out = sys.stdout.buffer; head = struct.Struct('>4s5I').pack\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import os; os.kill(os.getpid(), 11)",
        HEAD + "out.write(b'RGB')",
        HEAD + "out.write(head(b'RGB ', 9, 9, 9, 9, 0) + b'x')",
        HEAD + "out.write(head(b'RGB ', 9, 9, 0, 0, 0))",
        HEAD + "out.write(head(b'CMYK', 1, 1, 1, 1, 0) + b'xxxx')",
        HEAD + "out.write(head(b'\\xff\\xff\\xff\\xff', 1, 1, 1, 1, 0) + b'xxxx')",
        HEAD + "out.write(head(b'RGB ', 1, 1, 60000, 60000, 0))",
        HEAD + "out.write(head(b'RGB ', 1, 1, 1, 1, 2**32 - 1) + b'xxx')",
        "raise SystemExit('/etc/passwd: x' * 999)",
    ],
    ids=[
        "silent", "crashed", "half a head", "too few pixels", "no pixels", "another mode", "no mode", "too large",
        "endless exif", "chatter",
    ],
)  # fmt: skip
def test_a_decoder_that_was_taken_over_cannot_pass_nonsense(
    good: bytes, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heif, "BOOT", text)

    with pytest.raises(ImageRefused) as refused:
        clean(good)

    assert "passwd" not in str(refused.value)


def test_a_decoder_that_hangs_is_ended(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heif, "BOOT", "import time; time.sleep(600)")
    monkeypatch.setattr(heif, "SECONDS", 0.5)

    with pytest.raises(ImageRefused, match=r"took more than 0\.5 seconds"):
        clean(good)


def test_the_keys_of_the_installation_are_not_given_to_the_decoder(
    good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "SECRET_KEY" in os.environ
    monkeypatch.setattr(heif, "BOOT", "import os, signal; 'SECRET_KEY' in os.environ or os.kill(os.getpid(), 10)")

    with pytest.raises(ImageRefused, match="signal 10"):
        clean(good)
