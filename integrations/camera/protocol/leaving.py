"""What a field app is told when its user leaves: the decision table of 2.6, with 2.7, 2.8, 5.12, 5.13, 5.22 to 5.26."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from integrations.camera.protocol.messages import Message
from integrations.camera.protocol.pages import Scenario
from integrations.camera.protocol.verdicts import ItemFacts, Status, score, status


class Flow(StrEnum):
    """When the user is sent back (2.7)."""

    AFTER = "after_analysis"
    BEFORE = "before_analysis"


class Reason(StrEnum):
    """How the user left. `BACK`: "Go back" on the screen of conformity messages. `LATER`: before there is a result."""

    DONE = "done"
    BACK = "back"
    CANCEL = "cancel"
    CAMERA_CANCELLED = "camera_cancelled"
    LATER = "later"


class PhotoState(StrEnum):
    """How far a photo's analysis is. `REFUSED`: by data conformity. `REVIEW`: it waits for a person."""

    ANALYSING = "analysing"
    REVIEW = "review"
    REFUSED = "refused"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class PhotoFacts:
    """A photo that the server has, with the messages of its conformity checks.

    `went_on`: the user chose to continue in spite of warnings.
    """

    input_id: UUID
    state: PhotoState
    messages: tuple[Message, ...] = ()
    went_on: bool = False


@dataclass(frozen=True)
class VisitFacts:
    """A visit at its end.

    `photo`: what the user saw last: the item's newest, or the input of the analysis view. `taken`: in this visit.
    `uploading`: a photo was taken that the server does not have yet (5.26). `last_input`: the item's newest.
    `item`: with corrections applied, and the outcomes of its last completed analysis.
    """

    scenario: Scenario
    flow: Flow = Flow.AFTER
    reason: Reason = Reason.DONE
    photo: PhotoFacts | None = None
    item: ItemFacts | None = None
    taken: bool = False
    uploading: bool = False
    corrected: bool = False
    last_input: UUID | None = None


@dataclass(frozen=True)
class Left:
    """What is told of the item; None is: the parameter is left out. A score of 0 is a score (2.4)."""

    status: Status | None = None
    score: int | None = None
    input_id: UUID | None = None
    messages: tuple[Message, ...] = ()


def left(visit: VisitFacts, *, input_id_on_cancel: bool = False) -> Left:
    """Decide by the table. `input_id_on_cancel`: name the item's older photo with `canceled_picture` too (2.8)."""
    if visit.scenario is Scenario.ORDER:
        return Left()
    if visit.taken and visit.photo is not None:
        return _after_a_photo(visit, visit.photo)
    if visit.scenario is Scenario.ANALYSIS:
        return _after_a_look(visit)
    if visit.taken or visit.uploading or visit.reason is Reason.LATER:
        return Left()
    return Left(Status.CANCELED, input_id=visit.last_input if input_id_on_cancel else None)


def refused() -> Left:
    """Return what is told when nothing could begin; the reason goes beside it as `error` (2.9)."""
    return Left(Status.CANCELED)


def _after_a_photo(visit: VisitFacts, photo: PhotoFacts) -> Left:
    if visit.flow is Flow.BEFORE or visit.uploading:
        return Left(input_id=photo.input_id)
    if _stopped_by_conformity(visit.reason, photo):
        return Left(Status.CONFORMITY, _current_score(visit.item), photo.input_id, photo.messages)
    if photo.state is PhotoState.DONE and _analysed(visit.item) is not None:
        return _verdict(visit.item, photo.input_id)
    return Left(input_id=photo.input_id)


def _stopped_by_conformity(reason: Reason, photo: PhotoFacts) -> bool:
    """An error always stops. Warnings stop who goes back, or cancels the retake that they made him begin (5.13)."""
    if photo.state is PhotoState.REFUSED:
        return True
    return bool(photo.messages) and not photo.went_on and reason in (Reason.BACK, Reason.CAMERA_CANCELLED)


def _after_a_look(visit: VisitFacts) -> Left:
    """The analysis view: `input_id` once its analysis was carried out, a status only after a correction (2.4)."""
    carried_out = visit.photo is not None and visit.photo.state in (PhotoState.DONE, PhotoState.REFUSED)
    input_id = visit.photo.input_id if visit.photo is not None and carried_out else None
    return _verdict(visit.item, input_id) if visit.corrected else Left(input_id=input_id)


def _verdict(item: ItemFacts | None, input_id: UUID | None) -> Left:
    analysed = _analysed(item)
    return Left(input_id=input_id) if analysed is None else Left(status(analysed), score(analysed), input_id)


def _current_score(item: ItemFacts | None) -> int | None:
    analysed = _analysed(item)
    return None if analysed is None else score(analysed)


def _analysed(item: ItemFacts | None) -> ItemFacts | None:
    return item if item is not None and item.outcomes is not None else None
