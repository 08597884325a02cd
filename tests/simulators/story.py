"""The demonstration: technicians at work, without end, at a gentle pace."""

import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from threading import Event

from tests.simulators.clock import iso
from tests.simulators.field_app import FieldApp
from tests.simulators.omni.control import OmniControl
from tests.simulators.record.control import RecordControl
from tests.simulators.worklink.control import WorkLinkControl

FIRST_ORDER, ORDERS = 981, 24
CLOSED_ORDER = FIRST_ORDER + ORDERS - 1
LATE_ORDER = 2000  # sessions name it before the system of record knows it
SITES = ("Zürich", "Basel", "Winterthur")
ASSETS = ("PUMP-77", "GEN-9", "42")
# The watch at the gate has a work order of its own, the next one every twenty minutes.
FIRST_WATCH, GATE, WATCH_CHANGES_EVERY = 3000, "GATE-1", 150
# What cameras recognise, one every three scenes: type and camera, of which the first is at the gate.
SEEN_EVERY = 3
SEEN = (
    ("crossing", 1),
    ("identification", 1),
    ("roi", 2),
    ("identification", 1),
    ("har", 3),
    ("non_identification", 1),
)
PHOTO_EVERY, JUDGED_THERE = 8, "meter_back"
KEPT_SESSIONS, KEPT_EFFECTS = 300, 5000


def order_number(number: int) -> str:
    return f"WO-{number:06d}"


def plant_orders(record: RecordControl) -> None:
    """The work orders of the demonstration; those that are there already stay as they are."""
    opened_at = iso(record.state.clock.now() - timedelta(days=1))
    for index in range(ORDERS):
        number = order_number(FIRST_ORDER + index)
        if not record.state.orders.with_number(number):
            site, asset = SITES[index % 3], ASSETS[index % 3]
            record.add_order(number, site=site, asset=asset, priority=str(1 + index % 4), opened_at=opened_at)
    if not record.order(order_number(CLOSED_ORDER))["closed"]:
        record.close_order(order_number(CLOSED_ORDER))
    if not record.state.orders.with_number(order_number(FIRST_WATCH)):
        add_watch(record, FIRST_WATCH)


def add_watch(record: RecordControl, number: int) -> None:
    """A work order that the first camera's recognitions belong to while it is open."""
    record.add_order(order_number(number), site=SITES[0], asset=GATE, opened_at=iso(record.state.clock.now()))


class Story:
    """One scene every `pace` seconds. A seed makes the same days again."""

    def __init__(
        self,
        worklink: WorkLinkControl,
        record: RecordControl,
        *,
        pace: float,
        seed: int = 1,
        field_app: FieldApp | None = None,
        omni: OmniControl | None = None,
    ) -> None:
        self._worklink = worklink
        self._record = record
        self._field_app = field_app
        self._omni = omni
        self._pace = pace
        self._dice = random.Random(seed)
        self._stopped = Event()
        self._scene = 0
        self._late = LATE_ORDER

    def run(self) -> None:
        """Play until `stop` is called."""
        while not self._stopped.is_set():
            self._scene += 1
            self.watch(self._scene)
            self.scene(self._scene)()
            with self._worklink.state.lock:
                self._worklink.state.nodes.forget_sessions(keep=KEPT_SESSIONS)
            self._record.journal.forget(keep=KEPT_EFFECTS)

    def stop(self) -> None:
        self._stopped.set()

    def scene(self, number: int) -> Callable[[], None]:
        """Mostly a plain session; now and then what makes the portal earn its keep."""
        scenes = (
            (5, self.call),
            (6, self.two_technicians),
            (7, self.without_link_key),
            (9, self.left_early),
            (11, self.training),
            (13, self.with_trouble),
            (17, self.order_comes_late),
        )
        if self._field_app and number % PHOTO_EVERY == 1:
            return self.photo
        return next((scene for every, scene in scenes if number % every == 0), self.inspection)

    def watch(self, number: int) -> None:
        """Beside each scene: now and then a camera recognises something, and the watch at the gate changes."""
        if self._omni and number % SEEN_EVERY == 1:
            type, camera = SEEN[number // SEEN_EVERY % len(SEEN)]
            self._omni.happen(type, camera=camera, profiles=[self._dice.choice((1, 2, 3))])
        if number % WATCH_CHANGES_EVERY == 0:
            orders = self._record.state.orders
            last = next(each for each in itertools.count(FIRST_WATCH) if not orders.with_number(order_number(each + 1)))
            self._record.close_order(order_number(last))
            add_watch(self._record, last + 1)

    def inspection(self, external_data: dict[str, str] | None = None) -> None:
        data = self._job() if external_data is None else external_data
        session = self._start(data)
        for part in (lambda: self._worklink.view_steps(session, count=3), lambda: self._finish_up(session)):
            self._pause(0.3)
            part()
        self._pause(0.4)

    def two_technicians(self) -> None:
        session = self._start(self._job(), session_type="PERSISTENT")
        self._worklink.view_steps(session, count=2)
        self._worklink.exit_session(session)
        self._pause(0.5)
        self._worklink.resume_session(session, user="Bruno Keller")
        self._worklink.view_steps(session)
        self._finish_up(session)
        self._pause(0.5)

    def without_link_key(self) -> None:
        self.inspection({})

    def left_early(self) -> None:
        session = self._start(self._job())
        self._worklink.view_steps(session, count=2)
        self._pause(0.5)
        self._worklink.exit_session(session)
        self._pause(0.5)

    def training(self) -> None:
        session = self._start({}, session_type="DEMO")
        self._pause(0.5)
        self._worklink.finish_session(session)
        self._pause(0.5)

    def photo(self) -> None:
        """Deepomatic's models judge it, through Fieldport."""
        if self._field_app:
            self._field_app.photograph(self._job()["work_order_id"], group=JUDGED_THERE)
        self._pause(1.0)

    def call(self) -> None:
        call = self._worklink.start_call(self._job())
        self._worklink.connect_call(call)
        self._backdate(call, "startedAt", "connectedAt")
        self._pause(0.5)
        self._worklink.take_screenshot(call)
        self._worklink.end_call(call)
        self._pause(0.5)

    def with_trouble(self) -> None:
        """The system of record fails in one of the ways that such systems have."""
        kind = self._dice.choice(("status", "drop_after", "no_change", "slow"))
        self._record.clear_faults()
        self._record.fault(kind, method="PATCH", times=1, delay=2.0)
        self.inspection()

    def order_comes_late(self) -> None:
        """The session is there before the work order, which the system of record gets two scenes later."""
        number = order_number(self._late)
        self._late += 1
        self.inspection({"work_order_id": number})
        self._pause(2.0)
        if not self._record.state.orders.with_number(number):
            self._record.add_order(number, site=SITES[0], asset=ASSETS[0])

    def _start(self, external_data: dict[str, str], *, session_type: str = "PASSIVE") -> str:
        scenario = self._dice.choice(("Pump inspection", "Seal replacement", "Generator start-up", "Line changeover"))
        session = self._worklink.start_session(external_data, scenario=scenario, session_type=session_type)
        self._backdate(session, "startedAt")
        return session

    def _finish_up(self, session: str) -> None:
        self._worklink.answer(
            session, value_type="NUMBER", prompt="Vibration, mm/s", value=self._dice.randint(1, 60) / 10
        )
        self._worklink.view_steps(session, count=2)
        self._worklink.take_photo(session, name="nameplate")
        self._worklink.finish_session(session)

    def _job(self) -> dict[str, str]:
        number = FIRST_ORDER + self._dice.randrange(ORDERS)
        return {"work_order_id": order_number(number), "asset_id": ASSETS[number % 3]}

    def _backdate(self, node: str, *fields: str) -> None:
        """The work began some minutes ago and is told now, as from a device that was offline."""
        began = self._worklink.state.clock.now() - timedelta(minutes=self._dice.randint(6, 55))
        self._worklink.set_fields(node, dict.fromkeys(fields, iso(began)), notify=None)

    def _pause(self, share: float) -> None:
        self._stopped.wait(self._pace * share)
