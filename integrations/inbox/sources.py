"""The sources by token, cached for the receiving handler: no query per webhook, no refusal from an old copy."""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from integrations.core.platforms import PlatformAdapter, adapter_of
from integrations.inbox.models import WebhookSource

FRESH_SECONDS = 5.0
MOST_CACHED = 5_000


@dataclass(frozen=True)
class Source:
    """What receiving needs of a source."""

    id: int
    connection_id: int
    verification: str
    options: dict[str, Any]
    secrets: tuple[str, ...]
    max_bytes: int
    adapter: PlatformAdapter
    loaded_at: float

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self.loaded_at < FRESH_SECONDS


_cache: dict[str, Source] = {}


def cached(token: str) -> Source | None:
    """Return the source if it is known and was read within the last seconds; no I/O."""
    source = _cache.get(token)
    return source if source is not None and source.fresh else None


def load(token: str) -> Source | None:
    """Read the source from the database; None if there is none or it is switched off. Blocking."""
    close_old_connections()
    row = WebhookSource.objects.select_related("connection").filter(token=token, enabled=True).first()
    if row is None:
        _cache.pop(token, None)
        return None
    if len(_cache) >= MOST_CACHED:
        _cache.clear()
    _cache[token] = source = _of(row)
    return source


def _of(row: WebhookSource) -> Source:
    return Source(
        id=row.pk,
        connection_id=row.connection_id,
        verification=row.verification,
        options=dict(row.verification_options),
        secrets=tuple(row.secrets),
        max_bytes=row.max_bytes or settings.WEBHOOK_MAX_BYTES,
        adapter=adapter_of(row.connection.platform),
        loaded_at=time.monotonic(),
    )
