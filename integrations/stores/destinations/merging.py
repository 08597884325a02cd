"""Databases and warehouses, by dlt: rows are merged by their key, new columns appear, the rest of the schema stays."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.conf import settings

from integrations.core import network
from integrations.core.analyst_tables import Family, Table
from integrations.core.errors import AddressRefused, FieldportError, OutboundOff, PermanentError, TransientError
from integrations.stores import library
from integrations.stores.models import DataStore
from integrations.stores.places import folder_of
from integrations.stores.reading import Portion

CONNECT_SECONDS = 10
# dlt keeps what it does in the process's state.
_one_at_a_time = threading.Lock()


class MergingSink:
    """A destination of dlt. What is lost with its working folder is found again in the destination."""

    file_format: ClassVar[str | None] = None

    def __init__(self, store: DataStore) -> None:
        self.store = store

    def destination(self) -> Any:
        raise NotImplementedError

    def check(self) -> str:
        with _told(self.store), _one_at_a_time:
            pipeline = self._pipeline()
            with pipeline.destination_client() as client:
                client.initialize_storage()
        return f"Reached; the tables go into “{self.store.dataset}”."

    def load(self, family: Family, portion: Portion) -> None:
        with _told(self.store), _one_at_a_time:
            pipeline = self._pipeline()
            # What a killed worker left half done comes again with this portion.
            pipeline.abort_packages()
            options = {"loader_file_format": self.file_format} if self.file_format else {}
            pipeline.run(list(self._resources(family, portion)), **options)
            self._empty(pipeline, family, portion)

    def _resources(self, family: Family, portion: Portion) -> Iterator[Any]:
        dlt = library.dlt()
        for table in family.tables:
            below = table is not family.tables[0]
            yield dlt.resource(
                library.arrow(table, portion.rows[table.name]),
                name=table.name,
                primary_key=list(table.key),
                # Rows that are gone from an object go there, too, as long as it has others.
                merge_key=family.id if below else None,
                write_disposition={"disposition": "merge", "strategy": "delete-insert"},
            )

    def _empty(self, pipeline: Any, family: Family, portion: Portion) -> None:
        """Delete what hangs on objects that have none of it any more: dlt deletes only where rows come instead."""
        known = pipeline.default_schema.tables
        for table in family.tables[1:]:
            if bare := [each for each in bare_of(family, table, portion) if table.name in known]:
                listed = ", ".join(str(int(each)) for each in bare)
                with pipeline.sql_client() as client:
                    name = client.make_qualified_table_name(table.name)
                    client.execute_sql(f"DELETE FROM {name} WHERE {family.id} IN ({listed})")  # noqa: S608  numbers

    def _pipeline(self) -> Any:
        return library.dlt().pipeline(
            f"store_{self.store.pk}",
            destination=self.destination(),
            dataset_name=self.store.dataset.replace("-", "_"),
            pipelines_dir=str(settings.DATA_DIR / "stores" / "pipelines"),
            progress=None,
        )


class DuckDBSink(MergingSink):
    """A file in the installation's folder of stores."""

    file_format = "parquet"

    @property
    def path(self) -> Path:
        return folder_of(self.store) / f"{self.store.slug}.duckdb"

    def destination(self) -> Any:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return library.dlt().destinations.duckdb(str(self.path))

    def check(self) -> str:
        return f"{super().check()} The file is {self.path}."


class PostgreSQLSink(MergingSink):
    file_format = "csv"

    def destination(self) -> Any:
        return library.dlt().destinations.postgres(self.url())

    def url(self) -> str:
        """Return the connection string, with the one address that the guard let pass: the driver resolves nothing.

        :raises AddressRefused: naming the rule
        """
        store = self.store
        address = permitted(store.host, store.port)
        query = {"hostaddr": address, "sslmode": store.tls, "connect_timeout": str(CONNECT_SECONDS)}
        if store.tls == "verify-full":
            query["sslrootcert"] = "system"
        who = f"{quote(store.username, safe='')}:{quote(store.secret('password'), safe='')}"
        return f"postgresql://{who}@{store.host}:{store.port}/{quote(store.database, safe='')}?{urlencode(query)}"


class OtherSink(MergingSink):
    """What else dlt brings. Its drivers resolve names themselves, so whoever runs the installation lets each in."""

    def destination(self) -> Any:
        name, dlt = self.store.destination, library.dlt()
        need_outbound()
        if name not in settings.STORE_DESTINATIONS:
            raise AddressRefused(
                f"“{name}” is not let in here: its driver opens connections past the address guard. "
                "An administrator can list it in STORE_DESTINATIONS."
            )
        if not hasattr(dlt.destinations, name):
            raise PermanentError(f"dlt has no destination “{name}”; its documentation lists them.")
        return getattr(dlt.destinations, name)(credentials=self.store.secret("url"))


def bare_of(family: Family, table: Table, portion: Portion) -> list[int]:
    """Return the ids of the portion's objects that have no row in a table below."""
    first = family.tables[0]
    ids = {row[_place(first, family.id)] for row in portion.rows[first.name]}
    return sorted(ids - {row[_place(table, family.id)] for row in portion.rows[table.name]})


def _place(table: Table, name: str) -> int:
    return [column.name for column in table.columns].index(name)


def permitted(host: str, port: int) -> str:
    """Return an address of a host that may be reached. :raises AddressRefused: :raises TransientError:"""
    need_outbound()
    try:
        return str(network.permitted(host, port)[0])
    except OSError as error:
        raise TransientError(f"The name {host} does not resolve: {error}") from error


def need_outbound() -> None:
    """:raises OutboundOff: if nothing may leave this installation for now"""
    if settings.OUTBOUND != "live":
        raise OutboundOff(f"OUTBOUND is {settings.OUTBOUND}: nothing is loaded into data stores elsewhere.")


@contextmanager
def _told(store: DataStore) -> Iterator[None]:
    """Turn what drivers raise into our errors, without secrets; they do not say whether a try again helps."""
    try:
        yield
    except FieldportError:
        raise
    except Exception as error:
        raise TransientError(f"{store.name}: {_sentence(error, store.secrets or {})}") from error


def _sentence(error: BaseException, secrets: Mapping[str, Any]) -> str:
    """Return the innermost reason in one line."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    text = " ".join(f"{type(error).__name__}: {error}".split())[:400]
    for secret in secrets.values():
        text = text.replace(str(secret), "…") if secret else text
    return text
