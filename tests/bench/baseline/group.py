"""A websocket group as the Channels tutorial makes it: one consumer, one group, one process."""

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

GROUP = "events"


class Consumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def event_told(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message["event"]))


@csrf_exempt
async def tell(request: HttpRequest) -> HttpResponse:
    """Pass the events of the body on to the group."""
    for event in json.loads(request.body):
        await get_channel_layer().group_send(GROUP, {"type": "event.told", "event": event})
    return HttpResponse(status=202)


urlpatterns = [path("tell", tell)]
application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": URLRouter([path("ws", Consumer.as_asgi())])}
)
