"""Handing users over to the vendor's own camera (vendor sheet, 2): its page takes the photo, its API tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from integrations.camera.engines import settings
from integrations.camera.engines.checks import SettingsRefused
from integrations.camera.engines.contract import EngineFailed, GroupFacts, Journey, Opening, Report, Returned, Verdict
from integrations.core.errors import NotFound, TransientError
from integrations.platforms.deepomatic import orders
from integrations.platforms.deepomatic.engine import Deepomatic, Names, engine_of, read_names, verdict_of
from integrations.platforms.deepomatic.mapping import Order, Submitted
from integrations.platforms.deepomatic.options import CAMERA, LABEL

CREATE = "/field/connector/work_item/create"
SOON_SECONDS = 3.0
NO_TOKEN = f"The connection has no Camera Connector token, so nobody can be handed over to {LABEL}'s camera."


@dataclass(frozen=True)
class HandingDeepomatic(Deepomatic):
    """Judges photos that come otherwise, and sends users on: to a new item each time, since the API tells no items."""

    def prepare(self, journey: Journey, *, report: Report) -> Mapping[str, Any]:
        """Make the order there and note what it has, so that what is taken now can be told from it."""
        _token(self.connection.credentials)
        with orders.held(self.connection, journey.order) as row, self._typed():
            report(f"asking {LABEL}")
            empty = orders.made(row, journey.order, self.client)
            try:
                there = Order(row.external_id) if empty else self.client.retrieve(row.external_id)
            except NotFound as error:
                raise orders.forget(row) from error
        return {"order": there.id, "before": [each.id for each in there.inputs], "analysis": there.latest_analysis}

    def hand_over(self, journey: Journey) -> str:
        """Return the address of scenario 2, the token last (2.2, 2.3)."""
        query = {
            "work_order_id": str(journey.marks["order"]),
            "task_group_name": _names(journey.group).group,
            "callback_URI": journey.callback,
            "state": journey.state,
        }
        base = str(self.connection.setting("camera_url") or CAMERA).rstrip("/")
        token = quote(_token(self.connection.credentials), safe="")
        return f"{base}{CREATE}?{urlencode(query, quote_via=quote)}#token={token}"

    def come_back(self, journey: Journey, *, report: Report) -> Sequence[Returned]:
        """Read what is new in the order that was prepared; what the browser said decides on nothing (5.27)."""
        report(f"reading what {LABEL} found")
        names, marks = _names(journey.group), journey.marks
        with self._typed():
            there = self.client.retrieve(str(marks["order"]))
            known = {*marks["before"], *journey.known}
            taken = there.fresh(before=sorted(known), group=names.group)
            _check_all_there(there, taken, journey)
            return [self._returned(each, there, journey.group, names, last=each is taken[-1]) for each in taken]

    def _returned(self, taken: Submitted, there: Order, group: GroupFacts, names: Names, *, last: bool) -> Returned:
        """The order tells the tasks' values of the newest photo alone; of earlier ones, their messages."""
        tasks = there.tasks_of(names.group) if last else ()
        named = group if last else GroupFacts(group.uuid, group.name)
        verdict = verdict_of(taken.messages, tasks, named, names, corrections=True)
        said = Verdict(verdict.outcomes, verdict.messages, external_id=there.latest_analysis if last else "")
        return Returned(taken.id, self.http.request("GET", taken.url).content, said)


def _check_all_there(there: Order, taken: Sequence[Submitted], journey: Journey) -> None:
    """Wait a little for what the user must have seen over there. :raises TransientError:"""
    if not journey.patient:
        return
    named = journey.said.get("input_id")
    if named and named not in {*journey.known, *(each.id for each in taken)}:
        raise TransientError(f"{LABEL} does not show the photo yet.", retry_after=SOON_SECONDS)
    if taken and not taken[-1].messages and there.latest_analysis == journey.marks["analysis"]:
        raise TransientError(f"{LABEL} still looks at the photo.", retry_after=SOON_SECONDS)


def _names(group: GroupFacts) -> Names:
    try:
        return read_names(group)
    except SettingsRefused as error:
        raise settings.unusable(group, error) from error


def _token(credentials: Mapping[str, Any]) -> str:
    token = str(credentials.get("connector_token") or "")
    if not token:
        raise EngineFailed(NO_TOKEN)
    return token


def handing_engine_of(opening: Opening) -> HandingDeepomatic:
    """:raises EngineFailed: without a connection of this platform"""
    plain = engine_of(opening)
    return HandingDeepomatic(plain.connection, plain.http, plain.claim)
