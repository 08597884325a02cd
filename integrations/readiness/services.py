"""Going live, and back: the switches of the house that decide whether writes leave, thrown together or not at all."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.connections.capture import capture_reason
from integrations.connections.models import Connection
from integrations.core.errors import PermanentError
from integrations.readiness import catalogue, judging, planning
from integrations.readiness.history import because
from integrations.readiness.models import FieldTrial, Item, Questionnaire
from integrations.sync.models import Operation

REASON = "readiness: went live"


class NotReady(PermanentError):
    """Going live is blocked; the message names each answer that is missing."""

    def __init__(self, blockers: list[str]) -> None:
        super().__init__(" ".join(blockers))
        self.blockers = blockers


@dataclass(frozen=True)
class WentLive:
    """How many mappings were switched on, of how many."""

    switched_on: int
    mappings: int


def what_blocks(questionnaire: Questionnaire) -> list[str]:
    """Return a sentence for everything that keeps the connection from going live."""
    items = list(questionnaire.items.all())
    found = judging.blockers(judging.judge(questionnaire, items))
    if not found and questionnaire.writes:
        found = _mapping_blockers(questionnaire)
    return found + _house_blockers(questionnaire)


def _mapping_blockers(questionnaire: Questionnaire) -> list[str]:
    if not questionnaire.api:
        return [_("Question 2: say which API there is; the mapping is made from it.")]
    changes = planning.plan(questionnaire)
    if any(change.is_pending for change in changes):
        return [_("The mapping is not made of these answers yet: look at its preview, and make it.")]
    return []


def _house_blockers(questionnaire: Questionnaire) -> list[str]:
    connection = copy(questionnaire.connection)
    connection.capture = False
    found = [_("The connection is paused; resume it first.")] if connection.paused else []
    if reason := capture_reason(connection):
        found.append(_("{reason} Let writes leave again first.").format(reason=reason))
    if FieldTrial.objects.unrestored().filter(questionnaire=questionnaire).exists():
        found.append(_("A trial's value is not restored yet: look at the trials."))
    return found


@transaction.atomic
def go_live(questionnaire: Questionnaire, *, write_from: datetime, by: str, now: datetime) -> WentLive:
    """Switch the mappings on and let the connection's writes leave, for facts from `write_from` on.

    Going live again is going live with the answers of now.

    :raises NotReady: naming what blocks; nothing is changed then
    """
    row = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    connection = Connection.objects.select_for_update().get(pk=row.connection_id)
    row.connection = connection
    if blockers := what_blocks(row):
        raise NotReady(blockers)
    operations = _produced(row)
    switched = [_switched_on(each) for each in operations if not each.enabled]
    connection.capture, connection.write_from = False, write_from
    because(connection, REASON)
    connection.save(update_fields=["capture", "write_from"])
    row.live_at, row.live_by = now, by[:150]
    row.save(update_fields=["live_at", "live_by"])
    return WentLive(len(switched), len(operations))


def _produced(row: Questionnaire) -> list[Operation]:
    numbers = [each["operation"] for each in row.produced]
    return list(Operation.objects.filter(connection=row.connection_id, pk__in=numbers).order_by("pk"))


def _switched_on(operation: Operation) -> Operation:
    operation.enabled = True
    because(operation, REASON)
    operation.save(update_fields=["enabled", "changed_at"])
    return operation


@transaction.atomic
def hold_back(questionnaire: Questionnaire) -> None:
    """Record the connection's writes from now on, and send none; the mappings stay as they are."""
    connection = Connection.objects.select_for_update().get(pk=questionnaire.connection_id)
    connection.capture = True
    because(connection, "readiness: writes held back")
    connection.save(update_fields=["capture"])
    questionnaire.live_at, questionnaire.live_by = None, ""
    questionnaire.save(update_fields=["live_at", "live_by"])


@transaction.atomic
def choose_facts(questionnaire: Questionnaire, facts: list[str]) -> None:
    """Make the items those of the pick list, in its order; answers about facts that stay are kept."""
    there = {item.fact: item for item in questionnaire.items.all()}
    for item in (there[fact] for fact in there.keys() - set(facts)):
        item.delete()
    for position, fact in enumerate(facts):
        item = there.get(fact) or Item(questionnaire=questionnaire, fact=fact, type=catalogue.suggested_type(fact))
        if item.pk is None or item.position != position:
            item.position = position
            item.save()
