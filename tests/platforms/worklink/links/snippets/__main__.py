"""python -m tests.platforms.worklink.links.snippets [servicenow …]: runs snippets in programs of this machine."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
django.setup()

from tests.platforms.worklink.links.snippets.by_hand import main  # noqa: E402  it needs the settings

main(sys.argv[1:])
