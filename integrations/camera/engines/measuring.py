"""What can be measured on a picture in shades of grey. Pure; a picture of 1000 pixels takes some milliseconds.

No numpy: the tree has none, and Pillow's differences and histograms are as fast here.
"""

from PIL import Image, ImageChops

# Of all pixels, the share that lies on the sharpest edges. Few, so that a small device on a bare wall is enough.
ON_EDGES = 0.0005
EDGE_WIDTH = 10
# Levels of 256. Below it there is no edge to measure: noise alone would look sharp.
LEAST_CONTRAST = 16
FULL, EMPTY = 253, 2


def sharpness(grey: Image.Image) -> float:
    """Return how much of the strongest edges' contrast lies between neighbouring pixels, in percent, 0 to 100.

    Compared with their own contrast over 10 pixels, so that dim light and plain motifs do not count as blur. The
    lower of both directions, so that a camera moved sideways counts. A drawn step of one pixel has 100, a blur of
    2 pixels about 20. 0: there is no edge at all.
    """
    return round(min(_edge(grey, 1, 0), _edge(grey, 0, 1)), 1)


def brightness(grey: Image.Image, *, share: float) -> int:
    """Return the level, 0 to 255, that `share` of the pixels do not exceed."""
    return _level(grey.histogram(), share)


def clipped(grey: Image.Image) -> float:
    """Return the percentage of pixels that are plain black or plain white: what is there is lost."""
    counts = grey.histogram()
    return round(100 * (sum(counts[: EMPTY + 1]) + sum(counts[FULL:])) / sum(counts), 1)


def _edge(grey: Image.Image, right: int, down: int) -> float:
    wide = _contrast(grey, right * EDGE_WIDTH, down * EDGE_WIDTH)
    return 100 * _contrast(grey, right, down) / wide if wide >= LEAST_CONTRAST else 0.0


def _contrast(grey: Image.Image, right: int, down: int) -> int:
    """Return the difference over a distance that only `ON_EDGES` of the pixels exceed."""
    width, height = grey.size
    if width <= right or height <= down:
        return 0
    moved = grey.crop((right, down, width, height))
    return _level(
        ImageChops.difference(moved, grey.crop((0, 0, width - right, height - down))).histogram(), 1 - ON_EDGES
    )


def _level(counts: list[int], share: float) -> int:
    wanted, seen = share * sum(counts), 0
    for level, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return level
    return len(counts) - 1
