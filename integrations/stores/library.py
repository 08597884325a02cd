"""The library that loads (dlt, with DuckDB and Arrow): not everyone's, and imported only when a load runs."""

from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from django.conf import settings

from integrations.core.analyst_tables import Table
from integrations.core.errors import PermanentError

if TYPE_CHECKING:
    import pyarrow

MISSING = (
    "What loads into data stores is not installed here. Run “make stores” in Fieldport's folder, or install "
    "requirements/stores.txt, and start Fieldport again."
)


def is_installed() -> bool:
    return all(find_spec(name) for name in ("dlt", "duckdb", "pyarrow"))


def need() -> None:
    """:raises PermanentError: saying how to install it"""
    if not is_installed():
        raise PermanentError(MISSING)


def dlt() -> ModuleType:
    """Return the library; the settings make it keep its files in our folder and tell nobody that it is used."""
    need()
    Path(settings.STORE_LIBRARY["DLT_DATA_DIR"]).mkdir(parents=True, exist_ok=True)
    import dlt as library  # noqa: PLC0415  it takes seconds, and may be missing

    return library


def arrow(table: Table, rows: list[tuple[Any, ...]]) -> "pyarrow.Table":
    """Return rows as a typed Arrow table."""
    need()
    import pyarrow as pa  # noqa: PLC0415  it may be missing

    kinds = {"text": pa.string(), "whole": pa.int64(), "number": pa.float64(), "truth": pa.bool_()}
    kinds["time"] = pa.timestamp("us", tz="UTC")
    columns = list(zip(*rows, strict=True)) or [()] * len(table.columns)
    arrays = [pa.array(list(values), kinds[column.type]) for column, values in zip(table.columns, columns, strict=True)]
    return pa.Table.from_arrays(arrays, names=[column.name for column in table.columns])
