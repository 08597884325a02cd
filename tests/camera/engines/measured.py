"""What the conformity checks say on generated photos and their defects: `python -m tests.camera.engines.measured`.

Prints the table of docs/camera-engines.md. No real camera took part.
"""

import django

django.setup()

from collections.abc import Callable  # noqa: E402  needs a set-up Django

from PIL import Image  # noqa: E402

from integrations.camera.engines.checks import DEFAULT_CHECKS  # noqa: E402
from integrations.camera.engines.conformity import SIDE, Conformity  # noqa: E402
from integrations.camera.engines.contract import Earlier  # noqa: E402
from integrations.camera.engines.fingerprints import fingerprint  # noqa: E402
from integrations.camera.engines.seeing import grey  # noqa: E402
from tests.camera.engines import generating as made  # noqa: E402
from tests.camera.engines.making import group, picture  # noqa: E402

PHOTOS = 25
Change = Callable[[Image.Image], Image.Image]
CHANGES: dict[str, Change] = {
    "none": lambda shown: shown,
    "recompressed at quality 40": lambda shown: shown,
    **{f"blur, radius {r} ‰": lambda shown, r=r: made.blurred(shown, radius=r) for r in (0.5, 1, 1.5, 2, 3, 10)},  # type: ignore[misc]
    **{f"shaken by {r} ‰": lambda shown, r=r: made.shaken(shown, length=r) for r in (4, 8, 16)},  # type: ignore[misc]
    **{f"light × {r}": lambda shown, r=r: made.exposed(shown, factor=r) for r in (0.1, 0.3, 0.5, 0.7, 1.5, 2, 4)},  # type: ignore[misc]
    **{f"{r:.0%} cut off each side": lambda shown, r=r: made.cropped(shown, share=r) for r in (0.02, 0.05)},  # type: ignore[misc]
    "640 × 480": lambda shown: shown.resize((640, 480)),
}
CODES = ("BLUR", "TOO_DARK", "TOO_BRIGHT", "CLIPPED", "LOW_RESOLUTION", "DUPLICATE")


def main() -> None:
    photos = [made.photo(seed) for seed in range(PHOTOS)]
    marks = [fingerprint(grey(made.jpeg(each), side=SIDE)) for each in photos]
    print(f"| defect | {' | '.join(CODES)} |\n|---|{'---|' * len(CODES)}")
    for name, change in CHANGES.items():
        found: list[str] = []
        for number, shown in enumerate(photos):
            quality = 40 if "quality" in name else 88
            # Whether it is found again among all; unchanged, whether it is taken for another.
            known = [m for other, m in enumerate(marks) if name != "none" or other != number]
            changed = change(shown)
            found += _codes(made.jpeg(changed, quality=quality), changed.size, known)
        print(f"| {name} | {' | '.join(f'{100 * found.count(code) // PHOTOS} %' for code in CODES)} |", flush=True)


def _codes(content: bytes, size: tuple[int, int], known: list[str]) -> list[str]:
    earlier = [Earlier(mark, "i-0", same_item=False, same_order=False) for mark in known if mark]
    photo = picture(content, earlier=earlier, size=size)
    verdict = Conformity().analyse(photo, group(checks=DEFAULT_CHECKS), report=lambda _step: None)
    return [message.code for message in verdict.messages]


if __name__ == "__main__":
    main()
