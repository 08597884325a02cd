"""Who is told of what: the filters of a workspace as an index, read again when their revision has moved."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef

from integrations.events.conditions import rule_of
from integrations.events.filters import FilterIndex, Rule
from integrations.events.links import picture_key
from integrations.events.models import Endpoint, EventFilter, EventPolicy, Sequence
from integrations.events.omni_wire import Wire

KEPT = 64


@dataclass(frozen=True)
class Subscriptions:
    """All endpoints and filters of a workspace at one revision, and how its events leave.

    `types`: of each endpoint by its id; `destinations`: of those that are webhooks.
    """

    workspace_id: int
    revision: str
    types: dict[str, str]
    destinations: dict[str, int]
    rules: tuple[Rule, ...]
    index: FilterIndex
    wire: Wire

    def rules_of(self, endpoint: str) -> list[Rule]:
        return [rule for rule in self.rules if endpoint in rule.endpoints]


_kept: dict[int, Subscriptions] = {}
_lock = Lock()


def subscriptions(workspace_id: int, *, revision: str | None = None) -> Subscriptions:
    """Return the subscriptions at this revision, or at that of the database's row, which every change renews.

    They are read once per process and revision. Whoever holds the row's lock, as the sequencer does, and gives its
    revision has exactly the rules that hold: no change can commit meanwhile.
    """
    if revision is None:
        revision = revision_of(workspace_id)
    kept = _kept.get(workspace_id)
    if kept is not None and kept.revision == revision:
        return kept
    found = _read(workspace_id, revision)
    with _lock:
        if len(_kept) >= KEPT:
            _kept.clear()
        _kept[workspace_id] = found
    return found


def revision_of(workspace_id: int) -> str:
    return Sequence.objects.filter(workspace_id=workspace_id).values_list("revision", flat=True).first() or ""


def _read(workspace_id: int, revision: str) -> Subscriptions:
    endpoints = list(Endpoint.objects.of(workspace_id).values_list("pk", "type", "destination_id"))
    types = {str(pk): type for pk, type, _ in endpoints}
    linked: dict[UUID, list[str]] = {}
    for filter_id, endpoint_id in _links(workspace_id):
        linked.setdefault(filter_id, []).append(str(endpoint_id))
    rows = EventFilter.objects.filter(workspace_id=workspace_id).order_by("created_at", "pk")
    rules = tuple(rule_of(row, endpoints=linked[row.pk]) for row in rows if row.pk in linked)
    return Subscriptions(
        workspace_id,
        revision=revision,
        types=types,
        destinations={str(pk): destination for pk, _, destination in endpoints if destination},
        rules=rules,
        index=FilterIndex(rules, endpoints=types),
        wire=wire_of(EventPolicy.of(workspace_id)),
    )


def wire_of(policy: EventPolicy) -> Wire:
    """Return how the events of a workspace leave."""
    wire = Wire(public_url=settings.PUBLIC_URL, mask=policy.mask_credentials)
    return wire if policy.open_images else replace(wire, key=picture_key)


def _links(workspace_id: int) -> Iterable[tuple[UUID, UUID]]:
    through = EventFilter.endpoints.through.objects
    return through.filter(eventfilter__workspace_id=workspace_id).values_list("eventfilter_id", "endpoint_id")


def filtered_endpoints(workspace_id: int, *, without: UUID | None = None) -> dict[str, str]:
    """Return the names of the endpoints that have a filter, by id; the filter `without` is not counted."""
    links = EventFilter.endpoints.through.objects.filter(endpoint_id=OuterRef("pk"))
    links = links.exclude(eventfilter_id=without) if without else links
    rows = Endpoint.objects.of(workspace_id).filter(Exists(links)).order_by("created_at", "pk")
    return {str(pk): name for pk, name in rows.values_list("pk", "name")}
