"""How often a token may call. Counted in the cache; while that is down, nobody is refused.

What is left is told as draft-ietf-httpapi-ratelimit-headers has it: `RateLimit` and `RateLimit-Policy`.
"""

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from integrations.connections.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module, as the settings name it

logger = logging.getLogger(__name__)


class TokenThrottle(SimpleRateThrottle):
    """As many requests per token as `API_RATE` says ("1200/min"), over all views."""

    scope = "token"
    counted = False
    num_requests: int
    duration: int

    def headers(self) -> dict[str, str]:
        """Return what an answer says of the limit; nothing where calls are not counted."""
        if not self.counted:
            return {}
        left = max(0, self.num_requests - len(self.history))
        soon = max(0, round(self.history[-1] + self.duration - self.now)) if self.history else 0
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"{self.scope}";r={left};t={soon}',
        }

    def get_rate(self) -> str:
        return str(settings.API_RATE)

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        return f"throttle:token:{request.user.pk}" if request.user else None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        try:
            allowed = bool(super().allow_request(request, view))
            self.counted = True
            return allowed
        except RedisError as error:
            logger.warning("calls are not counted: %s", type(error).__name__)
            return True


def seconds_to_wait(token: ApiToken) -> float:
    """Count a call that does not come through the REST API; 0: it may go on, else it is one too many."""
    throttle = TokenThrottle()
    request = cast(Request, SimpleNamespace(user=token))
    return 0 if throttle.allow_request(request, cast("APIView", None)) else throttle.wait() or 1
