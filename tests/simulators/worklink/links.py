"""Opening deep links as the app does: catalog choices or contacts, then a session or a call with the external data.

Its own reading of the links, apart from the product's: each is checked by the other.
"""

import html
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from tests.simulators.worklink.state import WorkLinkState

DEFERRED = "https://getworklink.com/deferred?"
TARGETS = {"action", "asset", "catalog", "scenario", "user", "contact", "group"}
STORES = {"App Store": "https://apps.apple.com/", "Google Play": "https://play.google.com/"}


class LinkNotOpened(ValueError):
    """What the app says instead of opening: "catalog not found", for example."""


@dataclass(frozen=True)
class Opened:
    """What the user sees after the link was opened; `handle` stands for it in what he does next."""

    handle: str
    action: str
    user: str | None
    external_data: dict[str, Any]
    scenarios: list[str]
    contacts: list[str]


class Links:
    def __init__(self, state: WorkLinkState) -> None:
        self._state = state
        self._opened: dict[str, Opened] = {}

    def open(self, url: str, *, user: str | None = None) -> Opened:
        action, aim, external_data = _read(url)
        with self._state.lock:
            scenarios = self._scenarios(action, aim)
            contacts = self._contacts(action, aim)
        opened = Opened(secrets.token_hex(8), action, user, external_data, scenarios, contacts)
        self._opened[opened.handle] = opened
        return opened

    def of(self, handle: str) -> Opened:
        if handle not in self._opened:
            raise LookupError(f"no link was opened with the handle {handle!r}")
        return self._opened[handle]

    def _scenarios(self, action: str, aim: dict[str, str]) -> list[str]:
        if action == "fetch_scenario":
            return [str(self._one("Scenario", aim.get("scenario", ""), "scenario")["id"])]
        if action != "fetch_catalog":
            return []
        if "asset" in aim:
            catalogs = self._state.nodes.all("ScenarioCatalog")
            found = [each for each in catalogs if each["externalAssetId"] == aim["asset"]]
            if not found:
                raise LinkNotOpened("catalog not found")
            catalog = found[0]
        else:
            catalog = self._one("ScenarioCatalog", aim.get("catalog", ""), "catalog")
        return list(catalog["_scenarios"])

    def _contacts(self, action: str, aim: dict[str, str]) -> list[str]:
        users = self._state.nodes.all("User")
        if action == "fetch_user":
            found = [each["callId"] for each in users if each["callId"] == aim.get("user")]
            if not found:
                raise LinkNotOpened("user not found")
            return found
        return [each["callId"] for each in users] if action in ("fetch_company_contact", "fetch_contact_list") else []

    def _one(self, typename: str, reference: str, named: str) -> dict[str, Any]:
        doc = self._state.nodes.find(typename, reference)
        if doc is None:
            raise LinkNotOpened(f"{named} not found")
        return doc


def deferred_page(deep_link: str) -> str:
    """The page that a phone without the app lands on."""
    target = html.escape(deep_link, quote=True)
    here = html.escape(f"/_sim/open?url={quote(deep_link, safe='')}", quote=True)
    stores = "".join(f'<li><a href="{address}">{name}</a></li>' for name, address in STORES.items())
    return (
        "<!doctype html><title>Open in WorkLink</title><h1>Open in WorkLink</h1>"
        f'<p><a href="{target}">Open in WorkLink</a></p><p>Not installed yet?</p><ul>{stores}</ul>'
        f'<form method="post" action="{here}"><button>Open in simulator</button></form>'
    )


def _read(url: str) -> tuple[str, dict[str, str], dict[str, Any]]:
    if url.startswith(DEFERRED):
        url = dict(parse_qsl(url.removeprefix(DEFERRED))).get("deep_link", "")
    parts = urlsplit(url)
    if (parts.scheme, parts.netloc) != ("worklink", "resource"):
        raise LinkNotOpened("not a WorkLink link")
    aim: dict[str, str] = {}
    external_data: dict[str, Any] = {}
    for key, value in parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True):
        if key in TARGETS:
            aim[key] = value
        else:
            _put(external_data, key, value)
    return aim.pop("action", ""), aim, external_data


def _put(data: dict[str, Any], key: str, value: str) -> None:
    name, *inner = re.findall(r"[^\[\]]+|\[\]", key)
    place, last = data, name
    for each in inner:
        if each == "[]":
            place.setdefault(last, []).append(value)
            return
        place = place.setdefault(last, {})
        last = each
    place[last] = value
