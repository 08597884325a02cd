"""What a listed object of the CMS says, as the columns of our rows. Pure; anything may be missing."""

from collections.abc import Mapping
from typing import Any

from integrations.platforms.worklink.contacts.matrix import licence_of
from integrations.platforms.worklink.mapping import inner, node_list, text_of, time_of, unique

Node = Mapping[str, Any]


def scenario(node: Node) -> dict[str, Any]:
    """Return the columns that the node has: inside of a catalog it says less than in its own list."""
    values = {"database_id": text_of(node.get("databaseId"), most=64), "name": _name(node)}
    if "originGroup" in node:
        values["group"] = text_of(inner(node, "originGroup", "name"))
    return values | ({"published_at": time_of(node["publishedAt"])} if "publishedAt" in node else {})


def catalog(node: Node) -> dict[str, Any]:
    values = {"database_id": text_of(node.get("databaseId"), most=64), "name": _name(node)}
    if "externalAssetId" in node:
        values["external_asset_id"] = text_of(node["externalAssetId"], most=200)
    return values


def contact(node: Node) -> dict[str, Any] | None:
    """Return the columns of a user who can be called; None for one without a call id."""
    call_id = text_of(node.get("callId"), most=200).strip()
    if not call_id:
        return None
    values = {
        "database_id": text_of(node.get("databaseId"), most=64),
        "name": _person(node) or call_id,
        "email": text_of(node.get("email"), most=254),
        "call_id": call_id,
    }
    if "groups" in node:
        values["group"] = ", ".join(unique([text_of(each.get("name")) for each in node_list(node["groups"])]))[:300]
    given = next((node[name] for name in ("licenseType", "license") if name in node), None)
    return values | ({"licence": licence_of(text_of(given)) or ""} if given is not None else {})


def _name(node: Node) -> str:
    return text_of(node.get("name")) or text_of(node.get("databaseId")) or text_of(node.get("id"))


def _person(node: Node) -> str:
    parts = [text_of(node.get(name)) for name in ("firstName", "lastName")]
    return text_of(node.get("name")) or " ".join(filter(None, parts)) or text_of(node.get("username"))
