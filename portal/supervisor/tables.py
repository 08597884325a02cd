"""The tables of a database: a new one gets them from the models, any other by its migrations (ADR 19)."""

from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

# Their models would make other tables than their migrations do: ids of 32 bits.
BY_MIGRATIONS = ("contenttypes", "auth")


def make_tables() -> None:
    """Bring the database to the models as they are, in a tenth of the time where it is new.

    Safe to repeat, and to kill: until all migrations are noted as applied, in one transaction, it begins anew, and
    makes the tables that are not there.
    """
    executor = MigrationExecutor(connection)
    if {app for app, _name in executor.loader.applied_migrations} - set(BY_MIGRATIONS):
        call_command("migrate", interactive=False, verbosity=0)
        return
    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in BY_MIGRATIONS])
    with _without_migrations():
        call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    _note_all()


@contextmanager
def _without_migrations() -> Iterator[None]:
    before = settings.MIGRATION_MODULES
    settings.MIGRATION_MODULES = dict.fromkeys((app.label for app in apps.get_app_configs()), None)
    try:
        yield
    finally:
        settings.MIGRATION_MODULES = before


def _note_all() -> None:
    executor = MigrationExecutor(connection)
    with transaction.atomic():
        for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            for app, name in migration.replaces or [(migration.app_label, migration.name)]:
                executor.recorder.record_applied(app, name)


if __name__ == "__main__":
    django.setup()
    make_tables()
