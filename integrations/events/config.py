"""What of events an admin configures: the policy of a workspace, endpoints with their webhooks, event filters."""

import uuid
from collections.abc import Collection, Iterator
from collections.abc import Sequence as Ordered
from typing import Any, cast

from integrations.connections.config import DEFAULT_WORKSPACE
from integrations.core import clock
from integrations.core.config import Section, register
from integrations.core.config.links import Links, linked
from integrations.core.config.parts import Column, Finder, Link, columns
from integrations.core.config.plain import Change
from integrations.core.config.secret_parts import SecretsByName
from integrations.core.config.sections import REASON
from integrations.events import conditions
from integrations.events.config_parts import Condition, Fixed, Kind, Of, SigningSecret, SocketKey, webhook_problems
from integrations.events.models import Endpoint, EndpointType, EventFilter, EventPolicy, Sequence
from integrations.events.services import filtering, subscribing
from integrations.events.services.changing import changed
from integrations.outbox.models import Destination
from integrations.outbox.services import destinations

SOCKET, HOOK = EndpointType.WEB_SOCKET, EndpointType.WEB_HOOK
LIMITS = ("rate_per_second", "concurrency", "connect_seconds", "total_seconds", "enabled")


class Policies(Section):
    name, model, key = "event_policies", EventPolicy, ("workspace",)
    parts = columns(EventPolicy, "deleted_profile", "mask_credentials", "open_images", "websocket_auth")

    def save(self, row: Any, fields: Ordered[str]) -> None:
        super().save(row, fields)
        changed(cast(int, row.workspace_id))

    def remove(self, row: Any) -> None:
        super().remove(row)
        changed(cast(int, row.workspace_id))


class ById(Section):
    """Rows that are called by their id: names are not unique, and whoever subscribed holds the id in his address."""

    key = ("id",)
    titled = "name"

    def rows(self) -> Any:
        return self.model._default_manager.select_related("workspace")

    def key_fault(self, word: str) -> str:
        try:
            own = str(uuid.UUID(word))
        except ValueError:
            own = ""
        return "" if own == word else "it is called by its id, a UUID in small letters: make one, as uuidgen -r does."


class Endpoints(ById):
    """A webhook's destination is part of its endpoint."""

    name, model = "endpoints", Endpoint
    carries = {Sequence: "workspace__endpoints"}  # the counter of a workspace that goes with them
    parts = (
        *columns(Endpoint, "name"),
        Fixed(Link(Endpoint, "workspace", default=DEFAULT_WORKSPACE)),
        Kind(Column(Endpoint, "type")),
        *(Of(SOCKET, each) for each in (*columns(Endpoint, "auth", "ws_errors"), SocketKey())),
        *(Of(HOOK, each) for each in columns(Destination, "url", "method")),
        *(Of(HOOK, each) for each in (SecretsByName("headers"), SigningSecret())),
        *(Of(HOOK, each) for each in columns(Destination, *LIMITS)),
    )

    def rows(self) -> Any:
        return super().rows().select_related("destination")

    def check(self, row: Endpoint, changes: Ordered[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        yield from subscribing.name_error(row.name).items()
        if row.destination:
            yield from webhook_problems(row.destination)

    def save(self, row: Any, fields: Ordered[str]) -> None:
        now = clock.now()
        row.modified_at = now
        if row.destination:
            row.destination.name, row.destination._change_reason = row.name, REASON
            row.destination.save()
            destinations.switch(row.destination, enabled=row.destination.enabled, now=now)
        super().save(row, [*fields, "modified_at"])
        changed(row.workspace_id)

    def remove(self, row: Any) -> None:
        row._change_reason = REASON
        subscribing.delete_endpoint(row, by=REASON, now=clock.now())


def _is_bare(row: EventFilter) -> bool:
    return not any(conditions.rule_of(row).conditions.values())


def _without_conditions(filters: Ordered[EventFilter]) -> Iterator[str]:
    """Name the filters that lose their last condition, or never had one: the form asks whether that is meant."""
    bare = [row for row in filters if _is_bare(row)]
    stored = EventFilter.objects.filter(pk__in=[row.pk for row in bare]) if bare else ()
    before = {row.pk for row in stored if _is_bare(row)}
    for row in bare:
        if row.pk not in before:
            yield f"“{row.name or row.pk}” has no condition: it matches every event. Give it one, if that is not meant."


class EventFilters(ById):
    name, model = "event_filters", EventFilter
    parts = (
        *columns(EventFilter, "name"),
        Fixed(Link(EventFilter, "workspace", default=DEFAULT_WORKSPACE)),
        Links(EventFilter, "endpoints"),
        *(Condition(condition, column) for condition, column in conditions.COLUMNS.items()),
    )

    def rows(self) -> Any:
        return super().rows().prefetch_related("endpoints")

    def check(self, row: EventFilter, changes: Ordered[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        yield from subscribing.name_error(row.name, required=False).items()
        for each in linked(row, "endpoints"):
            if each.workspace != row.workspace:
                yield "endpoints", f"“{each.name}” is of another workspace."

    def remarks(self, known: Finder, leaving: Collection[int]) -> Iterator[str]:
        """Say what gets everything, or no longer does: taking a filter away never narrows."""
        filters = [each for each in known.rows(EventFilter).values() if id(each) not in leaving]
        yield from _without_conditions(filters)
        after = {each.pk for row in filters for each in linked(row, "endpoints")}
        stored = EventFilter.endpoints.through.objects.values_list("endpoint_id", flat=True)
        before = set(stored)
        for row in known.rows(Endpoint).values():
            if id(row) in leaving or row._state.adding or (row.pk in before) == (row.pk in after):
                continue
            yield filtering.widened(row.name) if row.pk in before else filtering.narrowed(row.name)

    def save(self, row: EventFilter, fields: Ordered[str]) -> None:
        row.modified_at = clock.now()
        super().save(row, [*fields, "modified_at"])
        filtering.link(row, linked(row, "endpoints"))

    def remove(self, row: Any) -> None:
        row._change_reason = REASON
        filtering.delete_filter(row)


def register_sections() -> None:
    for section in (Policies(), Endpoints(), EventFilters()):
        register(section)
