"""What an engine is given and what it answers: values only, so that an engine knows none of our tables.

An analysis is two levels (vendor sheet, 1): the conformity of the photo, then its tasks. Each level is an engine; the
first is registered as CONFORMITY, the others under the values of `models.Engine`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from integrations.connections.models import Connection
from integrations.core.errors import PermanentError
from integrations.core.work import Claim

CONFORMITY = "CONFORMITY"
ERROR, WARNING = "error", "warning"
Value = bool | str | int | float | None


class EngineFailed(PermanentError):
    """The engine cannot judge this photo, and trying again will not help. The sentence says what to change.

    What may pass is raised as `TransientError`: the analysis is tried again.
    """


@dataclass(frozen=True)
class Message:
    """One conformity message about the photo. `severity`: "error", it must be retaken; "warning", one may go on."""

    severity: str
    code: str
    message: str


@dataclass(frozen=True)
class TaskFacts:
    """One checkpoint: `outcome_type` is Boolean, Text or Number; `rules` its outcome_validation (vendor sheet, 4.5)."""

    uuid: str
    name: str
    outcome_type: str
    sentences: Mapping[str, str] = field(default_factory=dict)
    rules: Sequence[Mapping[str, Any]] = ()
    mandatory: bool = True
    only_for_dashboard: bool = False
    conformity_status: bool = True


@dataclass(frozen=True)
class GroupFacts:
    """A type of photo: the checks to run, the engine's settings, and the tasks to decide.

    `examples` read the bytes of the example pictures when they are called.
    """

    uuid: str
    name: str
    checks: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    tasks: Sequence[TaskFacts] = ()
    examples: Sequence[Callable[[], bytes]] = ()


@dataclass(frozen=True)
class OrderFacts:
    """The order that a photo belongs to. `external_id` is the order's at the engine's vendor, as kept by `keep_id`.

    Call `keep_id(external_id)` as soon as the vendor gave one: it is committed at once, and a retry finds it.
    """

    uuid: str
    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    type_names: Sequence[str] = ()
    external_id: str = ""
    keep_id: Callable[[str], None] = field(default=lambda _id: None, repr=False, compare=False)


@dataclass(frozen=True)
class Earlier:
    """Another photo of the site, as the duplicate check knows it: the `fingerprint` that its verdict gave."""

    fingerprint: str
    input_uuid: str
    same_item: bool
    same_order: bool


@dataclass(frozen=True)
class Picture:
    """One submitted photo or PDF, upright and cleaned. `metadata` is what the camera said (`core.images`).

    `link` is a signed address of it, for engines that fetch; "" for a PDF. `earlier()` reads the photos to compare
    with, newest first, without the photo itself. `language`: of whoever took it, for the messages.
    """

    uuid: str
    content: bytes = field(repr=False)
    content_type: str
    sha256: str
    width: int
    height: int
    order: OrderFacts
    metadata: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    earlier: Callable[[], Sequence[Earlier]] = field(default=tuple, repr=False, compare=False)
    language: str = "en"


@dataclass(frozen=True)
class Outcome:
    """The value of a task, by its name; None: not decided. `regions`: where on the photo, as the engine says it.

    `corrected`: what a person put over it over there, as after a hand-over.
    """

    task: str
    value: Value
    regions: Sequence[Any] = ()
    corrected: Value = None


@dataclass(frozen=True)
class Verdict:
    """What an engine says. With an error among `messages` the tasks are not evaluated and `outcomes` do not count.

    `review`: a person decides; outcomes given with it are proposals and are not kept. `measures`: what was measured,
    for the admin, beside the thresholds. `fingerprint`: up to 32 hex digits, for `Earlier`. `external_id`: of the
    analysis.
    """

    outcomes: Sequence[Outcome] = ()
    messages: Sequence[Message] = ()
    review: bool = False
    measures: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    external_id: str = ""
    note: str = ""


Report = Callable[[str], None]


class Engine(Protocol):
    """One way to judge a photo."""

    def analyse(self, photo: Picture, group: GroupFacts, *, report: Report) -> Verdict:
        """Judge a photo; `report("reading the barcode")` tells whoever waits what goes on.

        :raises EngineFailed: :raises TransientError:
        """


@dataclass(frozen=True)
class Journey:
    """A user's way to the vendor's own camera and back, for one photo of an order.

    `callback` and `state`: the vendor sends the browser there, with that. `marks`: what `prepare` noted. `said`: the
    parameters that came back with the browser: hints, which anyone may have edited. `known`: external ids of photos
    that were brought already. `patient`: the user came back a moment ago, so that what they saw may not be there yet.
    """

    order: OrderFacts
    group: GroupFacts
    callback: str = ""
    state: str = ""
    marks: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    known: Collection[str] = ()
    patient: bool = False


@dataclass(frozen=True)
class Returned:
    """A photo that was taken over there, and what was said of it."""

    external_id: str
    content: bytes = field(repr=False)
    verdict: Verdict


@runtime_checkable
class HandsOver(Protocol):
    """An engine whose vendor has a camera of its own, that users go on to."""

    def prepare(self, journey: Journey, *, report: Report) -> Mapping[str, Any]:
        """Get ready over there and return the marks to come back with, as JSON. :raises FieldportError:"""

    def hand_over(self, journey: Journey) -> str:
        """Return where the browser goes, without asking anybody. It may hold a secret, and is kept nowhere."""

    def come_back(self, journey: Journey, *, report: Report) -> Sequence[Returned]:
        """Read what was taken since `prepare`, oldest first; none: the user took no photo. :raises FieldportError:"""


@dataclass(frozen=True)
class Opening:
    """What an engine may need to be made: its connection, and the claim under which its requests are sent."""

    connection: Connection | None
    claim: Claim | None


Factory = Callable[[Opening], Engine]
Check = Callable[[GroupFacts], None]
_factories: dict[str, Factory] = {}
_checks: dict[str, Check] = {}


def register(kind: str, factory: Factory, *, check: Check | None = None) -> None:
    """Offer an engine under a value of `models.Engine`, or as CONFORMITY; from `AppConfig.ready()`.

    `check(group)` raises SettingsRefused for settings that it cannot use: then the group is not activated.
    """
    _factories[kind] = factory
    if check:
        _checks[kind] = check


def engine_for(kind: str, opening: Opening) -> Engine | None:
    """Return the engine of a kind; None if none is installed: then a person decides."""
    factory = _factories.get(kind)
    return factory(opening) if factory else None


def check_settings(kind: str, group: GroupFacts) -> None:
    """:raises SettingsRefused: if the engine of this kind cannot use the settings of a task group"""
    if check := _checks.get(kind):
        check(group)
