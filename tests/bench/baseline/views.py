from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.bench.baseline.models import Photo, Webhook
from tests.bench.baseline.tasks import judge


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


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    class Meta:
        model = Photo
        fields = ("id", "file", "state", "measures")
        read_only_fields = ("state", "measures")


class PhotoView(APIView):
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def post(self, request: Request) -> Response:
        serializer = PhotoSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        judge.delay(serializer.save().pk)
        return Response(serializer.data, status=201)

    def get(self, _request: Request, pk: int) -> Response:
        return Response(PhotoSerializer(get_object_or_404(Photo, pk=pk)).data)
