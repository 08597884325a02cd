"""Bringing this installation to what a file says, wholly or not at all."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from integrations.core.config.documents import ConfigRefused, Document
from integrations.core.config.entries import read_config, refuse_invalid
from integrations.core.config.planning import Action, Plan, make_plan
from integrations.core.config.references import Resolve, from_settings
from integrations.core.config.sections import REASON


def apply(document: Document, *, resolve: Resolve = from_settings, prune: bool = False, dry_run: bool = False) -> Plan:
    """Do what the file says in one transaction, and return what was (or, in a dry run, would be) done.

    :raises ConfigRefused: naming everything that is refused; then nothing was written
    """
    document = replace(document, problems=[])
    config = read_config(document)
    plan = make_plan(config, document, resolve=resolve, prune=prune)
    if dry_run:
        return plan
    for action in plan.writes:
        action.section.prepare(action.row, action.place)
    document.raise_problems()
    with transaction.atomic():
        plan = make_plan(config, document, resolve=resolve, prune=prune)  # what it was made from may have changed
        for action in plan.writes:
            _carried_out(action, _write)
        for action in plan.removals:
            _carried_out(action, _remove)
        _judge_again(plan.writes)
        document.raise_problems()
    return plan


def _carried_out(action: Action, what: Callable[[Action], None]) -> None:
    try:
        what(action)
    except IntegrityError as error:
        # The database's own words hold values, which may be secrets.
        action.place.refuse(
            "the database refused it: something that must be unique is taken, or what it needs has just gone. "
            "If somebody changed the configuration meanwhile, apply the file again."
        )
        raise ConfigRefused(action.place.document.problems) from error


def _write(action: Action) -> None:
    _save_targets(action.row)
    _delete(action.deletes)
    action.section.save(action.row, action.fields)
    for child in action.saves:
        child._change_reason = REASON
        child.save()


def _save_targets(row: Any) -> None:
    """Save what stood for something that is there without being stored, such as the default workspace."""
    for link in (each for each in row._meta.fields if each.is_relation):
        target = getattr(row, link.name) if link.is_cached(row) else None
        if target is not None and target._state.adding:
            target.save()


def _remove(action: Action) -> None:
    _delete(action.deletes)
    action.section.remove(action.row)


def _delete(rows: Iterable[Any]) -> None:
    for row in rows:
        row._change_reason = REASON
        row.delete()


def _judge_again(actions: Iterable[Action]) -> None:
    """Judge the rows as they now stand, links and neighbours included; a refusal rolls all of it back."""
    for action in actions:
        for row in (action.row, *action.saves):
            try:
                row.full_clean()
            except ValidationError as error:
                refuse_invalid(error, action.place, parts=action.section.parts)


__all__ = ["apply"]
