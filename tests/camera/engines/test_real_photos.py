"""The default thresholds on photos by real cameras; the whole list is measured by `measured.py`."""

import csv

import pytest

from integrations.camera.engines.checks import DEFAULT_CHECKS
from integrations.camera.engines.conformity import Conformity
from tests.camera.engines import real
from tests.camera.engines.making import Reported, group, picture

KEPT = real.kept()
LEAST_SIDE = 720
LICENCES = {"Apache-2.0", "MIT", "CC0-1.0", "CC-BY-2.0", "public domain"}


def names(photo: real.Photo) -> str:
    return photo.file.name


def codes(photo: real.Photo) -> set[str]:
    given = picture(photo.content, content_type=photo.content_type, size=photo.size)
    verdict = Conformity().analyse(given, group(checks=DEFAULT_CHECKS), report=Reported())
    return {message.code for message in verdict.messages}


@pytest.mark.parametrize("photo", [each for each in KEPT if "good" in each.labels], ids=names)
def test_a_real_photo_that_is_good_gets_no_message_but_its_size(photo: real.Photo) -> None:
    assert codes(photo) == ({"LOW_RESOLUTION"} if min(photo.size) < LEAST_SIDE else set())


@pytest.mark.parametrize("photo", [each for each in KEPT if "blurred" in each.labels], ids=names)
def test_a_real_photo_that_is_shaken_or_out_of_focus_must_be_retaken(photo: real.Photo) -> None:
    assert codes(photo) == {"BLUR", "LOW_RESOLUTION"}


def test_every_kept_photo_is_small_and_listed_under_a_free_licence_that_the_licences_name() -> None:
    with (real.HERE / "photos.csv").open(newline="") as lines:
        rows = {row["kept"]: row for row in csv.DictReader(lines) if row["kept"]}
    said = (real.HERE / "LICENCES.md").read_text()
    files = [each for each in real.HERE.iterdir() if each.suffix in real.FORMATS]

    assert {each.name for each in files} == set(rows)
    assert {row["licence"] for row in rows.values()} <= LICENCES
    assert all(row["author"] in said and row["licence"] in said for row in rows.values())
    assert max(each.stat().st_size for each in files) <= 200_000
    assert sum(each.stat().st_size for each in files) <= 3_000_000
