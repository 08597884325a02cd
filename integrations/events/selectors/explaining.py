"""Why an event did or did not go somewhere, and what a filter would have let through."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.events.facts import facts_of
from integrations.events.filters import Clause, Rule, explained, matches
from integrations.events.models import Endpoint, Event
from integrations.events.selectors.subscriptions import subscriptions

LOOKED_AT, SHOWN, ENDPOINTS = 20_000, 20, 100
WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Judged:
    """One filter of an endpoint, as it judges an event."""

    filter_id: str
    clauses: Sequence[Clause]

    @property
    def holds(self) -> bool:
        return all(clause.holds for clause in self.clauses)


@dataclass(frozen=True)
class Route:
    """Whether an endpoint gets an event by the filters it has now. `filters` is empty where it gets everything."""

    endpoint: Endpoint
    filters: Sequence[Judged]
    goes: bool


@dataclass(frozen=True)
class Preview:
    """What a filter would have let through. `looked_at`: how many events of the time were judged, the latest first."""

    since: datetime
    looked_at: int
    complete: bool
    matched: int
    by_type: Sequence[tuple[str, int]]
    latest: Sequence[Event]


def routes_of(event: Event) -> list[Route]:
    """Return how each endpoint of the workspace judges an event, at most 100, those that get it first."""
    told, seen = subscriptions(event.workspace_id), facts_of(event)
    routes = []
    for endpoint in Endpoint.objects.of(event.workspace_id).order_by("created_at", "pk")[:ENDPOINTS]:
        judged = [Judged(rule.key, explained(rule, seen)) for rule in told.rules_of(str(endpoint.pk))]
        goes = not event.withheld and (not judged or any(each.holds for each in judged))
        routes.append(Route(endpoint, judged, goes))
    return sorted(routes, key=lambda route: not route.goes)


def preview(workspace_id: int, rule: Rule, *, now: datetime) -> Preview:
    """Return what the filter would have matched in the last 24 hours, of the latest 20,000 events at most."""
    rows = Event.objects.numbered().filter(workspace_id=workspace_id, created_at__gte=now - WINDOW, withheld="")
    looked_at, types = 0, Counter[str]()
    latest: list[Event] = []
    for event in rows.order_by("-seq")[:LOOKED_AT].iterator(chunk_size=500):
        looked_at += 1
        if matches(rule, facts_of(event)):
            types[event.type] += 1
            if len(latest) < SHOWN:
                latest.append(event)
    return Preview(
        since=now - WINDOW,
        looked_at=looked_at,
        complete=looked_at < LOOKED_AT,
        matched=types.total(),
        by_type=types.most_common(),
        latest=latest,
    )
