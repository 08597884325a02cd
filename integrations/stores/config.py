"""Data stores in a configuration file."""

from collections.abc import Iterator, Sequence
from typing import Any

from integrations.core.config import Section, register
from integrations.core.config.parts import columns
from integrations.core.config.plain import Change
from integrations.core.config.secret_parts import SecretsByName
from integrations.stores import checks
from integrations.stores.models import DataStore, StoreLoad, StorePosition

POSTGRESQL = ("host", "port", "database", "username", "tls")
S3 = ("bucket", "prefix", "region", "endpoint_url", "access_key_id")


class DataStores(Section):
    name, model, key = "data_stores", DataStore, ("slug",)
    parts = (
        *columns(DataStore, "name", "kind", "dataset", *POSTGRESQL, *S3, "destination"),
        SecretsByName("secrets"),
        *columns(DataStore, "cron", "time_zone", "enabled"),
    )
    belongings = (StorePosition, StoreLoad)

    def check(self, row: Any, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        for field, sentence in checks.problems(row):
            yield ("secrets" if field in checks.SECRET.values() else field), sentence


def register_sections() -> None:
    register(DataStores())
