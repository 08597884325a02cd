from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from integrations.camera.engines.contract import EngineFailed, Verdict
from integrations.camera.engines.similar import Similar
from tests.camera.engines import generating
from tests.camera.engines.making import Reported, group, picture, task

TASKS = (task("like_the_example", "Boolean"), task("likeness", "Number"), task("remark"))


def compared(shown: Image.Image, *examples: Image.Image, **settings: Any) -> Verdict:
    given = group(*TASKS, settings=settings, examples=[generating.jpeg(each) for each in examples])
    return Similar().analyse(picture(shown), given, report=Reported())


def values(verdict: Verdict) -> dict[str, Any]:
    return {outcome.task: outcome.value for outcome in verdict.outcomes}


@pytest.mark.parametrize(
    "change",
    [
        lambda shown: generating.exposed(shown, factor=0.6),
        lambda shown: generating.exposed(shown, factor=1.4),
        lambda shown: generating.cropped(shown, share=0.05),
        lambda shown: shown.rotate(3, Image.Resampling.BICUBIC),
        lambda shown: generating.blurred(shown, radius=2),
    ],
    ids=["darker", "lighter", "nearer", "turned", "blurred"],
)
@pytest.mark.parametrize("seed", [0, 2, 4])
def test_the_same_motif_in_other_circumstances_is_similar(
    seed: int, change: Callable[[Image.Image], Image.Image]
) -> None:
    verdict = compared(change(generating.photo(seed)), generating.photo(seed))

    assert values(verdict)["like_the_example"] is True
    assert values(verdict)["likeness"] == verdict.measures["likeness"]["value"] >= 60


@pytest.mark.parametrize(("seed", "other"), [(0, 1), (0, 2), (0, 5), (1, 3), (2, 4), (3, 0)])
def test_another_motif_is_not_similar(seed: int, other: int) -> None:
    verdict = compared(generating.photo(other), generating.photo(seed))

    assert values(verdict)["like_the_example"] is False
    assert verdict.measures["likeness"]["passed"] is False


def test_the_most_similar_example_counts_and_a_text_stays_open() -> None:
    verdict = compared(generating.photo(0), generating.photo(1), generating.photo(0))

    assert values(verdict) == {"like_the_example": True, "likeness": 100.0, "remark": None}


def test_the_threshold_is_the_groups() -> None:
    verdict = compared(generating.photo(1), generating.photo(0), threshold=0)

    assert values(verdict)["like_the_example"] is True


def test_without_an_example_or_with_wrong_settings_the_analysis_ends_with_a_sentence() -> None:
    shown = Image.new("RGB", (64, 64))

    with pytest.raises(EngineFailed, match="no example photo"):
        compared(shown)
    with pytest.raises(EngineFailed, match="0 to 100"):
        compared(shown, shown, threshold=200)
