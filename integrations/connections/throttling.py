"""How often a token may call. Counted in the cache; while that is down, nobody is refused."""

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module, as the settings name it

logger = logging.getLogger(__name__)


class TokenThrottle(SimpleRateThrottle):
    """As many requests per token as `API_RATE` says ("1200/min"), over all views."""

    scope = "token"

    def get_rate(self) -> str:
        return str(settings.API_RATE)

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        return f"throttle:token:{request.user.pk}" if request.user else None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        try:
            return bool(super().allow_request(request, view))
        except RedisError as error:
            logger.warning("calls are not counted: %s", type(error).__name__)
            return True
