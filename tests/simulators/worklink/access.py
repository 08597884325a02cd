"""Tokens of the CMS and what each may see."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

from tests.simulators.clock import Clock
from tests.simulators.engine.resolving import Doc

ALL_GROUPS_TOKEN = "worklink-demo-all-groups"
LIMITED_TOKEN = "worklink-demo-one-group"
SUPER_ADMIN_TOKEN = "worklink-demo-super-admin"
PASSWORD = "worklink-demo-password"
SESSION_DAYS = 30
SIGNING_KEY = secrets.token_hex(32)
# The four forms of 4.2: Token token=x, Token x, Bearer token=x, Bearer x
_AUTHORIZATION = re.compile(r'^(?:Token|Bearer)\s+(?:token=)?"?([^"\s]+)"?$', re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """`group`: the only group whose content is visible; None: all. Super admins must name the tenant."""

    name: str
    group: str | None = None
    super_admin: bool = False
    ends_at: datetime | None = None

    def sees(self, doc: Doc) -> bool:
        return self.group is None or doc.get("_group") in (None, self.group)


class Tokens:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, Token] = {}

    def set_up(self, limited_to: str) -> None:
        self._tokens = {
            ALL_GROUPS_TOKEN: Token("all groups"),
            LIMITED_TOKEN: Token("one group", group=limited_to),
            SUPER_ADMIN_TOKEN: Token("super admin", super_admin=True),
        }

    def find(self, authorization: str) -> Token | None:
        match = _AUTHORIZATION.match(authorization)
        token = self._tokens.get(match.group(1)) if match else None
        expired = token is not None and token.ends_at is not None and token.ends_at <= self._clock.now()
        return None if expired else token

    def sign_in(self, username: str) -> str:
        """A session token in the shape of a JWT, good for 30 days or until sign-out."""
        ends_at = self._clock.now() + timedelta(days=SESSION_DAYS)
        claims = {"sub": username, "exp": int(ends_at.timestamp()), "jti": secrets.token_hex(8)}
        value = jwt.encode(claims, SIGNING_KEY, algorithm="HS256")
        self._tokens[value] = Token(f"session of {username}", ends_at=ends_at)
        return value

    def revoke_sessions(self) -> None:
        """Every session token issued so far is refused from now on."""
        self._tokens = {value: token for value, token in self._tokens.items() if token.ends_at is None}

    def revoke(self, value: str) -> None:
        self._tokens.pop(value, None)
