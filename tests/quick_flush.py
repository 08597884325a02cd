"""Emptying the database between tests that commit, without paying for every table each time.

Django truncates all tables and makes permissions and groups anew; here only tables that have rows are emptied, and what
migrations made (content types, permissions, the shipped groups) stays.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from integrations.desk.groups import GROUPS

KEPT = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions", "django_migrations")


def install(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(flush, "emit_post_migrate_signal", lambda *_: None)
    patch.setattr(type(connection.ops), "sql_flush", _sql_flush)


def _sql_flush(operations: DatabaseOperations, _style: Any, tables: Iterable[str], **_options: Any) -> list[str]:
    """Return one DELETE for each table that has rows; foreign keys are checked at the end of the transaction."""
    quote = operations.quote_name
    named = sorted(set(tables) - set(KEPT))
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in named)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [*(f"DELETE FROM {quote(name)}" for (name,) in cursor.fetchall()), *_groups_of_the_test()]


def _groups_of_the_test() -> list[str]:
    shipped = ", ".join(f"'{name}'" for name in GROUPS)
    own = f"SELECT id FROM auth_group WHERE name NOT IN ({shipped})"
    return [
        f"DELETE FROM auth_group_permissions WHERE group_id IN ({own})",
        f"DELETE FROM auth_group WHERE id IN ({own})",
    ]
