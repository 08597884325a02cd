"""A token that signing in gave us, and how it is kept."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

# Renewed a little early, so that no request leaves with a token that ends on its way.
EARLY = timedelta(seconds=60)


@dataclass(frozen=True)
class Token:
    """An access token. `expires_at` None: until it is refused. `base_url`: where to use it, if the answer said so."""

    value: str
    expires_at: datetime | None = None
    refresh_token: str = ""
    base_url: str = ""

    def __repr__(self) -> str:
        return "Token(…)"

    def is_usable(self, *, now: datetime) -> bool:
        return bool(self.value) and (self.expires_at is None or now < self.expires_at)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"expires_at": self.expires_at.isoformat() if self.expires_at else None}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Token":
        texts = {name: kept.get(name) or "" for name in ("value", "refresh_token", "base_url")}
        expires_at = kept.get("expires_at")
        return cls(**texts, expires_at=datetime.fromisoformat(expires_at) if expires_at else None)


def end_of_life(seconds: float, *, now: datetime) -> datetime:
    """Return when a token that lives `seconds` is renewed: a minute early, at most a tenth of its life."""
    return now + timedelta(seconds=seconds) - min(EARLY, timedelta(seconds=seconds / 10))
