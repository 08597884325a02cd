"""A plain Django project with DRF, as its tutorial makes it."""

import environ

env = environ.Env()
SECRET_KEY = "baseline"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "tests.bench.baseline"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = env.str("ROOT_URLCONF", default="tests.bench.baseline.urls")
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}}
DATABASES = {"default": {**env.db_url("DATABASE_URL"), "CONN_MAX_AGE": None}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
CELERY_BROKER_URL = env.str("REDIS_URL", default="")
CELERY_TASK_IGNORE_RESULT = True
CMS_URL = env.str("CMS_URL", default="")
CMS_TOKEN = env.str("CMS_TOKEN", default="")
RECORD_URL = env.str("RECORD_URL", default="")
RECORD_TOKEN = env.str("RECORD_TOKEN", default="")
MEDIA_ROOT = env.str("DATA_DIR", default="")
