"""One import of all sessions, done in this process; prints what it took: `python -m tests.bench.import_worker`."""

import json
import resource
import time

import django

django.setup()

from integrations.connections.models import Connection  # noqa: E402  needs a set-up Django
from integrations.core import wake  # noqa: E402
from integrations.core.drain import drain  # noqa: E402
from integrations.core.work import WorkState  # noqa: E402
from integrations.platforms.worklink import importing  # noqa: E402
from integrations.platforms.worklink.models import ImportJob  # noqa: E402


def main() -> None:
    wake._send = lambda task, countdown: None  # nobody listens
    job = ImportJob.objects.create(connection=Connection.objects.get(slug="cms"))
    began = time.monotonic()
    while ImportJob.objects.get(pk=job.pk).state in (WorkState.DUE, WorkState.RUNNING):
        drain(ImportJob, importing.run)
    seconds, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    assert ImportJob.objects.get(pk=job.pk).state == WorkState.DONE, ImportJob.objects.get(pk=job.pk).note
    figures = {"seconds": seconds, "cpu_seconds": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
