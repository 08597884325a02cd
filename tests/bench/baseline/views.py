from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.bench.baseline.models import Webhook


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    class Meta:
        model = Webhook
        fields = ("source", "payload", "headers")


class ReceiveView(APIView):
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def post(self, request: Request, source: str) -> Response:
        serializer = WebhookSerializer(
            data={"source": source, "payload": request.data, "headers": dict(request.headers)}
        )
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(status=200)
