from typing import Any

from django.core.management.base import BaseCommand

from integrations.stores.describing import page


class Command(BaseCommand):
    help = "Print docs/data-tables.md: the tables for analysts, their columns, types and units."

    def handle(self, **options: Any) -> None:
        self.stdout.write(page(), ending="")
