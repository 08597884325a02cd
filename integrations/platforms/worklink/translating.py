"""Translating rows for analysts that an older version has translated, or none: in portions, safe to stop and repeat."""

import time
from datetime import timedelta
from typing import Any

from integrations.core import clock
from integrations.core.safe_json import storable
from integrations.core.work import Claim
from integrations.platforms.worklink.adapter import KINDS
from integrations.platforms.worklink.kinds import Kind
from integrations.platforms.worklink.options import options_of
from integrations.platforms.worklink.tables.translation import VERSION

EVERY = timedelta(minutes=5)
PORTION = 200
BUDGET_SECONDS = 60.0


def translate_all(claim: Claim) -> str:
    """Translate what is not of this version; return how many rows, or that nothing was left."""
    ends, done = time.monotonic() + BUDGET_SECONDS, 0
    for kind in KINDS.values():
        while time.monotonic() < ends and (count := translate_portion(kind)):
            claim.renew(now=clock.now())
            done += count
    return f"{done} rows were translated anew." if done else "Every row is translated."


def translate_portion(kind: Kind[Any]) -> int:
    """Translate a few rows; return how many were left to do of them. What is stored meanwhile is newer, and stays."""
    rows = kind.model._default_manager.filter(translated_by__lt=VERSION).select_related("connection")
    found = list(
        rows.defer("connection__credentials", "connection__token_cache").order_by("translated_by", "pk")[:PORTION]
    )
    for row in found:
        columns = kind.columns(row.document, options_of(row.connection), None)
        values = storable({name: columns[name] for name in ("translation", "translated_by")})
        as_read = kind.model._default_manager.filter(pk=row.pk, generation=row.generation)
        as_read.update(**values, stored_at=clock.now())
    return len(found)
