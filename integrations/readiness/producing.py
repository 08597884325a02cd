"""Making mappings of the answers: once, and again, without overwriting what was changed by hand unseen."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from integrations.readiness.history import because
from integrations.readiness.models import Questionnaire
from integrations.readiness.planning import Change, Draft, plan
from integrations.sync.models import FieldMapping, Operation

REASON = "readiness questionnaire"


@transaction.atomic
def produce(questionnaire: Questionnaire, *, over_hand: bool = False) -> list[Change]:
    """Make and change the mappings; what was changed by hand stays, unless `over_hand`. New ones are switched off.

    Idempotent. A mapping that no answer asks for any more is switched off, never deleted.

    :raises ValidationError: if a mapping would be refused; then nothing is written
    """
    row = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    changes = plan(row)
    if problems := [f"{change.name}: {problem}" for change in changes for problem in change.problems]:
        raise ValidationError(problems)
    kept = [_made(row, change, over_hand=over_hand) for change in changes if change.draft is not None]
    for change in changes:
        if change.draft is None and change.operation is not None:
            _switch_off(change.operation)
    row.produced = kept
    row.save(update_fields=["produced"])
    questionnaire.produced = kept
    return changes


def _made(row: Questionnaire, change: Change, *, over_hand: bool) -> dict[str, Any]:
    draft = change.draft
    assert draft is not None
    is_new = change.is_new
    operation = change.operation or Operation(connection=row.connection, name=draft.name, enabled=False)
    taken = [each.name for each in change.differences if over_hand or not each.by_hand]
    names = list(draft.columns) if is_new else [name for name in taken if name in draft.columns]
    for name in names:
        setattr(operation, name, draft.columns[name])
    if names:
        because(operation, REASON)
        operation.save()
    change.operation = operation
    _put_fields(operation, draft, None if is_new else taken)
    return draft.kept() | {"operation": operation.pk}


def _put_fields(operation: Operation, draft: Draft, taken: Sequence[str] | None) -> None:
    """Write the field mappings of `taken` ("field x"); None: all of them."""
    here = {each.target: each for each in operation.field_mappings.all()} if taken is not None else {}
    for position, (target, columns) in enumerate(draft.fields.items()):
        if taken is not None and f"field {target}" not in taken:
            continue
        mapping = here.get(target) or FieldMapping(operation=operation, target=target, position=position)
        for name, value in columns.items():
            setattr(mapping, name, value)
        because(mapping, REASON)
        mapping.save()
    for target in here.keys() - draft.fields.keys():
        if f"field {target}" in (taken or ()):
            because(here[target], REASON)
            here[target].delete()


def _switch_off(operation: Operation) -> None:
    if operation.enabled:
        operation.enabled = False
        because(operation, REASON)
        operation.save(update_fields=["enabled", "changed_at"])
