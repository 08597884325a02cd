"""Production: nothing is guessed; what is missing stops the start."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import PUBLIC_URL
from portal.settings.environment import env

env.str("DATABASE_URL")
env.str("REDIS_URL")
env.str("PUBLIC_URL")
env.list("ALLOWED_HOSTS")

SCRIPT_JAIL_REQUIRED = env.str("SCRIPT_JAIL_REQUIRED", default="seccomp")
HEIC_JAIL_REQUIRED = env.str("HEIC_JAIL_REQUIRED", default="seccomp")

if PUBLIC_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
