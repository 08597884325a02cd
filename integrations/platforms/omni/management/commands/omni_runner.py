import signal
from typing import Any

from django.core.management.base import BaseCommand

from integrations.platforms.omni.runner import Runner


class Command(BaseCommand):
    help = "Follow the OMNI Platforms of all connections until SIGTERM. Any number may run; one follows each."

    def handle(self, **options: Any) -> None:
        runner = Runner()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: runner.stop())
        runner.run()
