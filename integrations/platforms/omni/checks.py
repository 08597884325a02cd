"""What "test connection" does: asks both APIs what they can do, and says it in words."""

from integrations.connections.models import Connection
from integrations.core import clock, graphql
from integrations.core.errors import FieldportError
from integrations.core.http import OutboundClient
from integrations.platforms.omni import directory, probing
from integrations.platforms.omni.abilities import INTROSPECTION, Abilities
from integrations.platforms.omni.client import OmniClient
from integrations.platforms.omni.options import LABEL, name_of

SHY = "It does not tell its schema: endpoint and filter are made, but cannot be changed or deleted from here."


def check(connection: Connection, http: OutboundClient) -> str:
    """:raises FieldportError: saying what does not work"""
    client = OmniClient(http, able=Abilities())
    probing.probe(connection, client, now=clock.now())
    able = client.able
    said = [f"{LABEL} answered."]
    if not able.told:
        said.append(SHY)
    elif not able.has_filters:
        said.append("It is older than 1.18: one websocket for each type of event, and no filters there.")
    if able.told and (endpoints := client.endpoints()) is not None:
        ours = sum(each.name == name_of(connection) for each in endpoints)
        said.append(f"It has {len(endpoints)} event endpoints, {ours} of them ours.")
    said.append(_main_api(connection, http))
    return " ".join(said)


def _main_api(connection: Connection, http: OutboundClient) -> str:
    path = str(connection.setting("main_api"))
    try:
        reply = graphql.execute(http, path, INTROSPECTION, effect=False)
    except FieldportError as error:
        return f"Its main API at {path} does not answer, so cameras and profiles are known from events alone: {error}"
    found = [each.name for each in directory.listings(reply.data)] if reply.data and reply.data.get("__schema") else []
    return f"Its main API lists {', '.join(found)}." if found else "Its main API tells of no lists."
