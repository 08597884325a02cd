"""What is wrong with a store's settings, in sentences: for its form and for configuration files."""

import re
from collections.abc import Iterator, Mapping

from django.conf import settings

from integrations.core import cron, network
from integrations.core.errors import AddressRefused
from integrations.stores.models import DataStore, StoreKind

# What each kind needs, and the one secret of each.
NEEDED: Mapping[str, tuple[str, ...]] = {
    StoreKind.POSTGRESQL: ("host", "database", "username"),
    StoreKind.S3: ("bucket", "access_key_id"),
    StoreKind.OTHER: ("destination",),
}
SECRET: Mapping[str, str] = {
    StoreKind.POSTGRESQL: "password",
    StoreKind.S3: "secret_access_key",
    StoreKind.OTHER: "url",
}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


def problems(store: DataStore) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence)."""
    for field in NEEDED.get(store.kind, ()):
        if not getattr(store, field):
            yield field, "This kind of store needs it."
    if (secret := SECRET.get(store.kind)) and not store.secret(secret):
        yield secret, "This kind of store needs it."
    yield from _address_problems(store)
    if store.kind == StoreKind.OTHER and store.destination not in settings.STORE_DESTINATIONS:
        yield "destination", "An administrator of the server must list it in STORE_DESTINATIONS first."
    if store.cron:
        yield from cron.schedule_problems(store.cron, store.time_zone)


def _address_problems(store: DataStore) -> Iterator[tuple[str, str]]:
    if store.kind == StoreKind.POSTGRESQL and store.host:
        if not 0 < store.port < 65536:
            yield "port", "A port is a number from 1 to 65535."
        elif problem := _refused(f"https://{store.host}:{store.port}"):
            yield "host", problem
    if store.kind == StoreKind.S3:
        if store.bucket and not NAME.fullmatch(store.bucket):
            yield "bucket", "A bucket's name has small letters, digits, dots and hyphens only."
        if store.endpoint_url and (problem := _refused(store.endpoint_url)):
            yield "endpoint_url", problem


def _refused(url: str) -> str:
    try:
        network.check_url(url)
    except AddressRefused as error:
        return str(error)
    return ""
