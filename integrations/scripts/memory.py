"""`ctx.store` during a run: reads what earlier runs left, keeps changes until the run finishes."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from integrations.scripts.models import Script, ScriptValue

LONGEST_KEY = 200
MOST_BYTES = 32 * 1024
MOST_KEYS = 1000
LONGEST_TTL = timedelta(days=3650)


class StoreRefused(Exception):
    """What a script asked of its store is not allowed; the message says why."""


@dataclass(frozen=True)
class _Change:
    """What is to become of one value. `by`: a number to add, and `value` what that makes as far as this run knows."""

    value: Any = None
    deleted: bool = False
    ttl: timedelta | None = None
    by: float | None = None


@dataclass
class Memory:
    """The store of one script as one run sees it."""

    script: Script
    now: datetime
    changes: dict[str, _Change] = field(default_factory=dict)

    def get(self, key: str) -> Any:
        """:raises StoreRefused:"""
        _check_key(key)
        if key in self.changes:
            return None if self.changes[key].deleted else self.changes[key].value
        row = ScriptValue.objects.current(self.now).filter(script=self.script, key=key).first()
        return row.value if row else None

    def set(self, key: str, value: Any, *, ttl_seconds: float | None = None) -> None:
        """:raises StoreRefused:"""
        _check_key(key)
        size = len(json.dumps(value).encode())
        if size > MOST_BYTES:
            raise StoreRefused(f"ctx.store keeps at most {MOST_BYTES} bytes under a key; this value has {size}.")
        self.changes[key] = _Change(value, ttl=_ttl(ttl_seconds))

    def delete(self, key: str) -> None:
        """:raises StoreRefused:"""
        _check_key(key)
        self.changes[key] = _Change(deleted=True)

    def incr(self, key: str, by: float) -> float:
        """Add to a number, counting from 0; runs that end at the same time both count. :raises StoreRefused:"""
        current = self.get(key) or 0
        if isinstance(current, bool) or not isinstance(current, int | float):
            raise StoreRefused(f"ctx.store.incr: what is kept under “{key}” is not a number.")
        before = self.changes.get(key)
        fresh = before is not None and before.by is None
        added = None if fresh else (before.by or 0) + by if before else by
        self.changes[key] = _Change(current + by, by=added, ttl=before.ttl if before else None)
        return current + by

    @transaction.atomic
    def commit(self) -> None:
        """Write the changes, in the transaction that ends the run. :raises StoreRefused: if there are too many keys"""
        if not self.changes:
            return
        list(Script.objects.select_for_update().filter(pk=self.script.pk).values_list("pk"))
        for key, change in sorted(self.changes.items()):
            self._write(key, change)
        kept = ScriptValue.objects.filter(script=self.script).count()
        if kept > MOST_KEYS:
            raise StoreRefused(f"ctx.store keeps at most {MOST_KEYS} keys; with this run there would be {kept}.")

    def _write(self, key: str, change: _Change) -> None:
        rows = ScriptValue.objects.filter(script=self.script, key=key)
        if change.deleted:
            rows.delete()
            return
        value = change.value
        if change.by is not None:
            row = rows.current(self.now).first()
            value = (row.value or 0 if row else 0) + change.by
        values: dict[str, Any] = {"value": value}
        if change.by is None or change.ttl:
            values["expires_at"] = self.now + change.ttl if change.ttl else None
        ScriptValue.objects.update_or_create(script=self.script, key=key, defaults=values)


def _check_key(key: str) -> None:
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
        raise StoreRefused(f"A key of ctx.store is a text of 1 to {LONGEST_KEY} characters.")


def _ttl(seconds: float | None) -> timedelta | None:
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise StoreRefused("ttlSeconds of ctx.store.set is a number above 0.")
    return min(timedelta(seconds=min(seconds, LONGEST_TTL.total_seconds())), LONGEST_TTL)
