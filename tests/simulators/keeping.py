"""The simulators' data in one JSON file, so that a demonstration goes on where it stopped."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any, Protocol

SAVE_SECONDS = 10.0


class Keepable(Protocol):
    def dump(self) -> dict[str, Any]: ...

    def load(self, kept: dict[str, Any]) -> None: ...


class Keeper:
    """Loads at the start, saves every few seconds where something changed, and at the end."""

    def __init__(self, path: Path, states: Mapping[str, Keepable]) -> None:
        self._path = path
        self._states = states
        self._saved = ""
        self._stop = Event()
        self._thread = Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> bool:
        """True if there was something to go on from. A file that cannot be read is put aside, not deleted."""
        found = self._load()
        self._thread.start()
        return found

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self.save()

    def save(self) -> None:
        text = json.dumps({name: state.dump() for name, state in self._states.items()})
        if text == self._saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(text)
        os.replace(draft, self._path)
        self._saved = text

    def _load(self) -> bool:
        if not self._path.exists():
            return False
        try:
            kept = json.loads(self._path.read_text())
            for name, state in self._states.items():
                state.load(kept[name])
        except (ValueError, LookupError, TypeError):
            self._path.replace(self._path.with_suffix(".unreadable"))
            raise
        return True

    def _run(self) -> None:
        while not self._stop.wait(SAVE_SECONDS):
            self.save()
