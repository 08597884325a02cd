"""One supervised process: started, watched, started again when it dies, stopped."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 30.0
LOG_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    """What to run. `speech` goes to its standard input."""

    name: str
    command: list[str]
    environment: dict[str, str]
    speech: str = ""


@dataclass
class Child:
    """A program and the process that runs it now, in a process group of its own.

    `lifeline` is told of each group by the new process itself, before it becomes the program: there is no moment
    at which a process lives that the lifeline does not know.
    """

    program: Program
    log: Path
    lifeline: int
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    again_at: float = field(default=0.0)

    def start(self) -> None:
        self.started_at = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command,
                env=self.program.environment,
                stdin=subprocess.PIPE if self.program.speech else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=self._tell_lifeline,  # noqa: PLW1509  the supervisor has one thread
            )
        self._speak(self.process.stdin)

    def _tell_lifeline(self) -> None:
        os.write(self.lifeline, b"+%d\n" % os.getpid())

    def _speak(self, stdin: IO[bytes] | None) -> None:
        if stdin:
            with contextlib.suppress(BrokenPipeError), stdin:
                stdin.write(self.program.speech.encode())

    def look_after(self) -> str:
        """Start the process again if it died, after a pause that doubles; return what there is to say."""
        if self.process is None:
            if time.monotonic() >= self.again_at:
                self.start()
            return ""
        code = self.process.poll()
        if code is None:
            self._keep_log_small()
            return ""
        self._bury(self.process)
        steady = time.monotonic() - self.started_at > STEADY_SECONDS
        self.pause = FIRST_PAUSE if steady else min(self.pause * 2, LONGEST_PAUSE)
        self.again_at = time.monotonic() + self.pause
        return f"{self.program.name} ended ({_how(code)}); it starts again in {self.pause:.0f} s. Log: {self.log}"

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def end(self) -> None:
        """Kill whatever is left of the process and of those it started."""
        if self.process:
            self._bury(self.process)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.write(self.lifeline, b"-%d\n" % process.pid)
        self.process = None

    def _keep_log_small(self) -> None:
        """Move a big log aside; the process appends to the same file, now empty."""
        if self.log.stat().st_size > LOG_BYTES:
            self.log.with_suffix(".log.1").write_bytes(self.log.read_bytes())
            os.truncate(self.log, 0)

    def last_words(self, lines: int = 8) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace")[-8000:].splitlines()[-lines:])
        return ""


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
