"""What a test, a drill or a demonstration can do to the CMS; `/_sim/…` offers the same over HTTP."""

from collections import Counter
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from tests.simulators.engine.resolving import Doc
from tests.simulators.faults import Fault
from tests.simulators.worklink.calls import Calls
from tests.simulators.worklink.links import Links, Opened
from tests.simulators.worklink.playing import Player
from tests.simulators.worklink.sessions import Sessions
from tests.simulators.worklink.settings import WebhookSettings, WorkLinkSettings
from tests.simulators.worklink.state import WorkLinkState
from tests.simulators.worklink.webhooks import Notifier


class WorkLinkControl:
    def __init__(self, state: WorkLinkState) -> None:
        self.state = state
        self.notifier = Notifier(state)
        self._sessions = Sessions(state, self.notifier)
        self._calls = Calls(state, self.notifier)
        self._player = Player(self.notify)
        self._links = Links(state)

    def open_link(self, url: str, *, user: str | None = None) -> Opened:
        """Open a deep link as the app does; its handle goes to `start_session` or `start_call`."""
        return self._links.open(url, user=user)

    def start_session(
        self, external_data: dict[str, Any] | None = None, *, handle: str | None = None, **values: Any
    ) -> str:
        """The new session's global id; see `Sessions.start` for the values. `handle`: of the link that was opened."""
        if handle:
            opened = self._links.of(handle)
            values = {"scenario": next(iter(opened.scenarios), None), "user": opened.user, **values}
            external_data = opened.external_data
        return str(self._sessions.start(external_data=external_data, **values)["id"])

    def view_steps(self, session: str, *, count: int = 1) -> str:
        return str(self._sessions.step(self.session(session), count=count)["state"])

    def answer(self, session: str, **values: Any) -> str:
        return str(self._sessions.answer(self.session(session), **values)["id"])

    def take_photo(self, session: str, **values: Any) -> str:
        return str(self._sessions.photo(self.session(session), **values)["id"])

    def exit_session(self, session: str) -> str:
        return str(self._sessions.exit(self.session(session))["state"])

    def resume_session(self, session: str, *, user: str | None = None) -> str:
        return str(self._sessions.resume(self.session(session), user=user)["state"])

    def finish_session(self, session: str) -> str:
        return str(self._sessions.finish(self.session(session))["state"])

    def session(self, session: str) -> Doc:
        return self._find("ScenarioSession", session)

    def start_call(
        self, external_data: dict[str, Any] | None = None, *, handle: str | None = None, **values: Any
    ) -> str:
        if handle:
            opened = self._links.of(handle)
            values = {"caller": opened.user, "callee": next(iter(opened.contacts), None), **values}
            external_data = opened.external_data
        return str(self._calls.start(external_data=external_data, **values)["id"])

    def connect_call(self, call: str) -> str:
        return str(self._calls.connect(self.call(call))["state"])

    def take_screenshot(self, call: str, **values: Any) -> str:
        return str(self._calls.screenshot(self.call(call), **values)["id"])

    def record_call(self, call: str, **values: Any) -> str:
        return str(self._calls.record(self.call(call), **values)["id"])

    def end_call(self, call: str) -> str:
        return str(self._calls.end(self.call(call))["state"])

    def call(self, call: str) -> Doc:
        return self._find("CallSession", call)

    def create_sessions(
        self, count: int, *, first: int = 1, prefix: str = "WO-", steps: int = 3, finish: bool = False
    ) -> list[str]:
        """Sessions for the work orders prefix + number (six digits), notified at every step as usual."""
        made = []
        for number in range(first, first + count):
            session = self._sessions.start(external_data={"work_order_id": f"{prefix}{number:06d}"})
            self._sessions.step(session, count=steps)
            made.append(str(self._sessions.finish(session)["id"] if finish else session["id"]))
        return made

    def prepare_sessions(self, count: int, **values: Any) -> list[str]:
        """As `create_sessions`, finished by default, and without a word to anybody."""
        with self.state.lock, self.notifier.quiet():
            return self.create_sessions(count, **{"finish": True, **values})

    def play(self, nodes: list[str], *, rate: float, verb: str = "finished") -> None:
        """Notify these nodes one after the other, `rate` per second, in the background; `rest` stops it."""
        self._player.play(nodes, rate, verb)

    def rest(self) -> int:
        """Stop playing; how many nodes were left."""
        return self._player.rest()

    def set_fields(self, node: str, values: dict[str, Any], *, notify: str | None = "updated") -> Doc:
        """Set fields of any node directly, as a burst of a drill needs it, and notify."""
        with self.state.lock:
            doc = self.state.nodes.by_id[node]
            doc.update(values)
            if notify:
                self.notifier.changed(doc, notify)
            return doc

    def notify(self, node: str, verb: str = "updated") -> None:
        """Notify without any change."""
        with self.state.lock:
            self.notifier.changed(self.state.nodes.by_id[node], verb)

    def listen(self, *urls: str, **values: Any) -> None:
        """Generation A to these addresses; the values are those of WebhookSettings."""
        self.set_webhooks(urls=urls, **values)

    def set_webhooks(self, **values: Any) -> dict[str, Any]:
        self.state.webhooks = replace(self.state.webhooks, **_known(WebhookSettings, values))
        return asdict(self.state.webhooks)

    def set_settings(self, **values: Any) -> dict[str, Any]:
        with self.state.lock:
            self.state.settings = replace(self.state.settings, **_known(WorkLinkSettings, values))
            self.state.nodes.opaque_ids = self.state.settings.opaque_ids
            return asdict(self.state.settings)

    def fault(self, kind: str, **values: Any) -> Fault:
        """Add a fault, see `faults.Fault`; `operation` is the GraphQL operation's name."""
        return self.state.faults.add(Fault(kind, **values))  # type: ignore[arg-type]  # checked by Fault itself

    def clear_faults(self, *, seed: int | None = None) -> None:
        self.state.faults.clear(seed=seed)

    def set_clock(self, at: str, *, frozen: bool = True) -> None:
        self.state.clock.set(datetime.fromisoformat(at), frozen=frozen)

    def advance_clock(self, seconds: float) -> None:
        self.state.clock.advance(seconds)

    def revoke_sessions(self) -> None:
        """Session tokens are refused from now on (A24)."""
        self.state.tokens.revoke_sessions()

    def wait_for_webhooks(self, timeout: float = 30.0) -> bool:
        """Until every notification has an outcome; only in this process."""
        return self.state.outgoing.wait(timeout)

    def webhooks(self, *, last: int = 200) -> list[dict[str, Any]]:
        records = list(self.state.outgoing.records)[-int(last) :]
        return [{**asdict(each), "body": each.body.decode()} for each in records]

    def webhook_counts(self) -> dict[str, int]:
        """By outcome: the status, or "waiting", "dropped", "failed"."""
        outcomes = (
            str(each.status) if each.status else each.fate if each.fate in ("waiting", "dropped") else "failed"
            for each in list(self.state.outgoing.records)
        )
        return dict(Counter(outcomes))

    def fetches(self, operation: str) -> int:
        """How many requests named this GraphQL operation."""
        return self.state.log.operations[operation]

    def reset(self) -> None:
        """Back to the seed data, without sessions, faults, listeners and subscriptions."""
        state = self.state
        self.rest()
        state.outgoing.wait(5)
        with state.lock:
            state.settings, state.webhooks = WorkLinkSettings(), WebhookSettings()
            state.nodes.opaque_ids = False
            state.nodes.clear()
            state.plant()
            state.faults.clear(seed=0)
            state.log.clear()
            state.clock.release()
            state.outgoing.records.clear()
            self.notifier.dice.seed(0)

    def _find(self, typename: str, reference: str) -> Doc:
        doc = self.state.nodes.find(typename, reference)
        if doc is None:
            raise LookupError(f"no {typename} {reference!r}")
        return doc


def _known(kind: type[WorkLinkSettings] | type[WebhookSettings], values: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists where the settings have tuples."""
    names = {field.name for field in fields(kind)}
    if unknown := set(values) - names:
        raise ValueError(f"unknown settings {', '.join(sorted(unknown))}; known: {', '.join(sorted(names))}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
