"""Configuration as code: `config export`, `config apply`, `config diff`."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.core.config import all_sections
from integrations.core.config.applying import apply
from integrations.core.config.comparing import difference, plan_text
from integrations.core.config.documents import ConfigRefused
from integrations.core.config.exporting import export, export_to, live
from integrations.core.config.reading import read_file

LIVE = ("live", "-")


class Command(BaseCommand):
    help = "Export, compare and apply what an admin configures, as YAML. See docs/config-as-code.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="export | apply | diff")
        verb = verbs.add_parser("export", help="write the configuration of this installation, without secrets")
        verb.add_argument("--out", type=Path, metavar="DIR|FILE", help="default: standard output")
        names = [section.name for section in all_sections()]
        verb.add_argument("--only", nargs="+", choices=names, default=(), metavar="SECTION", help=", ".join(names))
        verb = verbs.add_parser("apply", help="bring this installation to what a file says, wholly or not at all")
        verb.add_argument("file", type=Path, metavar="FILE|DIR")
        verb.add_argument("--dry-run", action="store_true", help="only say what would change")
        verb.add_argument("--prune", action="store_true", help="delete what the file's sections do not have")
        verb = verbs.add_parser("diff", help="say how two configurations differ; “live” or - is this installation")
        verb.add_argument("first", metavar="A")
        verb.add_argument("second", metavar="B")
        verb.add_argument("--exit-code", action="store_true", help="end with 1 if they differ")

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            getattr(self, f"_{verb}")(**options)
        except ConfigRefused as refused:
            told = "\n".join(str(problem) for problem in refused.problems)
            raise CommandError(f"{told}\n{_counted(len(refused.problems))} refused; nothing was changed.") from None

    def _export(self, *, out: Path | None, only: Sequence[str], **_: Any) -> None:
        if out is None:
            self.stdout.write(export(only=only), ending="")
            return
        for name in export_to(out, only=only):
            self.stdout.write(name)

    def _apply(self, *, file: Path, dry_run: bool, prune: bool, **_: Any) -> None:
        plan = apply(read_file(file), dry_run=dry_run, prune=prune)
        self.stdout.write(plan_text(plan))
        if not plan.changes_nothing:
            self.stdout.write("Dry run: nothing was written." if dry_run else self.style.SUCCESS("Applied."))

    def _diff(self, *, first: str, second: str, exit_code: bool, **_: Any) -> None:
        files = [None if name in LIVE else read_file(Path(name)) for name in (first, second)]
        named = next((each for each in files if each), None)
        one, other = (each or live(like=named) for each in files)
        found = difference(one, other)
        self.stdout.write(found or "No difference.")
        if found and exit_code:
            sys.exit(1)


def _counted(number: int) -> str:
    return "1 value was" if number == 1 else f"{number} values were"
