"""One webhook as a plain Celery task: a row, a request, the row again. Run with URL and count, the body by stdin."""

import os
import sys

import django
import requests
from celery import Celery
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.baseline.settings")
django.setup()

from tests.bench.baseline.models import Outgoing  # noqa: E402  needs a set-up Django

app = Celery("baseline")
app.config_from_object("django.conf:settings", namespace="CELERY")
http = requests.Session()


@app.task(name="baseline.deliver", ignore_result=True)
def deliver(pk: int) -> None:
    row = Outgoing.objects.get(pk=pk)
    headers = {"Content-Type": "application/json"}
    http.post(row.url, data=row.body.encode(), headers=headers, timeout=10).raise_for_status()
    row.delivered_at = timezone.now()
    row.save()


def main(url: str, count: int, body: str) -> None:
    for _ in range(count):
        deliver.delay(Outgoing.objects.create(url=url, body=body).pk)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.stdin.read())
