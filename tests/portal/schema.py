"""What is in a new database, as JSON: `python -m tests.portal.schema` with a way to make it; DATABASE_URL names it."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import django

django.setup()

from django.contrib.auth.models import Group, Permission  # noqa: E402  needs a set-up Django
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from portal.supervisor import tables  # noqa: E402

SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
OURS = "SELECT oid FROM pg_namespace WHERE nspname = current_schema()"
POSTGRESQL = {
    "columns": (
        "SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,"
        " is_nullable, column_default, is_identity, collation_name"
        " FROM information_schema.columns WHERE table_schema = current_schema()"
    ),
    "constraints": (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
        f" FROM pg_constraint WHERE connamespace = ({OURS})"
    ),
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = current_schema()",
}


def clauses(sql: str) -> Iterator[str]:
    """Split what is between the outer brackets of a CREATE TABLE at its commas: columns and constraints."""
    depth, part = 0, ""
    for sign in re.sub(r"\s+", " ", sql[sql.index("(") + 1 : sql.rindex(")")]):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += sign
    yield part.strip()


def shape(kind: str, sql: str) -> list[str]:
    return sorted(clauses(sql)) if kind == "table" else [re.sub(r"\s+", " ", sql)]


def found() -> dict[str, Any]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(SQLITE)
            return {f"{kind} {name}": shape(kind, sql) for kind, name, sql in cursor.fetchall()}
        return {name: sorted(map(str, _rows(cursor, sql))) for name, sql in POSTGRESQL.items()}


def _rows(cursor: Any, sql: str) -> Iterable[Any]:
    cursor.execute(sql)
    rows: Iterable[Any] = cursor.fetchall()
    return rows


def contents() -> dict[str, list[str]]:
    """Return what is there before anybody did anything."""
    return {
        "applied": sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations()),
        "permissions": sorted(map(str, Permission.objects.select_related("content_type"))),
        "groups": sorted(f"{group}: {group.permissions.count()}" for group in Group.objects.all()),
    }


def make(how: str) -> None:
    """By the migrations; from the models; or from the models after a first attempt that ended just before its end."""
    if how == "migrations":
        call_command("migrate", interactive=False, verbosity=0)
        return
    if how == "interrupted":
        with patch.object(tables, "_note_all", side_effect=KeyboardInterrupt), suppress(KeyboardInterrupt):
            tables.make_tables()
    tables.make_tables()


if __name__ == "__main__":
    make(sys.argv[1])
    json.dump(found() | contents(), sys.stdout)
