"""Rows that a bench needs, written in a process of its own: `python -m tests.bench.seeding source TOKEN`."""

import sys

import django

django.setup()

from integrations.connections.models import AuthKind, Connection  # noqa: E402  needs a set-up Django
from integrations.inbox.models import WebhookSource  # noqa: E402


def source(token: str) -> None:
    connection = Connection.objects.create(
        slug="bench", name="Bench", platform="worklink", base_url="https://cms.example.test", auth_kind=AuthKind.NONE
    )
    WebhookSource.objects.create(connection=connection, name="Bench", token=token)


if __name__ == "__main__":
    source(sys.argv[2])
