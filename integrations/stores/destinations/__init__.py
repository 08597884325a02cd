"""Each kind of store as a sink: what can be loaded into it, idempotently, by the key of each row."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from integrations.core.tables import Family
from integrations.stores.destinations.files import DiskFolder, ParquetSink
from integrations.stores.destinations.merging import DuckDBSink, OtherSink, PostgreSQLSink
from integrations.stores.destinations.s3 import Bucket
from integrations.stores.models import DataStore, StoreKind
from integrations.stores.reading import Portion


class Sink(Protocol):
    """Where rows go. Loading the same portion twice is the same as loading it once."""

    def check(self) -> str:
        """Try it; return a sentence. :raises FieldportError: saying what does not work"""

    def load(self, family: Family, portion: Portion) -> None:
        """Put the rows of a portion in the place of those with the same key. :raises FieldportError:"""


_SINKS: Mapping[str, Callable[[DataStore], Any]] = {
    StoreKind.POSTGRESQL: PostgreSQLSink,
    StoreKind.DUCKDB: DuckDBSink,
    StoreKind.OTHER: OtherSink,
    StoreKind.PARQUET: lambda store: ParquetSink(DiskFolder(store)),
    StoreKind.S3: lambda store: ParquetSink(Bucket(store)),
}


def sink_of(store: DataStore) -> Sink:
    sink: Sink = _SINKS[store.kind](store)
    return sink
