"""QR codes of links: byte mode, error correction M, quiet zone of four, dark on light (2.6 of the sheet). Pure."""

import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import segno

from integrations.platforms.worklink.links.refusals import LinkRefused

DENSE = 300  # characters; above, small prints scan badly
QUIET = 4  # modules
PIXELS = 4  # per module on a screen, at least
MILLIMETRES = 0.4  # per module in print, at least


@dataclass(frozen=True)
class Code:
    """The code of one link. `too_long` is raised when it is drawn: the link itself is still good."""

    url: str

    @property
    def warning(self) -> str:
        return f"Dense code: {len(self.url)} characters. Print it large, or shorten the link." if self.is_dense else ""

    @property
    def is_dense(self) -> bool:
        return len(self.url) > DENSE

    @property
    def print_width(self) -> float:
        """Millimetres that a print needs at least, quiet zone included."""
        return round(self._drawn.symbol_size(border=QUIET)[0] * MILLIMETRES, 1)

    def check(self) -> None:
        """Draw it. Raises LinkRefused: `too_long`."""
        self._drawn  # noqa: B018  made here, kept for the next

    def svg(self) -> bytes:
        """Return an SVG document without a size of its own: it fills what it is put into.

        Raises LinkRefused: `too_long`.
        """
        return self._saved(kind="svg", scale=PIXELS, omitsize=True, svgns=True, xmldecl=False)

    def png(self, *, pixels: int = PIXELS) -> bytes:
        """Return a PNG with so many pixels for each module. Raises LinkRefused: `too_long`."""
        return self._saved(kind="png", scale=max(PIXELS, min(pixels, 40)))

    def _saved(self, **how: Any) -> bytes:
        out = io.BytesIO()
        self._drawn.save(out, border=QUIET, dark="#000", light="#fff", **how)
        return out.getvalue()

    @cached_property
    def _drawn(self) -> segno.QRCode:
        try:
            return segno.make_qr(self.url, error="m", mode="byte", encoding="utf-8", boost_error=False)
        except segno.DataOverflowError:
            said = (
                f"A QR code at level M holds 2,331 bytes; the link has {len(self.url.encode())}. Use the link itself."
            )
            raise LinkRefused("too_long", said) from None
