"""Reads QR codes that were drawn as SVG, as another library and another eye would."""

import re

import zxingcpp
from PIL import Image, ImageDraw

SCALE = 4


def read_svg(svg: bytes) -> str:
    """Draw the runs of dark modules of an SVG by segno, and read what they say."""
    text = svg.decode()
    side = int(float(re.findall(r'viewBox="0 0 ([\d.]+)', text)[0]))
    scale = float(found[0]) if (found := re.findall(r"scale\(([\d.]+)\)", text)) else 1.0
    modules = round(side / scale)
    image = Image.new("L", (modules * SCALE, modules * SCALE), 255)
    paint, x, y = ImageDraw.Draw(image), 0.0, 0.0
    (path,) = re.findall(r'class="qrline"[^>]* d="([^"]+)"', text) or re.findall(
        r'stroke="#000"[^>]* d="([^"]+)"', text
    )
    for step, across, down in re.findall(r"([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?", path):
        if step == "h":
            paint.rectangle((x * SCALE, (y - 0.5) * SCALE, (x + float(across)) * SCALE - 1, (y + 0.5) * SCALE - 1), 0)
            x += float(across)
        else:
            x, y = (float(across), float(down)) if step == "M" else (x + float(across), y + float(down))
    (code,) = zxingcpp.read_barcodes(image)
    return code.text
