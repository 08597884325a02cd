"""How often tokens may be guessed from one address. Counted in the cache; while that is down, nobody is refused."""

import hashlib
import logging

from django.core.cache import cache
from redis.exceptions import RedisError

from integrations.camera.services.refusals import TooManyGuesses

logger = logging.getLogger(__name__)

# So many different ones: a whole team may stand behind one address with the same wrong token in its app.
MOST, SECONDS = 50, 600


def check(address: str) -> None:
    """:raises TooManyGuesses:"""
    try:
        if int(cache.get(_key(address), 0)) >= MOST:
            raise TooManyGuesses
    except RedisError as error:
        logger.warning("guesses are not counted: %s", type(error).__name__)


def count(address: str, value: str) -> None:
    """Count a token that is not known, once however often it comes."""
    digest = hashlib.sha256(value.encode(errors="replace")).hexdigest()[:16]
    try:
        if cache.add(f"{_key(address)}:{digest}", 1, timeout=SECONDS):
            cache.add(_key(address), 0, timeout=SECONDS)
            cache.incr(_key(address))
    except (RedisError, ValueError) as error:  # ValueError: its time ended in between
        logger.warning("a guess was not counted: %s", type(error).__name__)


def _key(address: str) -> str:
    return f"camera:guesses:{address}"
