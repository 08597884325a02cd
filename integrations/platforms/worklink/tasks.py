from celery import shared_task

from integrations.core.drain import drain
from integrations.platforms.worklink import photos
from integrations.platforms.worklink.models import PhotoDownload


@shared_task(name=photos.TASK)
def download() -> None:
    drain(PhotoDownload, photos.download)
