"""A client that no one here wrote, over a real socket: gql, with its checks against the schema it asks for."""

from typing import Any

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport

from tests.events.graphql.conftest import URL, new_token

pytestmark = pytest.mark.django_db(transaction=True)


def test_gql_learns_the_schema_and_works_by_it(live_server: Any) -> None:
    transport = RequestsHTTPTransport(f"{live_server.url}{URL}", headers={"token": new_token()})
    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        made = session.execute(gql('mutation { createWebSocketEndpoint(name: "gql") { id type } }'))
        listed = session.execute(gql("{ endpoints { totalCount collectionItems { id type } } }"))
        with pytest.raises(TransportQueryError) as refused:
            session.execute(gql('mutation { createWebSocketEndpoint(name: "") { id } }'))

    assert listed == {"endpoints": {"totalCount": 1, "collectionItems": [made["createWebSocketEndpoint"]]}}
    assert refused.value.errors
    assert refused.value.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
