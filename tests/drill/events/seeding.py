"""Tables, a workspace, and the tokens of those who hand in, follow and configure: `python -m … '{"token": …}'`."""

import json
import sys

import django

django.setup()

from integrations.connections.models import ApiToken, Workspace  # noqa: E402  needs a set-up Django
from portal.supervisor.tables import make_tables  # noqa: E402

SCOPES = ["events:read", "events:write", "endpoints:read", "endpoints:write"]


def seed(*, token: str) -> None:
    make_tables()
    ApiToken.objects.create(
        workspace=Workspace.default(), name="Drill", token_hash=ApiToken.hash_of(token), scopes=SCOPES
    )


if __name__ == "__main__":
    seed(**json.loads(sys.argv[1]))
