"""Parquet files: each holds the rows of a range of objects, and is written as a whole, so a reader never sees half.

An object that changed has the file of its range written anew. There is nothing to merge, and no row twice.
"""

import io
import os
import tempfile
from collections.abc import Iterator
from typing import Any, Protocol

from integrations.core.errors import TransientError
from integrations.core.tables import Family, Table
from integrations.stores import library
from integrations.stores.models import DataStore
from integrations.stores.places import folder_of
from integrations.stores.reading import Portion, range_of

# Objects in one file: at some KB each, a file of some MB.
RANGE = 10_000


class Folder(Protocol):
    """Where files are put, each as a whole."""

    def put(self, path: str, data: bytes) -> None: ...

    def describe(self) -> str: ...


class DiskFolder:
    def __init__(self, store: DataStore) -> None:
        self._root = folder_of(store) / store.dataset

    def describe(self) -> str:
        return str(self._root)

    def put(self, path: str, data: bytes) -> None:
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", suffix=".new", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                os.chmod(file.name, 0o644)
                os.replace(file.name, target)
            except BaseException:
                os.unlink(file.name)
                raise


class ParquetSink:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def check(self) -> str:
        library.need()
        self._put("_fieldport.txt", b"Tables of Fieldport; its page docs/data-tables.md says what the columns hold.\n")
        return f"Written to {self._folder.describe()}."

    def load(self, family: Family, portion: Portion) -> None:
        """Write the files of all ranges that the portion's objects are of, with all that the ranges hold now."""
        first = family.tables[0]
        place = [column.name for column in first.columns].index(family.id)
        for number in sorted({row[place] // RANGE for row in portion.rows[first.name]}):
            for table, rows in _ranges(family, number):
                self._put(f"{table.name}/part-{number:06d}.parquet", _parquet(table, rows))

    def _put(self, path: str, data: bytes) -> None:
        try:
            self._folder.put(path, data)
        except OSError as error:
            raise TransientError(f"{path} could not be written: {error.strerror or error}") from error


def _ranges(family: Family, number: int) -> Iterator[tuple[Table, list[tuple[Any, ...]]]]:
    for table in family.tables:
        yield table, range_of(table, family.id, number * RANGE, (number + 1) * RANGE)


def _parquet(table: Table, rows: list[tuple[Any, ...]]) -> bytes:
    typed = library.arrow(table, rows)
    import pyarrow.parquet as pq  # noqa: PLC0415  it may be missing

    out = io.BytesIO()
    pq.write_table(typed, out, compression="zstd")
    return out.getvalue()
