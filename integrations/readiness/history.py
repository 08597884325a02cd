"""Why a row was changed, for its history."""

from django.db.models import Model


def because(row: Model, reason: str) -> None:
    """Note the reason that the next save or deletion of a row is recorded with."""
    vars(row)["_change_reason"] = reason  # what simple_history reads
