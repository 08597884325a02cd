"""What signing in needs to know of a connection."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from integrations.core.http import Gate, OutboundClient
from integrations.core.transport import TLS


@dataclass(repr=False)
class Account:
    """One account on another system, its secrets in the open. `gate` limits sign-ins like any other request."""

    connection_id: int
    platform: str
    auth_kind: str
    base_url: str = ""
    credentials: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    gate: Gate | None = None
    timeout: float = 20.0

    @cached_property
    def tls(self) -> TLS:
        """Client certificate and the customer's authorities, which any kind of credentials may have."""
        return TLS(
            client_pem=self.credentials.get("client_certificate") or "",
            authorities_pem=self.credentials.get("authorities") or "",
        )

    @cached_property
    def fingerprint(self) -> str:
        """Tells these credentials from those entered before or after: a token is good for its own only."""
        facts = [self.platform, self.auth_kind, self.base_url, dict(self.credentials), dict(self.settings)]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]

    def client(self, url: str) -> OutboundClient:
        """Return a client without credentials, for signing in at `url`."""
        return OutboundClient(base_url=url, tls=self.tls, gate=self.gate, timeout=self.timeout)
