from typing import Any

import pytest
import zxingcpp
from PIL import Image

from integrations.camera.engines.codes import TEXTS, Codes
from integrations.camera.engines.contract import EngineFailed, Outcome, TaskFacts, Verdict
from integrations.camera.protocol.messages import check_template
from tests.camera.engines import generating
from tests.camera.engines.generating import labelled
from tests.camera.engines.making import Reported, group, picture, task

QR, MATRIX, LINEAR = zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128
SERIAL = "ALCL-12345678"


def read(shown: Image.Image, *tasks: TaskFacts, language: str = "en", **settings: Any) -> Verdict:
    given = group(*(tasks or [task("serial")]), settings=settings)
    return Codes().analyse(picture(shown, language=language), given, report=Reported())


def values(verdict: Verdict) -> dict[str, Any]:
    return {outcome.task: outcome.value for outcome in verdict.outcomes}


@pytest.mark.parametrize("kind", [QR, MATRIX, LINEAR])
def test_a_code_becomes_the_text_of_a_task_and_its_place_is_told(kind: Any) -> None:
    verdict = read(labelled((kind, SERIAL, 400)))

    (outcome,) = verdict.outcomes
    assert outcome.value == SERIAL
    assert verdict.messages == ()
    (region,) = outcome.regions
    left, top = region["corners"][0]
    assert 0.07 < left < 0.12
    assert 0.19 < top < 0.25


@pytest.mark.parametrize("degrees", [7, 90, 180, 200])
def test_a_turned_code_is_read(degrees: int) -> None:
    shown = labelled((QR, SERIAL, 400)).rotate(degrees, expand=True)

    assert values(read(shown)) == {"serial": SERIAL}


def test_a_narrow_code_is_looked_for_in_the_whole_picture() -> None:
    shown = labelled((MATRIX, SERIAL, 80), size=(4000, 3000))

    assert values(read(shown)) == {"serial": SERIAL}


def test_each_task_takes_the_biggest_code_that_fits_it() -> None:
    shown = labelled((QR, "https://example.com/help", 500), (LINEAR, SERIAL, 500), (MATRIX, "42", 200))
    tasks = (task("serial"), task("count", "Number"), task("has_qr", "Boolean"), task("has_aztec", "Boolean"))
    wanted = {
        "serial": {"pattern": "^ALCL"},
        "count": {"formats": ["Data Matrix"]},
        "has_qr": {"formats": ["qrcode"]},
        "has_aztec": {"formats": ["Aztec"]},
    }

    verdict = read(shown, *tasks, tasks=wanted, not_found="nothing")

    assert values(verdict) == {"serial": SERIAL, "count": 42, "has_qr": True, "has_aztec": False}
    assert verdict.messages == ()
    assert verdict.measures["codes"]["value"] == 3


def test_a_text_that_is_no_number_does_not_fit_a_number() -> None:
    verdict = read(labelled((QR, SERIAL, 400)), task("count", "Number"))

    assert verdict.outcomes == (Outcome("count", None),)
    assert [message.code for message in verdict.messages] == ["CODE_NOT_FOUND"]


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_where_no_code_is_the_worker_is_told_and_the_task_stays_open(language: str, text: str) -> None:
    verdict = read(generating.photo(3), language=language, not_found="error")

    assert values(verdict) == {"serial": None}
    assert [(each.severity, each.code, each.message) for each in verdict.messages] == [
        ("error", "CODE_NOT_FOUND", text)
    ]
    assert check_template(text) == text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tasks": {"serial": {"formats": ["QR5"]}}}, "no code format 'QR5'"),
        ({"tasks": {"serial": {"formats": ["AllLinear"]}}}, "no code format"),
        ({"tasks": {"serial": {"formats": "QRCode"}}}, "are a list"),
        ({"tasks": {"serial": {"pattern": "(?=x)"}}}, "look-around"),
        ({"tasks": {"other": {}}}, "'other', which the group does not have"),
        ({"not_found": "shout"}, "'not_found' is one of"),
        ({"task": {}}, "no setting 'task'"),
    ],
)
def test_settings_that_cannot_be_used_end_the_analysis_with_a_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(EngineFailed, match=said):
        read(Image.new("RGB", (64, 64)), **wrong)


def test_the_reader_says_what_it_does() -> None:
    said = Reported()

    Codes().analyse(picture(labelled((QR, SERIAL, 400))), group(task("serial")), report=said)

    assert said == ["reading the code"]
