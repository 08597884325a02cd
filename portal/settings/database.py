"""Database settings from one URL: SQLite tuned to be durable, PostgreSQL with persistent connections."""

from typing import Any

import environ

# FULL: NORMAL may lose the last commits at a power cut. IMMEDIATE: a deferred upgrade from read to write fails at once.
SQLITE_OPTIONS = {
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
}


def database_from_url(url: str) -> dict[str, Any]:
    """Return Django's DATABASES entry for a `sqlite:///path` or `postgres://…` URL."""
    config: dict[str, Any] = environ.Env.db_url_config(url)
    config["CONN_MAX_AGE"] = None
    config["CONN_HEALTH_CHECKS"] = True
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = SQLITE_OPTIONS | config.get("OPTIONS", {})
    return config
