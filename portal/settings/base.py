"""Settings common to all set-ups. Every variable may also come from a file named by `<NAME>_FILE`."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from portal.settings.database import database_from_url
from portal.settings.environment import BASE_DIR, env
from portal.settings.references import from_file, from_variable
from portal.settings.storage import storages

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
SECRET_KEY = env.str("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
# Whether `make run` has served https here.
OWN_HTTPS = False

DATABASES = {"default": database_from_url(env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/fieldport.sqlite3"))}
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("BROKER_PREFIX", default="") + "fieldport",
    }
}

PLATFORM_APPS = [f"integrations.platforms.{name}" for name in ("worklink", "deepomatic", "omni", "generic")]
INSTALLED_APPS = [
    "integrations.desk",
    "integrations.stores",
    "integrations.analytics",
    *PLATFORM_APPS,
    "integrations.scripts",
    "integrations.readiness",
    "integrations.sync",
    "integrations.camera",
    "integrations.workorders",
    "integrations.events",
    "integrations.inbox",
    "integrations.outbox",
    "integrations.schedules",
    "integrations.connections",
    "integrations.core",
    "integrations.desk.admin_config.FieldportAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "axes",
]

MIDDLEWARE = [
    "portal.monitoring.MonitoringMiddleware",
    "integrations.core.middleware.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "integrations.core.middleware.StorageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]

ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
SILENCED_SYSTEM_CHECKS = ["models.W040"]  # columns beside an index are for PostgreSQL; SQLite does without

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    **storages(DATA_DIR),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# How secrets are found that a configuration file names (`manage.py config apply`).
CONFIG_REFERENCES: dict[str, Callable[[str], str]] = {
    "env": from_variable,
    "file": partial(from_file, data_dir=DATA_DIR),
}

# What may leave: live, capture (writes are recorded, not sent) or off.
OUTBOUND = env.str("OUTBOUND", default="live")
if OUTBOUND not in ("live", "capture", "off"):
    raise ImproperlyConfigured(f"OUTBOUND is {OUTBOUND!r}; it must be live, capture or off.")
# Addresses outside the public internet that may be reached: networks (10.20.0.0/16) and exact host:port.
OUTBOUND_ALLOW = env.list("OUTBOUND_ALLOW", default=[])
# Empty: /metrics is open to whoever reaches it; it holds counts only.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
WEBHOOK_MAX_BYTES = env.int("WEBHOOK_MAX_BYTES", default=256 * 1024)
# Where the files of data stores are made; no form writes elsewhere.
STORES_DIR = Path(env.str("STORES_DIR", default=str(DATA_DIR / "stores"))).resolve()
# Destinations of dlt whose drivers open connections past the address guard, such as snowflake: none is let in.
STORE_DESTINATIONS = env.list("STORE_DESTINATIONS", default=[])
# What dlt is told, by the environment as it wants it: its files in our folder, no telemetry, few words.
_LIBRARY = str(DATA_DIR / "stores" / "library")
STORE_LIBRARY = {
    "DLT_DATA_DIR": _LIBRARY,
    "DLT_PROJECT_DIR": _LIBRARY,
    "DLT_DISABLE_PLUGINS": "1",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
}
os.environ.update(STORE_LIBRARY)
# With less left on the disk no photo is accepted, and /readyz says so.
DISK_MIN_FREE_MB = env.int("DISK_MIN_FREE_MB", default=500)
# Shorter leases find a dead worker sooner; every request must fit into one.
WORK_LEASE_SECONDS = env.float("WORK_LEASE_SECONDS", default=60.0)
# Of these, over all machines, one script or one system that scripts write to takes at most half.
SCRIPT_WORKERS = env.int("SCRIPT_WORKERS", default=env.int("WORKER_PROCESSES", default=2))
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=5.0)
# Sockets of one endpoint of the event service, over all web servers.
WEBSOCKETS_PER_ENDPOINT = env.int("WEBSOCKETS_PER_ENDPOINT", default=32)

from portal.settings.components.api import *  # noqa: E402,F403  settings are split by subject
from portal.settings.components.celery import *  # noqa: E402,F403
from portal.settings.components.logging import *  # noqa: E402,F403
from portal.settings.components.security import *  # noqa: E402,F403
