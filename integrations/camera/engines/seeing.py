"""Photos as pixels, no bigger than needed: a JPEG is scaled while it is decoded, so 12 megapixels are never held."""

import warnings
from io import BytesIO

from PIL import Image

from integrations.camera.engines.contract import EngineFailed, Picture
from integrations.core.images import DAMAGED


def grey(content: bytes, *, side: int) -> Image.Image:
    """Return the brightness alone, the longer side at most `side` pixels. :raises EngineFailed:"""
    return _decoded(content, mode="L", side=side)


def colour(content: bytes, *, side: int) -> Image.Image:
    """Return red, green and blue, the longer side at most `side` pixels. :raises EngineFailed:"""
    return _decoded(content, mode="RGB", side=side)


def must_be_picture(photo: Picture) -> None:
    """:raises EngineFailed: for a PDF, which has no pixels"""
    if not photo.content_type.startswith("image/"):
        raise EngineFailed(
            f"This engine looks at pictures, not at {photo.content_type}; choose manual review for PDFs."
        )


def _decoded(content: bytes, *, mode: str, side: int) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's: it was decoded under caps when it came
        try:
            with Image.open(BytesIO(content)) as image:
                image.draft(mode, (side, side))
                solid = _on_white(image)
                plain = solid if solid.mode == mode else solid.convert(mode)
                plain.thumbnail((side, side), Image.Resampling.LANCZOS)
                plain.load()  # while the bytes are open: what is small enough was not read yet
                return plain
        except (*DAMAGED, Image.DecompressionBombError) as error:
            raise EngineFailed(f"The picture cannot be decoded ({type(error).__name__}); take it again.") from error


def _on_white(image: Image.Image) -> Image.Image:
    """Transparent pixels are shown on white, and so they are judged."""
    if not image.has_transparency_data:
        return image
    solid = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", solid.size, "white"), solid)
