"""The whole line, from a technician's session in the CMS to a double of a system of record."""

from dataclasses import dataclass
from datetime import timedelta

from integrations.connections.models import Connection
from integrations.sync.models import RecordLane, RecordWrite
from tests.platforms.worklink.house import House
from tests.sync.conftest import Time


@dataclass
class Line:
    """`number` is the work order that the sessions name."""

    house: House
    time: Time
    number: str

    @property
    def connection(self) -> Connection:
        return Connection.objects.get(pk=self.house.erp.pk)

    def run_session(self, *, photo: bool = False, answer: bool = False) -> str:
        """A technician's session from its start to its end; nothing is written yet."""
        cms = self.house.cms
        session = cms.start_session({"work_order_id": self.number})
        cms.view_steps(session, count=5)
        if answer:
            cms.answer(session)
        if photo:
            cms.take_photo(session)
        cms.finish_session(session)
        return session

    def work(self) -> None:
        self.house.work()

    def work_until_done(self, *, hours: float = 1.0) -> None:
        """Work, and let time pass to whatever is due next, for so many hours at most."""
        ends = self.time.now() + timedelta(hours=hours)
        while self.time.now() <= ends:
            self.work()
            lane = RecordLane.objects.filter(state__in=("DUE", "RUNNING")).order_by("due_at").first()
            if lane is None:
                return
            self.time.pass_by(max((lane.due_at - self.time.now()).total_seconds(), 0) + 0.01)

    def write(self, name: str) -> RecordWrite:
        """The latest write of a mapping."""
        return RecordWrite.objects.filter(operation__name=name).latest("pk")

    def verdicts(self) -> dict[str, str]:
        """What became of the writes that were wanted, by mapping: the verdict, or the state where there is none."""
        wanted = RecordWrite.objects.exclude(state="SKIPPED", note__contains="condition is not met")
        rows = wanted.select_related("operation").order_by("pk")
        return {row.operation.name: row.verdict or row.state for row in rows if row.operation is not None}

    def note(self, name: str) -> str:
        return self.write(name).note
