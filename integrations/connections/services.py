"""What connections can do: a client for each, its health, its test; tokens for our own API."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from integrations.connections import checks, client, health
from integrations.connections.capture import capture_reason
from integrations.connections.client import ConnectionClient
from integrations.connections.health import report_failure, report_success
from integrations.connections.models import ApiToken, Connection, Workspace
from integrations.core.errors import FieldportError, OutboundOff, Paused
from integrations.core.ids import random_token
from integrations.core.work import Claim

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SCOPE = re.compile(r"[a-z]+:[a-z]+")

__all__ = ["check", "is_capturing", "issue_token", "open_client", "report_failure", "report_success", "revoke_token"]


def open_client(
    connection: Connection,
    *,
    claim: Claim | None = None,
    allow_hosts: Collection[str] = (),
    for_writes: bool = False,
) -> ConnectionClient:
    """Return the only way to speak to a connection: credentials, limits, lease, capture and health are applied.

    `claim`: the work on whose behalf it is; its lease is renewed before sends. `allow_hosts`: other hosts that may be
    asked, without our credentials, as for downloads. `for_writes`: what it reads is read for a write, and may use the
    share of the daily quota that is kept for writes.

    :raises Paused: if the connection is paused
    """
    if connection.paused:
        raise Paused(f"The connection {connection.name} is paused; the work goes on when it is resumed.")
    return client.open_client(connection, claim=claim, allow_hosts=allow_hosts, for_writes=for_writes)


def is_capturing(connection: Connection) -> str:
    """Say why writes of this connection are recorded and not sent; empty if they are sent."""
    return capture_reason(connection)


def check(connection: Connection) -> str:
    """Try the connection at once, paused or failing or not; return a sentence for a person and note its health.

    :raises FieldportError: saying what does not work
    """
    connection.next_try_at = None  # a person asks: this copy of the row waits for nobody's try
    try:
        said = checks.check_of(connection.platform)(connection, client.open_client(connection))
    except OutboundOff:
        raise
    except FieldportError as error:
        health.report_failure(connection, error)
        raise
    report_success(connection)
    return said


def issue_token(
    name: str,
    *,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    by: "User | None" = None,
    workspace: Workspace | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for our API; the value is returned here and never shown again.

    :raises ValueError: naming a scope that is not written as `things:verb`
    """
    for scope in scopes:
        if not SCOPE.fullmatch(scope):
            raise ValueError(f"“{scope}” is not a scope; write it as workorders:read.")
    value = f"fp_{random_token(32)}"
    token = ApiToken.objects.create(
        name=name,
        workspace=workspace or Workspace.default(),
        prefix=value[:9],
        token_hash=ApiToken.hash_of(value),
        scopes=sorted(scopes),
        expires_at=expires_at,
        created_by=by,
    )
    return token, value


def revoke_token(token: ApiToken, *, now: datetime) -> bool:
    """End a token for good; False if it was revoked before."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now))
