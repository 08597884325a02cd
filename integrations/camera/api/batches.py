"""Batches: a ZIP file of many orders, sent to an address of its own (4.9)."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.camera.api.answers import Texts
from integrations.camera.api.asking import CameraView, checked, uuid_of
from integrations.camera.api.schema import described
from integrations.camera.api.taking import StrictText
from integrations.camera.api.telling import time
from integrations.camera.models import Batch, BatchState
from integrations.camera.services import batching
from integrations.camera.services.refusals import Malformed, NotHere, NotNow, Refusal
from integrations.camera.services.uploading import WrongOffset
from integrations.core import signing

PURPOSE, LASTS = "camera.batch", timedelta(days=7)
RANGE = re.compile(r"bytes (?:(\d{1,12})-(\d{1,12})|\*)/(\d{1,12})")
RESUME = 308
ID = OpenApiParameter("batch_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class BatchDescription(serializers.Serializer[Any]):
    filename = StrictText(max_length=200, required=False, default="", allow_blank=True)


class MadeOrder(serializers.Serializer[Any]):
    name = serializers.CharField()
    id = serializers.UUIDField()


class BatchAnswer(serializers.Serializer[Any]):
    batch_id = serializers.UUIDField()
    upload_url = serializers.URLField(help_text="PUT the ZIP file there, without a key: it is signed, for a week.")
    filename = serializers.CharField()
    status = serializers.ChoiceField(BatchState.values)
    size = serializers.IntegerField(allow_null=True)
    received = serializers.IntegerField()
    photos = serializers.IntegerField()
    photos_taken = serializers.IntegerField()
    work_orders = MadeOrder(many=True)
    errors = Texts(child=serializers.CharField(), help_text="What was refused, and why.")  # type: ignore[assignment]  # taken off the class
    create_date = serializers.DateTimeField()


def told(batch: Batch) -> dict[str, Any]:
    token = signing.sign_until(str(batch.uuid), purpose=PURPOSE, expires_at=batch.created_at + LASTS)
    return {
        "batch_id": str(batch.uuid),
        "upload_url": settings.PUBLIC_URL + reverse("camera:api_batch_upload", args=[token]),
        "filename": batch.filename,
        "status": batch.state,
        "size": batch.size,
        "received": batch.received,
        "photos": batch.photos,
        "photos_taken": batch.taken,
        "work_orders": batch.orders,
        "errors": batch.problems,
        "create_date": time(batch.created_at),
    }


class Batches(CameraView):
    rights = {"POST": "add"}

    @described(
        operation_id="camera_create_batch",
        summary="Announce a ZIP file of many orders",
        description=(
            "PUT the file to `upload_url`, whole or in pieces: `Content-Range: bytes a-b/total`. An incomplete file is "
            "answered with 308 and `Range: bytes=0-n`; `Content-Range: bytes */total` without a body asks how much is "
            "there."
        ),
        request=BatchDescription,
        responses={201: BatchAnswer},
    )
    def post(self, request: Request) -> Response:
        filename = checked(BatchDescription, request)["filename"]
        made = batching.create(self.key, filename=filename, now=timezone.now())
        return Response(told(made), status=status.HTTP_201_CREATED)


class OneBatch(CameraView):
    @described(
        operation_id="camera_get_batch",
        summary="Read how far a batch is",
        parameters=[ID],
        responses={200: BatchAnswer},
    )
    def get(self, request: Request, batch_id: str) -> Response:
        return Response(told(batching.find(self.key, uuid_of(batch_id))))

    @described(
        operation_id="camera_delete_batch",
        summary="Forget a batch",
        description="It is not taken in any further; orders that were made stay.",
        parameters=[ID],
        responses={204: None},
    )
    def delete(self, request: Request, batch_id: str) -> Response:
        batching.delete(batching.find(self.key, uuid_of(batch_id)))
        return Response(status=status.HTTP_204_NO_CONTENT)


@csrf_exempt
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """Keep a piece of the file: 308 with `Range` until all is here, then 200. The address is the credential."""
    if request.method != "PUT":
        return JsonResponse({"detail": "The file is sent by PUT."}, status=405, headers={"Allow": "PUT"})
    try:
        return _progress(_taken(request, token))
    except WrongOffset as error:
        return _refused(error, received=error.received)
    except Refusal as error:
        return _refused(error)


def _taken(request: HttpRequest, token: str) -> Batch:
    try:
        uuid = UUID(signing.read_signed(token, purpose=PURPOSE, now=timezone.now()))
    except signing.LinkRefused as error:
        raise NotHere(str(error)) from error
    batch = Batch.objects.filter(uuid=uuid, key__revoked_at__isnull=True, key__user__is_active=True).first()
    if batch is None:
        raise NotHere
    first, last, total = _range(request)
    if first is None:
        return batch
    return batching.take(batch, request, offset=first, length=last - first + 1, total=total, now=timezone.now())


def _range(request: HttpRequest) -> tuple[int | None, int, int]:
    """Return first and last byte and the whole's length; no first: it is only asked. :raises Malformed:"""
    length, said = request.headers.get("Content-Length", ""), request.headers.get("Content-Range", "")
    if not said and length.isdecimal() and 0 < int(length) < 10**12:
        return 0, int(length) - 1, int(length)
    found = RANGE.fullmatch(said)
    if found is None:
        raise Malformed("Content-Range is bytes first-last/total, or bytes */total to ask how much is here.")
    if found[1] is None:
        return None, 0, int(found[3])
    first, last, total = int(found[1]), int(found[2]), int(found[3])
    if not first <= last < total:
        raise Malformed("Content-Range ends before it begins, or beyond the end of the file.")
    return first, last, total


def _progress(batch: Batch) -> HttpResponse:
    if batch.state != BatchState.UPLOADING:
        return JsonResponse({"batch_id": str(batch.uuid), "status": batch.state})
    answer = HttpResponse(status=RESUME)
    if batch.received:
        answer["Range"] = f"bytes=0-{batch.received - 1}"
    return answer


def _refused(error: Refusal, *, received: int = 0) -> JsonResponse:
    answer = JsonResponse({"detail": str(error)}, status=error.answer)
    if received:
        answer["Range"] = f"bytes=0-{received - 1}"
    if isinstance(error, NotNow):
        answer["Retry-After"] = str(error.wait)
    return answer
