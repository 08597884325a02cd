"""Tables, and a site whose photos wait for a person; in a process of its own: `python -m tests.camera.seeding …`."""

import json
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402  needs a set-up Django

from integrations.connections.models import Workspace  # noqa: E402
from integrations.schedules.models import ScheduledJob  # noqa: E402
from portal.supervisor.tables import make_tables  # noqa: E402
from tests.camera.making import make_group, make_site, make_token, make_version  # noqa: E402


def seed(*, token: str) -> None:
    make_tables()
    Workspace.default()
    site = make_site()
    make_group(make_version(site), "meter_front", engine="REVIEW")
    make_token(site, value=token)
    ScheduledJob.objects.update(due_at=timezone.now())


if __name__ == "__main__":
    seed(**json.loads(sys.argv[1]))
