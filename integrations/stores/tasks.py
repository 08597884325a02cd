from celery import shared_task

from integrations.core.drain import drain
from integrations.stores import loading
from integrations.stores.models import StoreLoad


@shared_task(name=loading.TASK)
def load() -> None:
    drain(StoreLoad, loading.run)
