"""Generated pictures that look a little like photos of field work, and the defects that photos have.

They are drawn, not taken: light falls off, sensors make noise, JPEG leaves its traces, but no real camera, lens or hand
took part. All of it follows from `seed`.
"""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from random import Random

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

SIZE = (2000, 1500)
Scene = Callable[[Random], Image.Image]


def photo(seed: int, *, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a picture as a working phone might take it; the seed also chooses the kind of scene."""
    return _photo(seed, size).copy()


@lru_cache(maxsize=32)
def _photo(seed: int, size: tuple[int, int]) -> Image.Image:
    random = Random(seed)
    scene = SCENES[seed % len(SCENES)](random)
    shown = scene.filter(ImageFilter.GaussianBlur(0.8)).resize(size, Image.Resampling.BICUBIC)
    return noisy(_lit(shown, random), random)


def labelled(
    *codes: tuple[zxingcpp.BarcodeFormat, str, int], seed: int = 0, size: tuple[int, int] = SIZE
) -> Image.Image:
    """Return a photo with codes stuck on it: (format, text, width in pixels), side by side."""
    shown = photo(seed, size=size)
    left = 150
    for kind, text, width in codes:
        drawn = Image.fromarray(zxingcpp.create_barcode(text, kind).to_image(scale=8))
        label = drawn.convert("RGB").resize((width, width * drawn.height // drawn.width), Image.Resampling.BILINEAR)
        shown.paste(label, (left, 300))
        left += width + 120
    return shown


def jpeg(image: Image.Image, *, quality: int = 88) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def blurred(image: Image.Image, *, radius: float) -> Image.Image:
    """`radius` of the Gaussian in thousandths of the longer side; the sensor's noise comes after the lens."""
    blunt = image.filter(ImageFilter.GaussianBlur(radius * max(image.size) / 1000))
    return noisy(blunt, Random(1))


def shaken(image: Image.Image, *, length: float) -> Image.Image:
    """Moved sideways while it was taken; `length` in thousandths of the longer side."""
    blunt = image.filter(ImageFilter.BoxBlur((length * max(image.size) / 2000, 0)))
    return noisy(blunt, Random(1))


def exposed(image: Image.Image, *, factor: float) -> Image.Image:
    """All light times `factor`, cut where the sensor is full."""
    return noisy(ImageEnhance.Brightness(image).enhance(factor), Random(2))


def cropped(image: Image.Image, *, share: float) -> Image.Image:
    """Without `share` of each side."""
    width, height = image.size
    box = (int(width * share), int(height * share), int(width * (1 - share)), int(height * (1 - share)))
    return image.crop(box)


def noisy(image: Image.Image, random: Random, *, strength: float = 1.5) -> Image.Image:
    grain = _grain(random, size=image.size, strength=strength)
    return Image.merge("RGB", [ImageChops.add(band, grain, offset=-128) for band in image.split()])


def _grain(random: Random, *, size: tuple[int, int], strength: float) -> Image.Image:
    """Return noise around 128 with the given deviation: a tile, repeated at odd places."""
    tile = Image.frombytes("L", (512, 512), random.randbytes(512 * 512))
    tile = tile.point([round(128 + (value - 127.5) / 74 * strength) for value in range(256)])
    whole = Image.new("L", size)
    for left in range(0, size[0], 512):
        for top in range(0, size[1], 512):
            whole.paste(tile.rotate(random.choice((0, 90, 180, 270))), (left, top))
    return whole


def _lit(image: Image.Image, random: Random) -> Image.Image:
    """Let the light fall off from one corner."""
    turned = Image.linear_gradient("L").rotate(random.uniform(0, 360), Image.Resampling.BICUBIC)
    corner = turned.crop((48, 48, 208, 208)).resize(image.size, Image.Resampling.BICUBIC)
    shade = corner.point([round(150 + value * 0.41) for value in range(256)])
    return ImageChops.multiply(image, Image.merge("RGB", (shade, shade, shade)))


def _cloud(random: Random, *, size: tuple[int, int], coarse: int, fine: int) -> Image.Image:
    """Return soft noise: octaves from `coarse` to `fine` cells across."""
    total = Image.new("L", size, 128)
    cells, weight = coarse, 0.5
    while cells <= fine:
        rows = max(2, cells * 3 // 4)
        octave = Image.frombytes("L", (cells, rows), random.randbytes(cells * rows)).resize(size)
        total = ImageChops.add(total, octave.point([round((v - 128) * weight + 128) for v in range(256)]), offset=-128)
        cells, weight = cells * 2, weight * 0.7
    return total


def _tinted(grey: Image.Image, random: Random, *, low: int, high: int) -> Image.Image:
    dark = tuple(random.randint(low, (low + high) // 2) for _ in range(3))
    light = tuple(random.randint((low + high) // 2, high) for _ in range(3))
    bands = [
        grey.point([round(a + (b - a) * value / 255) for value in range(256)]) for a, b in zip(dark, light, strict=True)
    ]
    return Image.merge("RGB", bands)


def _colour(random: Random, low: int = 20, high: int = 235) -> tuple[int, int, int]:
    return (random.randint(low, high), random.randint(low, high), random.randint(low, high))


def _words(random: Random, count: int) -> str:
    return " ".join(
        "".join(random.choices("ABCDEFGHKLMNPRSTUVWXYZ0123456789", k=random.randint(2, 8))) for _ in range(count)
    )


def _cabinet(random: Random) -> Image.Image:
    """Modules in rows, screws, cables, labels."""
    image = _tinted(_cloud(random, size=SIZE, coarse=4, fine=256), random, low=70, high=190)
    draw = ImageDraw.Draw(image)
    for row in range(random.randint(2, 4)):
        top, left = 120 + row * 340, random.randint(60, 200)
        while left < 1800:
            width = random.randint(60, 220)
            draw.rectangle((left, top, left + width, top + 230), fill=_colour(random), outline=(20, 20, 20), width=4)
            draw.ellipse((left + 12, top + 12, left + 36, top + 36), fill=_colour(random), outline=(0, 0, 0), width=2)
            draw.text((left + 10, top + 150), _words(random, 1), fill=(250, 250, 250), font=_font(28))
            left += width + random.randint(4, 60)
    for _ in range(random.randint(4, 14)):
        points = [(random.randint(0, 2000), random.randint(0, 1500)) for _ in range(4)]
        draw.line(points, fill=_colour(random), width=random.randint(6, 18), joint="curve")
    return image


def _wall(random: Random) -> Image.Image:
    """A small device on a wall with little on it: hard for every measure of sharpness."""
    image = _tinted(_cloud(random, size=SIZE, coarse=3, fine=6), random, low=150, high=215)
    draw = ImageDraw.Draw(image)
    left, top = random.randint(300, 1300), random.randint(250, 900)
    draw.rounded_rectangle((left, top, left + 380, top + 280), 30, fill=_colour(random, 180, 240), outline=(90, 90, 90))
    draw.text((left + 40, top + 200), _words(random, 2), fill=(40, 40, 40), font=_font(34))
    draw.ellipse((left + 300, top + 40, left + 330, top + 70), fill=_colour(random))
    return image


def _outdoors(random: Random) -> Image.Image:
    """Ground and leaves, a pole in front, the sky above."""
    image = _tinted(_cloud(random, size=SIZE, coarse=6, fine=2000), random, low=20, high=170)
    sky = _tinted(_cloud(random, size=(2000, random.randint(200, 600)), coarse=2, fine=8), random, low=170, high=245)
    image.paste(sky, (0, 0))
    left = random.randint(400, 1500)
    ImageDraw.Draw(image).rectangle((left, 0, left + random.randint(60, 180), 1500), fill=_colour(random, 60, 150))
    return image


def _label(random: Random) -> Image.Image:
    """A printed plate from near."""
    image = _tinted(_cloud(random, size=SIZE, coarse=3, fine=64), random, low=60, high=150)
    plate = Image.new("RGB", (1500, 1000), _colour(random, 195, 235))
    draw = ImageDraw.Draw(plate)
    for line in range(random.randint(5, 9)):
        draw.text((60, 50 + line * 100), _words(random, random.randint(2, 4)), fill=(30, 30, 35), font=_font(60))
    image.paste(plate.rotate(random.uniform(-6, 6), expand=True, fillcolor=(110, 110, 110)), (200, 200))
    return image


def _cellar(random: Random) -> Image.Image:
    """A cabinet in poor light, still good enough to judge."""
    return ImageEnhance.Brightness(_cabinet(random)).enhance(random.uniform(0.55, 0.7))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


SCENES: tuple[Scene, ...] = (_cabinet, _wall, _outdoors, _label, _cellar)
