"""Moves photos, PDFs and examples between storages: first copy, then change STORAGE, then copy the rest."""

from argparse import ArgumentParser
from typing import Any

from django.core.files.storage import InvalidStorageError, Storage, storages
from django.core.management.base import BaseCommand, CommandError

from integrations.core.copying import copy_all

NAMES = ("disk", "s3")


class Command(BaseCommand):
    help = "Copy all files from one storage to another; what is there already is left. Stop and start it as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", choices=NAMES)
        parser.add_argument("target", choices=NAMES)

    def handle(self, *, source: str, target: str, **_: Any) -> None:
        if source == target:
            raise CommandError("Source and target are the same.")
        new = there = 0
        try:
            for done in copy_all(_storage(source), _storage(target)):
                new, there = done.new, done.there
                self.stderr.write(f"{done.folder}: {new} copied, {there} there before")
        except CommandError:
            raise
        except Exception as error:  # each storage's library has errors of its own
            raise CommandError(f"Stopped: {type(error).__name__}: {error} Run it again to go on.") from error
        self.stdout.write(self.style.SUCCESS(f"{new} copied, {there} there before"))


def _storage(name: str) -> Storage:
    try:
        return storages[name]
    except InvalidStorageError:
        raise CommandError(f"The storage {name} is not set up; S3_BUCKET names the bucket.") from None
