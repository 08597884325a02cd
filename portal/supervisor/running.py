"""The supervisor: starts everything in order, looks after it, stops it."""

import json
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from portal.settings.running import RunOptions
from portal.supervisor import datadir, encrypted, lifeline, ports, programs, saying
from portal.supervisor.broker import Broker
from portal.supervisor.children import Child, Program
from portal.supervisor.errors import StartRefused
from portal.supervisor.programs import Simulators
from portal.supervisor.readiness import ask

LOOK_SECONDS = 0.2
STOP_SECONDS = 10.0
PATIENCE_SECONDS = 45.0
MOVE_SECONDS = 15.0


class Supervisor:
    """Runs until it is told to stop. Keeps no state but its children."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._children: list[Child] = []
        self._stops = 0
        self._lifeline = -1
        self._fresh = False
        self._looked_at = 0.0

    def run(self) -> int:
        """Run until a signal. :raises StartRefused: if it cannot be done here"""
        options = self._options
        ports.check_port(options.host, options.port)
        if options.https:
            encrypted.check_network(options)
            ports.check_port(options.host, options.https_port, variable="HTTPS_PORT")
        os.umask(0o077)  # keys, passwords and customers' data: for the owner only
        datadir.lay_out(options.data_dir)
        with datadir.lock(options.data_dir) as lock:
            datadir.ensure_keys(options.data_dir, given=options.keys_given)
            self._fresh = options.https and encrypted.have_certificates(options)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._note_stop)
            watcher = self._start_lifeline(lock.fileno())
            try:
                self._start()
            finally:
                self._stop()
                datadir.forget_broker(options.data_dir)
                os.close(self._lifeline)
                watcher.wait()
        return 0

    def _note_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stops += 1

    def _start_lifeline(self, lock: int) -> "subprocess.Popen[bytes]":
        """It also holds the lock, so that nobody starts on this data while our children are still ending."""
        reading, self._lifeline = os.pipe()
        command = [sys.executable, "-I", "-S", lifeline.__file__]
        watcher = subprocess.Popen(command, stdin=reading, pass_fds=[lock], process_group=0)
        os.close(reading)
        return watcher

    def _start(self) -> None:
        options, began = self._options, time.monotonic()
        broker = None if options.redis_url else Broker(options.data_dir)
        simulators = Simulators(*(ports.free_port() for _ in range(4))) if options.demo else None
        redis_url = broker.url if broker else options.redis_url
        env = programs.environment(options, redis_url=redis_url, simulators=simulators)
        if broker:
            datadir.note_broker(options.data_dir, broker.url)
            self._add(Program("broker", broker.command(), env, speech=broker.config()))
        saying.say(f"Starting Fieldport on {options.data_dir} …")
        found = self._prepare(programs.preparation(options, env, simulators))
        if found["password"]:
            saying.say(saying.account(found))
        if broker and not self._stops:
            broker.wait()
        for program in programs.programs(options, env):
            self._add(program)
        if simulators:
            told = {"webhook_url": found["webhook_url"], "camera_key": found["camera_key"]}
            self._add(programs.simulator_program(options, env, simulators, **told))
        self._greet(saying.welcome(options, found) + self._invitation(), began=began)
        while not self._stops:
            self._look_after()
        saying.say("\nStopping …")

    def _add(self, program: Program) -> None:
        if self._stops:
            return
        child = Child(program, self._options.data_dir / "logs" / f"{program.name}.log", self._lifeline)
        self._children.append(child)
        child.start()

    def _prepare(self, program: Program) -> dict[str, str]:
        """Run the preparation to its end and return what it found. :raises StartRefused: with its reason"""
        answer = self._options.data_dir / "run" / "prepared.json"
        answer.unlink(missing_ok=True)
        child = Child(program, self._options.data_dir / "logs" / "prepare.log", self._lifeline)
        self._children.append(child)
        child.start()
        while not (child.has_ended() or self._stops):
            time.sleep(0.02)
        self._children.remove(child)
        child.end()
        if self._stops:
            raise StartRefused("it was told to stop.")
        if not answer.exists():
            raise StartRefused(child.last_words())
        found: dict[str, str] = json.loads(answer.read_text())
        answer.unlink()
        return found

    def _greet(self, welcome: str, *, began: float) -> None:
        """Say where to look as soon as all is ready; when that takes long, at once, with what is lacking."""
        while not self._stops:
            state = ask(programs.web_url(self._options), authority=encrypted.authority(self._options))
            took = time.monotonic() - began
            if state.ready or (welcome and took > PATIENCE_SECONDS):
                saying.say(saying.ready(state, seconds=took) + welcome)
                welcome = ""
            if state.ready:
                return
            self._look_after()

    def _look_after(self) -> None:
        """Start again what died, for about a second."""
        if self._options.https and time.monotonic() - self._looked_at > MOVE_SECONDS:
            self._looked_at = time.monotonic()
            self._follow_the_network()
        for _ in range(5):
            for child in self._children:
                if remark := child.look_after():
                    saying.say(f"{remark}\n{child.last_words()}")
            if self._stops:
                return
            time.sleep(LOOK_SECONDS)

    def _invitation(self) -> str:
        return encrypted.invitation(self._options, fresh=self._fresh) if self._options.https else ""

    def _follow_the_network(self) -> None:
        """Serve the address that this machine has now: with a certificate for it, in links and as an allowed host."""
        if not encrypted.has_moved(self._options):
            return
        self._fresh = encrypted.have_certificates(self._options)
        old = {child.program.name: child for child in self._children}
        redis_url = old["web"].program.environment["REDIS_URL"]
        allowed = {"OUTBOUND_ALLOW": old["web"].program.environment["OUTBOUND_ALLOW"]}
        env = programs.environment(self._options, redis_url=redis_url, simulators=None) | allowed
        for program in programs.programs(self._options, env):
            old[program.name].program = program
            old[program.name].ask_to_stop()
        saying.say(f"\nThis machine has another address in its network now.\n{self._invitation()}")

    def _stop(self) -> None:
        """Stop the broker last. At a second signal, or after ten seconds, kill the rest: no work is lost by that."""
        asked, deadline = self._stops, time.monotonic() + STOP_SECONDS
        rest = [child for child in self._children if child.program.name != "broker"]
        for child in rest:
            child.ask_to_stop()
        while not all(child.has_ended() for child in rest):
            if time.monotonic() > deadline or self._stops > asked:
                break
            time.sleep(0.05)
        for child in reversed(self._children):
            child.end()
