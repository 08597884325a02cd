"""What the conformity checks say on photos and their defects, as the tables of docs/camera-engines.md.

`python -m tests.camera.engines.measured`: generated photos. With `--real FOLDER`: photos by real cameras, whose
packages are fetched into the folder the first time (about 350 MB).
"""

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from PIL import Image  # noqa: E402  needs a set-up Django

from integrations.camera.engines.checks import DEFAULT_CHECKS  # noqa: E402
from integrations.camera.engines.conformity import SIDE, Conformity  # noqa: E402
from integrations.camera.engines.contract import Earlier, Verdict  # noqa: E402
from integrations.camera.engines.fingerprints import fingerprint  # noqa: E402
from integrations.camera.engines.seeing import grey  # noqa: E402
from tests.camera.engines import generating as made  # noqa: E402
from tests.camera.engines import real  # noqa: E402
from tests.camera.engines.making import group, picture  # noqa: E402

PHOTOS = 25
# Sharpness up to which a photo is named, though nothing was found.
NEAR = 32
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
    parser = argparse.ArgumentParser(prog="measured", description=__doc__)
    parser.add_argument("--real", type=Path, metavar="FOLDER")
    folder = parser.parse_args().real
    if folder is None:
        _print_changed([made.photo(seed) for seed in range(PHOTOS)])
        return
    photos = [*real.kept(), *real.fetched(folder)]
    _print_taken(photos)
    good = [_working_size(each) for each in photos if "good" in each.labels]
    _print_changed([each for each in good if min(each.size) >= made.SIZE[1] // 2])
    _print_changed([each for each in good if min(each.size) < made.SIZE[1] // 2])


def _print_taken(photos: list[real.Photo]) -> None:
    """Print what each label comes to, and the sharpness of every photo that was flagged or is near the threshold."""
    judged = [(each, _judge(each.content, each.size, [], content_type=each.content_type)) for each in photos]
    print(f"| label, by eye | photos | {' | '.join(CODES[:-1])} | least sharpness | most |\n|---|---|{'---|' * 7}")
    for label in sorted({" ".join(sorted(each.labels)) for each in photos}):
        mine = [verdict for each, verdict in judged if " ".join(sorted(each.labels)) == label]
        found = Counter(message.code for verdict in mine for message in verdict.messages)
        sharp = [verdict.measures["blur"]["value"] for verdict in mine]
        cells = " | ".join(str(found[code]) for code in CODES[:-1])
        print(f"| {label} | {len(mine)} | {cells} | {min(sharp)} | {max(sharp)} |")
    print("\n| sharpness | label | messages | photo |\n|---|---|---|---|")
    for each, verdict in sorted(judged, key=lambda pair: float(pair[1].measures["blur"]["value"])):
        codes = " ".join(message.code for message in verdict.messages if message.code != "LOW_RESOLUTION")
        value, label = verdict.measures["blur"]["value"], " ".join(sorted(each.labels))
        if codes or value < NEAR or "good" not in each.labels:
            print(f"| {value} | {label} | {codes} | {each.package} {each.path} {each.camera} |")


def _working_size(photo: real.Photo) -> Image.Image:
    """Scale to the size of the generated photos, so that the same defects are computed on both."""
    with Image.open(photo.file) as image:
        shown = image.convert("RGB")
    shown.thumbnail(made.SIZE, Image.Resampling.LANCZOS)
    return shown


def _print_changed(photos: list[Image.Image]) -> None:
    """Print the share of photos with each message after each change."""
    marks = [fingerprint(grey(made.jpeg(each), side=SIDE)) for each in photos]
    print(f"\n{len(photos)} photos\n\n| defect | {' | '.join(CODES)} |\n|---|{'---|' * len(CODES)}")
    for name, change in CHANGES.items():
        found: list[str] = []
        for number, shown in enumerate(photos):
            quality = 40 if "quality" in name else 88
            # Whether it is found again among all; unchanged, whether it is taken for another.
            known = [m for other, m in enumerate(marks) if name != "none" or other != number]
            changed = change(shown)
            verdict = _judge(made.jpeg(changed, quality=quality), changed.size, known)
            found += [message.code for message in verdict.messages]
        shares = " | ".join(f"{100 * found.count(code) / len(photos):.0f} %" for code in CODES)
        print(f"| {name} | {shares} |", flush=True)


def _judge(content: bytes, size: tuple[int, int], known: list[str], *, content_type: str = "image/jpeg") -> Verdict:
    earlier = [Earlier(mark, "i-0", same_item=False, same_order=False) for mark in known if mark]
    photo = picture(content, earlier=earlier, size=size, content_type=content_type)
    return Conformity().analyse(photo, group(checks=DEFAULT_CHECKS), report=lambda _step: None)


if __name__ == "__main__":
    main()
