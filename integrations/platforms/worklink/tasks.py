from celery import shared_task

from integrations.core.drain import drain
from integrations.platforms.worklink import importing, photos
from integrations.platforms.worklink.links import wishes
from integrations.platforms.worklink.listings import running
from integrations.platforms.worklink.models import CmsImport, ImportJob, LinkWish, PhotoDownload


@shared_task(name=photos.TASK)
def download() -> None:
    drain(PhotoDownload, photos.download)


@shared_task(name=wishes.TASK)
def issue_links() -> None:
    drain(LinkWish, wishes.grant)


@shared_task(name=running.TASK)
def import_lists() -> None:
    drain(CmsImport, running.run)


@shared_task(name=importing.TASK)
def import_pages() -> None:
    drain(ImportJob, importing.run)
