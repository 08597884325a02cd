"""Pictures of the CMS and their links, which expire."""

import hashlib
import hmac
import io
import secrets
from functools import lru_cache
from urllib.parse import quote

from PIL import Image, ImageDraw

LINK_KEY = secrets.token_bytes(32)


@lru_cache(maxsize=256)
def photo(name: str, side: int) -> bytes:
    """A small JPEG that is the same for the same name: colours and caption come from it."""
    digest = hashlib.sha256(name.encode()).digest()
    image = Image.new("RGB", (side, side), (digest[0], digest[1], digest[2]))
    draw = ImageDraw.Draw(image)
    draw.ellipse((side // 4, side // 4, 3 * side // 4, 3 * side // 4), fill=(digest[3], digest[4], digest[5]))
    draw.text((4, 4), name[-24:], fill=(255, 255, 255))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def signed_path(file_id: str, expires: int) -> str:
    return f"/files/{quote(file_id, safe='')}?expires={expires}&sig={_signature(file_id, expires)}"


def is_signed(file_id: str, expires: int, signature: str) -> bool:
    return hmac.compare_digest(_signature(file_id, expires), signature)


def _signature(file_id: str, expires: int) -> str:
    return hmac.new(LINK_KEY, f"{file_id}:{expires}".encode(), hashlib.sha256).hexdigest()[:32]
