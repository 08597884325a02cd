from celery import shared_task

from integrations.core.drain import drain
from integrations.platforms.worklink import importing, photos
from integrations.platforms.worklink.models import ImportJob, PhotoDownload


@shared_task(name=photos.TASK)
def download() -> None:
    drain(PhotoDownload, photos.download)


@shared_task(name=importing.TASK)
def import_pages() -> None:
    drain(ImportJob, importing.run)
