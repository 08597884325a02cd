"""Where the sockets of an endpoint connect: the address that the card shows, and that works as it is copied."""

from urllib.parse import urlencode

from django.conf import settings

from integrations.events.models import Endpoint, WebsocketAuth


def websocket_url(endpoint: Endpoint, *, with_key: bool) -> str:
    """Return a ws:// or wss:// address, as the public one is http or https; with a key if the endpoint wants it."""
    query = {"endpoint_id": str(endpoint.pk)}
    if with_key and endpoint.auth == WebsocketAuth.TOKEN:
        query["access"] = endpoint.access
    base = settings.PUBLIC_URL.replace("http", "ws", 1)
    return f"{base}/event-service/ws?{urlencode(query)}"
