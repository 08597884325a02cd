from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations.analytics import services
from integrations.analytics.models import Recount
from integrations.core import clock


class Command(BaseCommand):
    help = "Measure jobs for the report: what changed, or with --all every one anew. Safe to stop and start again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="every job, from the first on")

    def handle(self, *, all: bool, **options: Any) -> None:
        if all:
            services.recount("measure_jobs --all", now=clock.now())
        total = 0
        while done := services.measure_some():
            total += done
            state = Recount.objects.get(pk=1)
            left = f", up to number {state.after} of {state.until}" if state.running else ""
            self.stderr.write(f"{total} measured{left}")
        self.stdout.write(self.style.SUCCESS(f"measured {total}"))
