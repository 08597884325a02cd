"""Replays webhooks of a time range; the same service as the admin's action."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.core import clock
from integrations.core.work import WorkState
from integrations.inbox import services
from integrations.inbox.models import ReceivedWebhook

BATCH = 500
REPLAYABLE = [WorkState.FAILED, WorkState.DONE, WorkState.SKIPPED]


class Command(BaseCommand):
    help = "Process webhooks again, oldest first. Safe to stop and to start again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("start", type=datetime.fromisoformat, help="UTC, e.g. 2026-01-31T08:00")
        parser.add_argument("end", type=datetime.fromisoformat, help="UTC, not included")
        parser.add_argument("--source", help="name of one source only")
        parser.add_argument("--state", choices=REPLAYABLE, default=WorkState.FAILED, help="default: FAILED")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *, start: datetime, end: datetime, dry_run: bool, **options: Any) -> None:
        if start >= end:
            raise CommandError("The start must be before the end.")
        times = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
        rows = ReceivedWebhook.objects.replayable(*times, states=[options["state"]])
        if options["source"]:
            rows = rows.filter(source__name=options["source"])
        pks = list(rows.values_list("pk", flat=True))
        replayed = 0 if dry_run else self._replay(pks)
        told = f"would replay {len(pks)}" if dry_run else f"replayed {replayed} of {len(pks)}"
        self.stdout.write(self.style.SUCCESS(told))

    def _replay(self, pks: list[int]) -> int:
        replayed = 0
        for first in range(0, len(pks), BATCH):
            batch = pks[first : first + BATCH]
            replayed += services.replay(ReceivedWebhook.objects.filter(pk__in=batch), now=clock.now())
            self.stderr.write(f"{first + len(batch)}/{len(pks)}")
        return replayed
