from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.connections.installation import StartRefused, check_start


class Command(BaseCommand):
    help = "Check that the encryption keys open this database's secrets, and which address it last served."
    requires_system_checks = ()

    def handle(self, **_: Any) -> None:
        try:
            reason = check_start()
        except StartRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Writes are recorded, not sent. {reason}" if reason else "Ready to start.")
