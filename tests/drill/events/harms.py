"""What is done while events flow: the programs of the installation die in turn, and so do those who listen."""

from dataclasses import dataclass
from pathlib import Path

from tests.drill.events.receivers import LOST, TAKEN, trap_of
from tests.drill.harms import OUTLASTS, Deck, Harm

MORTAL, CLIENTS = "receiver-mortal", "clients"


@dataclass(kw_only=True)
class EventHarms(Deck):
    """`receiver`: the notes of the receivers that lie in ambush."""

    receiver: Path

    def _kinds(self) -> list[Harm]:
        return [
            self.kill_web,
            self.stall_web,
            self.kill_worker,
            self.kill_pool_process,
            self.stall_worker,
            self.kill_scheduler,
            self.kill_broker,
            self.empty_broker,
            self.kill_all_at_once,
            self.kill_database,
            self.restart_database,
            self.crash_database,
            *(self._ambush(moment) for moment in (TAKEN, LOST)),
            self.kill_receiver,
            self.kill_clients,
        ]

    def kill_database(self) -> str:
        self.house.kill("postgresql")
        return "SIGKILL PostgreSQL"

    def stall_web(self) -> str:
        seconds = self.dice.uniform(*OUTLASTS)
        self.house.stop_for("web", seconds=seconds)
        return f"SIGSTOP web for {seconds:.1f} s"

    def _ambush(self, moment: str) -> Harm:
        def ambush() -> str:
            trap_of(self.receiver).write_text(moment)
            return f"ambush: the worker that sends next is killed when its request is {moment}"

        return ambush

    def kill_receiver(self) -> str:
        self.house.kill(MORTAL)
        return "SIGKILL a receiver of webhooks; it stays away for a while"

    def kill_clients(self) -> str:
        self.house.kill(CLIENTS)
        return "SIGKILL the websocket clients"
