"""Where files of stores lie: below one folder of the installation, so that no form writes anywhere else."""

from pathlib import Path

from django.conf import settings

from integrations.stores.models import DataStore


def folder_of(store: DataStore) -> Path:
    """Return the folder of a store; its short name has letters, digits, - and _ only."""
    return Path(settings.STORES_DIR) / store.slug
