"""Applying a ready configuration to a double, as an administrator would to the real system."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from integrations.connections.models import Connection
from integrations.core.config.applying import apply
from integrations.core.config.reading import read_file
from integrations.platforms import generic

READY = Path(generic.__file__).parent / "ready"


def apply_ready(
    system: str, url: str, *, secrets: dict[str, str], only: tuple[str, ...] = (), **values: Any
) -> Connection:
    """Apply `ready/<system>/fieldport.yaml` with the double's addresses; `values` change the connection's entry.

    `only`: the credentials of the file that stay. Every secret must be in `secrets`, by the variable that the file
    names.
    """
    document = read_file(READY / system / "fieldport.yaml")
    entry: dict[str, Any] = document.value["connections"][system]
    if "base_url" in entry:
        entry["base_url"] = url + urlsplit(entry["base_url"]).path
    if token_url := entry["credentials"].get("token_url"):
        entry["credentials"]["token_url"] = url + urlsplit(token_url).path
    if only:
        entry["credentials"] = {name: entry["credentials"][name] for name in only}
    entry["credentials"] |= values.pop("credentials", {})
    entry |= {"rate_per_second": 500.0, "write_from": "2020-01-01T00:00:00Z", **values}
    apply(document, resolve=lambda reference: secrets[reference["env"]])
    return Connection.objects.get(slug=system)
