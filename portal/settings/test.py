"""Tests: the same code and settings, throw-away keys, a database named by TEST_DATABASE_URL or SQLite."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_data = tempfile.mkdtemp(prefix="fieldport-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
(Path(_data) / "static").mkdir()
os.environ.setdefault("SECRET_KEY", "test-only-secret-key-" + "x" * 40)
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ=")
os.environ["DATA_DIR"] = _data
# Each process of a run has keys of its own in the broker.
os.environ["BROKER_PREFIX"] = os.environ.get("BROKER_PREFIX", "") + os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ.pop("DATABASE_URL", None)

from portal.settings.base import *  # noqa: E402,F403
from portal.settings.base import STORAGES  # noqa: E402
from portal.settings.database import database_from_url  # noqa: E402
from portal.settings.environment import env  # noqa: E402

DATABASES = {"default": database_from_url(env.str("PYTEST_DATABASE_URL", default=f"sqlite:///{_data}/test.sqlite3"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": f"{_data}/test.sqlite3"}
    # No test pulls the plug: waiting for the disk would only make them slow.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
AXES_ENABLED = False
