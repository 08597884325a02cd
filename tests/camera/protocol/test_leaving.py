"""The decision table: what is told when a user leaves."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.models import AnalysisState
from integrations.camera.models import Flow as StoredFlow
from integrations.camera.protocol.leaving import (
    Flow,
    Left,
    PhotoFacts,
    PhotoState,
    Reason,
    VisitFacts,
    left,
    refused,
)
from integrations.camera.protocol.messages import Message, may_continue
from integrations.camera.protocol.pages import Scenario
from integrations.camera.protocol.verdicts import ItemFacts, Status
from tests.camera.protocol.tasks import FIRST, SECOND, item, task

BLUR = Message("warning", "BLUR", "The photo is blurry")
DARK = Message("error", "TOO_DARK", "Not enough light")
NEVER_ANALYSED = ItemFacts((task(),))
WITH_CAMERA = [Scenario.CREATE, Scenario.ADD, Scenario.RETAKE]
with_camera = pytest.mark.parametrize("scenario", WITH_CAMERA)


def done(*messages: Message, went_on: bool = False) -> PhotoFacts:
    return PhotoFacts(FIRST, PhotoState.DONE, messages, went_on)


def stopped(*messages: Message) -> PhotoFacts:
    return PhotoFacts(SECOND, PhotoState.REFUSED, messages or (DARK,))


def visit(photo: PhotoFacts | None, facts: ItemFacts | None = NEVER_ANALYSED, **others: object) -> VisitFacts:
    return VisitFacts(**{"scenario": Scenario.CREATE, "photo": photo, "item": facts, "taken": True, **others})  # type: ignore[arg-type]


def test_the_stored_names_are_the_protocols() -> None:
    assert [each.value for each in StoredFlow] == [each.value for each in Flow]
    assert {each.name for each in AnalysisState} - {"RUNNING"} == {each.name for each in PhotoState} - {"ANALYSING"}


@with_camera
@pytest.mark.parametrize("reason", [Reason.DONE, Reason.BACK, Reason.CANCEL, Reason.CAMERA_CANCELLED])
def test_a30_no_photo_is_canceled_without_input(scenario: Scenario, reason: Reason) -> None:
    older = done() if scenario is Scenario.RETAKE else None
    facts = visit(older, item(True), scenario=scenario, reason=reason, taken=False, last_input=FIRST)

    assert left(facts) == Left(Status.CANCELED)


def test_a30_the_older_photo_is_named_where_the_token_says_so() -> None:
    facts = visit(done(), item(True), scenario=Scenario.RETAKE, reason=Reason.CANCEL, taken=False, last_input=FIRST)

    assert left(facts, input_id_on_cancel=True) == Left(Status.CANCELED, input_id=FIRST)
    assert left(visit(None, taken=False), input_id_on_cancel=True) == Left(Status.CANCELED)


def test_a30_nothing_could_begin() -> None:
    assert refused() == Left(Status.CANCELED)


@with_camera
def test_a01_a_photo_that_passes(scenario: Scenario) -> None:
    assert left(visit(done(), item(True), scenario=scenario)) == Left(Status.OK, 100, FIRST)


def test_a31_a_mandatory_task_is_not_validated() -> None:
    assert left(visit(done(), item(True, False))) == Left(Status.KO, 50, FIRST)


def test_a32_only_an_optional_task_is_not_validated() -> None:
    assert left(visit(done(), item(True, optional=(False,)))) == Left(Status.OK, 50, FIRST)


@with_camera
def test_a33_a_failed_photo_and_go_back(scenario: Scenario) -> None:
    facts = visit(stopped(DARK, BLUR), scenario=scenario, reason=Reason.BACK)

    assert left(facts) == Left(Status.CONFORMITY, None, SECOND, (DARK, BLUR))


def test_a35_a_failed_photo_retaken_and_the_camera_cancelled() -> None:
    assert left(visit(stopped(), reason=Reason.CAMERA_CANCELLED)) == Left(Status.CONFORMITY, None, SECOND, (DARK,))


def test_a35_the_current_score_of_an_older_analysis_is_told() -> None:
    facts = visit(stopped(), item(True, False), reason=Reason.CAMERA_CANCELLED)

    assert left(facts) == Left(Status.CONFORMITY, 50, SECOND, (DARK,))


@pytest.mark.parametrize("reason", list(Reason))
def test_a38_a_failed_photo_is_never_passed_off_as_good(reason: Reason) -> None:
    assert left(visit(stopped(), item(True), reason=reason)).status is Status.CONFORMITY


def test_a38_only_warnings_let_the_user_continue() -> None:
    assert may_continue([])
    assert may_continue([BLUR, BLUR])
    assert not may_continue([BLUR, DARK])
    assert not may_continue([Message("fatal", "A", "x")])


def test_a36_a_failed_photo_and_then_one_that_passes() -> None:
    assert left(visit(done(), item(True))) == Left(Status.OK, 100, FIRST)


def test_a37_a_warning_and_the_user_continues() -> None:
    assert left(visit(done(BLUR, went_on=True), item(True))) == Left(Status.OK, 100, FIRST)
    assert left(visit(done(BLUR), item(True))) == Left(Status.OK, 100, FIRST)


@pytest.mark.parametrize("reason", [Reason.BACK, Reason.CAMERA_CANCELLED])
def test_a37_a_warning_and_the_user_goes_back(reason: Reason) -> None:
    assert left(visit(done(BLUR), item(True), reason=reason)) == Left(Status.CONFORMITY, 100, FIRST, (BLUR,))


def test_a37_a_warning_accepted_and_the_next_retake_cancelled() -> None:
    facts = visit(done(BLUR, went_on=True), item(False), reason=Reason.CAMERA_CANCELLED)

    assert left(facts) == Left(Status.KO, 0, FIRST)


def test_a39_a_retake_after_a_complete_analysis_is_cancelled() -> None:
    assert left(visit(done(), item(False), reason=Reason.CAMERA_CANCELLED)) == Left(Status.KO, 0, FIRST)


def test_a39_the_second_photo_decides() -> None:
    second = PhotoFacts(SECOND, PhotoState.DONE)

    assert left(visit(second, item(True))) == Left(Status.OK, 100, SECOND)


@pytest.mark.parametrize("photo", [done(), None, PhotoFacts(FIRST, PhotoState.ANALYSING)])
def test_a40_the_analysis_view_without_a_correction(photo: PhotoFacts | None) -> None:
    found = left(visit(photo, item(True), scenario=Scenario.ANALYSIS, taken=False))

    assert (found.status, found.score, found.messages) == (None, None, ())
    assert found.input_id == (FIRST if photo == done() else None)


def test_a41_the_analysis_view_with_a_correction_of_the_only_ko() -> None:
    before = visit(done(), item(False, True), scenario=Scenario.ANALYSIS, taken=False)
    after = visit(done(), item(False, True, corrected=True), scenario=Scenario.ANALYSIS, taken=False, corrected=True)

    assert left(before) == Left(input_id=FIRST)
    assert left(after) == Left(Status.OK, 100, FIRST)


def test_a41_a_correction_during_the_other_scenarios() -> None:
    assert left(visit(done(), item(False, corrected=True), corrected=True)) == Left(Status.OK, 100, FIRST)


def test_a_retake_from_the_analysis_view_is_told_as_a_retake() -> None:
    facts = visit(PhotoFacts(SECOND, PhotoState.DONE), item(False), scenario=Scenario.ANALYSIS)

    assert left(facts) == Left(Status.KO, 0, SECOND)


@with_camera
@pytest.mark.parametrize("photo", [done(), stopped(), PhotoFacts(FIRST, PhotoState.ANALYSING)])
def test_a42_before_the_analysis_only_the_photo_is_told(scenario: Scenario, photo: PhotoFacts) -> None:
    facts = visit(photo, item(True), scenario=scenario, flow=Flow.BEFORE)

    assert left(facts) == Left(input_id=photo.input_id)


def test_a43_a_before_analysis_token_opens_the_analysis_view_later() -> None:
    facts = visit(done(), item(True), scenario=Scenario.ANALYSIS, flow=Flow.BEFORE, taken=False)

    assert left(facts) == Left(input_id=FIRST)


def test_a44_score_0_is_told() -> None:
    assert left(visit(done(), item(False))).score == 0


@pytest.mark.parametrize("state", [PhotoState.ANALYSING, PhotoState.REVIEW, PhotoState.FAILED])
def test_an_analysis_without_an_end_has_no_status(state: PhotoState) -> None:
    for facts in (NEVER_ANALYSED, item(True)):
        assert left(visit(PhotoFacts(SECOND, state), facts, reason=Reason.LATER)) == Left(input_id=SECOND)


def test_a_photo_that_the_server_does_not_have_is_not_named() -> None:
    assert left(visit(None, taken=False, uploading=True)) == Left()
    assert left(visit(None, taken=False, reason=Reason.LATER)) == Left()
    assert left(visit(done(), item(True), uploading=True)) == Left(input_id=FIRST)


def test_a_whole_orders_page_tells_of_no_item() -> None:
    assert left(visit(done(), item(True), scenario=Scenario.ORDER)) == Left()


PHOTOS = st.none() | st.builds(
    PhotoFacts,
    st.sampled_from([FIRST, SECOND]),
    st.sampled_from(PhotoState),
    st.sampled_from([(), (BLUR,), (DARK,), (BLUR, DARK)]),
    st.booleans(),
)
ITEMS = st.sampled_from([None, NEVER_ANALYSED, item(True), item(False), item(False, corrected=True)])


@given(PHOTOS, ITEMS, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_every_leaving_obeys_the_table(
    photo: PhotoFacts | None, facts: ItemFacts | None, taken: bool, uploading: bool, corrected: bool, on_cancel: bool
) -> None:
    for scenario, flow, reason in product(Scenario, Flow, Reason):
        seen = VisitFacts(scenario, flow, reason, photo, facts, taken, uploading, corrected, SECOND)
        found = left(seen, input_id_on_cancel=on_cancel)

        assert bool(found.messages) <= (found.status is Status.CONFORMITY)
        assert (found.status in (Status.OK, Status.KO)) <= (found.score is not None)
        assert (found.score is None) or found.status in (Status.OK, Status.KO, Status.CONFORMITY)
        assert (found.status is Status.CANCELED) <= (found.input_id is None or on_cancel)
        assert not (flow is Flow.BEFORE and taken and photo and found.status)
