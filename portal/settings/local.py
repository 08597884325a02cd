"""The embedded set-up: SQLite and a Valkey of our own, keys kept in the data directory."""

import os
from pathlib import Path

from portal.settings.environment import BASE_DIR, env

_data = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
for _name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS"):
    if _name not in os.environ and f"{_name}_FILE" not in os.environ:
        os.environ[f"{_name}_FILE"] = str(_data / "keys" / _name.lower())
# The broker of the running `make run`, so that commands given beside it wake its workers.
if "REDIS_URL" not in os.environ and (_data / "run" / "redis_url").exists():
    os.environ.setdefault("REDIS_URL_FILE", str(_data / "run" / "redis_url"))

from portal.settings.base import *  # noqa: E402,F403  the names above must be set first

# With HTTPS=1 pages come by https only; the plain port sends everyone there.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("HTTPS", default=False)
# This installation has an authority of its own: its https addresses in the local network are no other database's.
OWN_HTTPS = (_data / "tls" / "authority.crt").exists()
