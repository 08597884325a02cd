import time
from typing import Any

import pytest
from PIL import Image

from integrations.camera.engines.checks import DEFAULT_CHECKS, KINDS, SettingsRefused, read_checks
from integrations.camera.engines.conformity import SIDE, Conformity
from integrations.camera.engines.contract import Earlier, EngineFailed, Verdict
from integrations.camera.engines.fingerprints import distance, fingerprint
from integrations.camera.engines.seeing import grey
from integrations.camera.protocol import messages
from tests.camera.engines import generating
from tests.camera.engines.making import Reported, group, picture

CABINET, WALL, GROUND, LABEL, CELLAR = range(5)


def checked(shown: Image.Image | bytes, *, checks: Any = DEFAULT_CHECKS, **values: Any) -> Verdict:
    return Conformity().analyse(picture(shown, **values), group(checks=checks), report=Reported())


def codes(verdict: Verdict) -> list[str]:
    return [message.code for message in verdict.messages]


@pytest.mark.parametrize("seed", [CABINET, WALL, GROUND, LABEL, CELLAR])
def test_a_usable_photo_passes_and_its_measures_stand_beside_the_thresholds(seed: int) -> None:
    verdict = checked(generating.photo(seed))

    assert codes(verdict) == []
    assert set(verdict.measures) == set(KINDS)
    assert verdict.measures["blur"]["value"] > verdict.measures["blur"]["threshold"] == 25
    assert verdict.measures["blur"]["passed"] is True
    assert len(verdict.fingerprint) == 32


@pytest.mark.parametrize("seed", [CABINET, WALL, GROUND, LABEL, CELLAR])
@pytest.mark.parametrize("radius", [2, 3, 5, 10])
def test_a_blurred_photo_must_be_retaken(seed: int, radius: float) -> None:
    verdict = checked(generating.blurred(generating.photo(seed), radius=radius))

    assert ("error", "BLUR") in [(each.severity, each.code) for each in verdict.messages]
    assert verdict.measures["blur"]["passed"] is False


def test_a_photo_shaken_sideways_is_blurred_though_its_other_edges_are_sharp() -> None:
    verdict = checked(generating.shaken(generating.photo(CABINET), length=12))

    assert codes(verdict) == ["BLUR"]


def test_a_motif_without_any_edge_counts_as_blurred() -> None:
    verdict = checked(Image.new("RGB", (1600, 1200), (120, 120, 120)))

    assert codes(verdict) == ["BLUR"]
    assert verdict.measures["blur"]["value"] == 0
    assert verdict.fingerprint == ""


@pytest.mark.parametrize(("factor", "code"), [(0.1, "TOO_DARK"), (4.0, "TOO_BRIGHT")])
def test_too_little_and_too_much_light_are_told_apart(factor: float, code: str) -> None:
    verdict = checked(generating.exposed(generating.photo(LABEL), factor=factor))

    assert code in codes(verdict)


def test_lost_highlights_are_a_warning() -> None:
    burnt = generating.photo(CABINET)
    burnt.paste((255, 255, 255), (0, 0, 2000, 500))

    verdict = checked(burnt)

    assert [(each.severity, each.code) for each in verdict.messages] == [("warning", "CLIPPED")]
    assert verdict.measures["clipped"]["value"] > 30


def test_the_shorter_side_decides_on_the_resolution() -> None:
    verdict = checked(generating.photo(CABINET, size=(1600, 700)))

    assert codes(verdict) == ["LOW_RESOLUTION"]
    assert verdict.measures["resolution"]["value"] == 700


def earlier(shown: Image.Image, *, same_item: bool = False, same_order: bool = False) -> Earlier:
    mark = fingerprint(grey(generating.jpeg(shown, quality=60), side=SIDE))
    return Earlier(mark, "i-0", same_item=same_item, same_order=same_order or same_item)


@pytest.mark.parametrize("same_order", [True, False])
def test_the_same_photo_is_found_again_in_this_order_and_in_others(same_order: bool) -> None:
    known = [earlier(generating.photo(5)), earlier(generating.photo(CABINET), same_order=same_order)]

    verdict = checked(generating.exposed(generating.photo(CABINET), factor=0.9), earlier=known)

    assert [(each.severity, each.code) for each in verdict.messages] == [("warning", "DUPLICATE")]
    measured = verdict.measures["duplicate"]
    assert measured["value"] <= 10
    assert (measured["nearest"], measured["same_order"]) == ("i-0", same_order)


def test_a_retake_of_the_same_item_is_no_duplicate() -> None:
    verdict = checked(generating.photo(CABINET), earlier=[earlier(generating.photo(CABINET), same_item=True)])

    assert codes(verdict) == []
    assert verdict.measures["duplicate"]["value"] is None


def test_another_cabinet_of_the_same_kind_is_no_duplicate() -> None:
    verdict = checked(generating.photo(CABINET), earlier=[earlier(generating.photo(seed)) for seed in (5, 10, 15, 20)])

    assert codes(verdict) == []
    assert verdict.measures["duplicate"]["value"] > 10


def test_dark_photos_are_not_taken_for_each_other() -> None:
    dark = [generating.exposed(generating.photo(seed), factor=0.02) for seed in (CABINET, 5)]

    marks = [fingerprint(grey(generating.jpeg(each), side=SIDE)) for each in dark]

    assert marks == ["", ""]


def test_twenty_thousand_earlier_photos_are_compared_in_a_moment() -> None:
    mark = fingerprint(grey(generating.jpeg(generating.photo(5)), side=SIDE))
    known = [Earlier(mark, str(number), same_item=False, same_order=False) for number in range(20_000)]
    begun = time.process_time()

    verdict = checked(generating.photo(CABINET), checks={"duplicate": {}}, earlier=known)

    assert verdict.messages == ()
    assert time.process_time() - begun < 2


def test_a_group_sets_severity_threshold_and_texts() -> None:
    texts = {"en": "Hold the phone still", "fr": "Tenez le téléphone immobile"}
    checks = {"blur": {"severity": "warning", "threshold": 100, "texts": texts}}

    verdict = checked(generating.photo(CABINET), checks=checks, language="fr-CA")

    (message,) = verdict.messages
    assert (message.severity, message.code, message.message) == ("warning", "BLUR", texts["fr"])
    assert set(verdict.measures) == {"blur"}


def test_every_text_travels_in_a_callback_as_it_is() -> None:
    for kind in KINDS.values():
        for text in kind.texts.values():
            told = [messages.Message(kind.severity, messages.check_code(kind.code), messages.check_template(text))]
            assert messages.parse(messages.write(told)) == tuple(told)
        assert set(kind.texts) == {"en", "fr"}


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ({"sharpness": {}}, "no check 'sharpness'"),
        ({"blur": {"severity": "fatal"}}, "'error' or 'warning'"),
        ({"blur": {"threshold": 101}}, "0 to 100"),
        ({"blur": {"threshold": True}}, "0 to 100"),
        ({"blur": {"threshold": float("nan")}}, "0 to 100"),
        ({"blur": {"limit": 3}}, "any of"),
        ({"blur": {"texts": {"en": "Blurred, again"}}}, "no comma"),
        ({"blur": {"texts": {"en": "a::b"}}}, "'::'"),
        ({"blur": {"texts": ["x"]}}, "by language"),
        (["blur"], "an object"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_name(checks: Any, said: str) -> None:
    with pytest.raises(SettingsRefused, match=said):
        read_checks(checks)


def test_a_check_can_be_switched_off() -> None:
    assert [check.name for check in read_checks({"blur": False, "dark": True, "bright": {}})] == ["dark", "bright"]


def test_a_pdf_and_a_damaged_picture_are_refused_with_a_sentence() -> None:
    with pytest.raises(EngineFailed, match="application/pdf"):
        checked(b"%PDF-1.7", content_type="application/pdf")
    with pytest.raises(EngineFailed, match="cannot be decoded"):
        checked(generating.jpeg(generating.photo(CABINET))[:3000])


def test_transparent_parts_are_judged_as_white() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    content = generating.png(clear)

    seen = grey(content, side=SIDE)

    assert seen.getextrema() == (255, 255)


def test_fingerprints_differ_by_the_bits_that_differ() -> None:
    assert distance("f" * 32, "f" * 31 + "0") == 4
