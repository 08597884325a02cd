import struct
import zlib
from io import BytesIO

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from integrations.core.images import MAX_BYTES, ImageRefused, clean


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def photo(size: tuple[int, int] = (64, 32), mode: str = "RGB") -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert(mode)


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def exif_of_a_phone() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Acme\x00<script>"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:03:01 12:00:00"
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    position[ExifTags.GPS.GPSLatitudeRef], position[ExifTags.GPS.GPSLatitude] = "S", (33.0, 30.0, 36.0)
    position[ExifTags.GPS.GPSLongitudeRef], position[ExifTags.GPS.GPSLongitude] = "E", (151.0, 0.0, 0.0)
    return exif


@pytest.mark.parametrize(
    ("form", "content_type"),
    [("JPEG", "image/jpeg"), ("WEBP", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/png")],
)
def test_a_photo_is_encoded_anew_with_a_thumbnail(form: str, content_type: str) -> None:
    image = clean(encoded(photo((640, 320)), form))

    assert (image.content_type, image.width, image.height) == (content_type, 640, 320)
    assert opened(image.content).size == (640, 320)
    assert opened(image.thumbnail).size == (320, 160)
    assert image.metadata["format"] == form


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_colour_mode_can_be_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    image = photo() if mode == "I;16" else photo(mode=mode)
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 257).convert("I;16")

    cleaned = opened(clean(encoded(image, form)).content)

    assert cleaned.size == (64, 32)
    grey = cleaned.convert("L").tobytes()
    assert min(grey) < 40
    assert max(grey) > 200


def test_transparency_is_kept() -> None:
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))

    for form in ("PNG", "WEBP"):
        cleaned = clean(encoded(image, form))
        assert (cleaned.content_type, cleaned.extension) == ("image/png", "png")
        assert opened(cleaned.content).getpixel((0, 0)) == (255, 0, 0, 0) or form == "WEBP"


def test_the_photo_is_turned_upright_and_its_metadata_kept_apart() -> None:
    image = clean(encoded(photo((64, 32)), "JPEG", exif=exif_of_a_phone()))

    assert (image.width, image.height) == (32, 64)
    assert dict(opened(image.content).getexif()) == {}
    assert b"Acme" not in image.content
    assert image.metadata["taken_at"] == "2026:03:01 12:00:00"
    assert (image.metadata["latitude"], image.metadata["longitude"]) == (-33.51, 151.0)
    assert "\x00" not in image.metadata["make"]


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])

    cleaned = opened(clean(data).content)

    assert getattr(cleaned, "n_frames", 1) == 1
    assert cleaned.convert("RGB").getpixel((0, 0)) == (255, 0, 0)


def test_a_large_photo_is_scaled_down() -> None:
    image = clean(encoded(photo((1200, 600)), "JPEG"), max_side=500)

    assert (image.width, image.height) == (500, 250)
    assert (image.metadata["width"], image.metadata["height"]) == (1200, 600)


@pytest.mark.parametrize("smuggled", [b"<script>alert(1)</script>", b"PK\x03\x04zip", b"%PDF-1.7"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF"])
def test_what_is_smuggled_behind_an_image_does_not_survive(form: str, smuggled: bytes) -> None:
    image = clean(encoded(photo(), form) + smuggled)

    assert smuggled not in image.content + image.thumbnail


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_no_kind_of_metadata_survives(form: str, mode: str) -> None:
    script = b"*/=alert(1);/*"
    exif, texts = Image.Exif(), PngInfo()
    exif[ExifTags.Base.ImageDescription] = script.decode()
    texts.add_text("Comment", script)
    told = {"exif": exif, "icc_profile": script, "xmp": script, "comment": script, "pnginfo": texts}
    sent = encoded(photo(mode="RGB" if form == "JPEG" else mode), form, **told)
    assert script in sent

    image = clean(sent)

    assert script not in image.content + image.thumbnail
    assert not {"exif", "icc_profile", "xmp", "comment", "Comment"} & opened(image.content).info.keys()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not an image",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<html><body></body></html>",
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"GIF89a/*",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"II*\x00\x08\x00\x00\x00",
        b"BM" + b"\x00" * 60,
    ],
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(ImageRefused, match="not a photo"):
        clean(data)


@pytest.mark.parametrize("form", ["TIFF", "BMP", "ICO", "PPM", "TGA"])
def test_formats_that_cameras_do_not_send_are_refused(form: str) -> None:
    with pytest.raises(ImageRefused):
        clean(encoded(photo((32, 32)), form))


def test_a_truncated_photo_is_refused() -> None:
    data = encoded(photo((640, 640)), "JPEG")

    with pytest.raises(ImageRefused):
        clean(data[: len(data) // 2])


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 10_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_a_pixel_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(ImageRefused, match="50 million pixels"):
        clean(png_claiming(*size))


def test_too_many_bytes_are_refused_before_anything_is_parsed() -> None:
    with pytest.raises(ImageRefused, match="bytes"):
        clean(b"\xff\xd8" + b"\x00" * MAX_BYTES)


def test_damaged_files_are_refused_and_raise_nothing_else() -> None:
    whole = {
        form: encoded(photo((48, 48)), form, **extra)
        for form, extra in (("JPEG", {"exif": exif_of_a_phone()}), ("PNG", {}), ("WEBP", {}), ("GIF", {}))
    }
    for data in whole.values():
        for position in range(0, len(data), max(1, len(data) // 150)):
            damaged = bytearray(data)
            damaged[position] ^= 0xFF
            try:
                clean(bytes(damaged))
            except ImageRefused:
                continue
