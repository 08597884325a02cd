"""Encrypt every secret in the database anew with the first of FIELD_ENCRYPTION_KEYS."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from integrations.connections import rotation


class Command(BaseCommand):
    help = "Encrypt every secret with the first of FIELD_ENCRYPTION_KEYS. Safe to stop, to repeat, and while all runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=200, help="rows per batch")

    def handle(self, *, batch: int, **options: Any) -> None:
        total = 0
        for model, field in rotation.encrypted_fields():
            done = 0
            for count in rotation.rotate(model, field, batch=batch):
                done += count
                self.stderr.write(f"{model._meta.label}.{field}: {done}")
            total += done
        self.stdout.write(self.style.SUCCESS(f"{total} secrets encrypted anew; the former keys can be removed."))
