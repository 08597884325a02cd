"""Makes database, static files, first account and demonstration ready, and writes what it found into a file.

Run by the supervisor as `python -m portal.supervisor.prepare`, once per start; all of it is safe to repeat.
"""

import argparse
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portal.supervisor.prepare", description=__doc__)
    parser.add_argument("--answer", type=Path, required=True, help="file for the JSON answer")
    parser.add_argument("--worklink", help="base URL of the simulated WorkLink CMS")
    parser.add_argument("--record", help="base URL of the sample system of record")
    parser.add_argument("--deepomatic", help="base URL of the simulated Deepomatic site")
    parser.add_argument("--omni", help="base URL of the simulated OMNI Platform")
    parser.add_argument("--web", help="base URL at which the web server will listen")
    options = parser.parse_args()
    try:
        django.setup()
        found = prepare(options)
    except (ImproperlyConfigured, CommandError) as refusal:
        sys.exit(str(refusal))
    options.answer.touch(mode=0o600)
    options.answer.write_text(json.dumps(found))


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    from integrations.connections.installation import check_start
    from portal.supervisor.static_files import collect_if_changed
    from portal.supervisor.tables import make_tables

    make_tables()
    found: dict[str, Any] = {"held_back": check_start(), "webhook_url": "", "camera_token": "", "camera_key": ""}
    collect_if_changed()
    found["password"] = _ensure_admin()
    if options.worklink:
        from integrations.desk.demo import camera_key, camera_token, fill_in

        urls = {f"{name}_url": getattr(options, name) for name in ("worklink", "record", "deepomatic", "omni")}
        found["webhook_url"] = options.web + fill_in(**urls)
        found["camera_token"], found["camera_key"] = camera_token(), camera_key()
    return found


def _ensure_admin() -> str:
    """Create the first account; return its password, or "" if there is an administrator already."""
    from django.contrib.auth import get_user_model

    users = get_user_model()._default_manager
    if users.filter(is_superuser=True).exists():
        return ""
    password = secrets.token_urlsafe(12)
    users.create_superuser("admin", password=password)
    return password


if __name__ == "__main__":
    main()
