"""Celery: hints that there is work. The rows in the database are the truth, so no result and no late ack is kept."""

from kombu import Exchange, Queue

from portal.settings.environment import env

CELERY_BROKER_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
# A hint lost with its worker is said again by the sweep; a late ack would bring it back an hour later.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1.0,
    "socket_timeout": 5.0,
    "socket_keepalive": True,
    "global_keyprefix": env.str("BROKER_PREFIX", default=""),
}
# A worker serves every queue unless it is started with -Q.
QUEUES = (
    *("inbox", "events", "pictures", "outbox", "sync", "scripts", "readiness", "camera", "schedules"),
    *("worklink", "deepomatic", "omni", "generic", "stores"),
)
CELERY_TASK_DEFAULT_QUEUE = "default"
# Each with an exchange and key of its own: queues that share them would each get every message.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in (*QUEUES, CELERY_TASK_DEFAULT_QUEUE)]
CELERY_TASK_ROUTES = {f"{app}.*": {"queue": app} for app in QUEUES}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULER = "integrations.schedules.scheduler:HeartbeatScheduler"
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "schedules.tick",
        "schedule": env.float("SWEEP_SECONDS", default=5.0),
        "options": {"expires": 30},
    }
}
