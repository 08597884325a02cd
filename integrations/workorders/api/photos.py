"""Photos over HTTP: what is known of them, and links to the pictures."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from integrations.connections.api.views import ApiView, DetailView, ListView
from integrations.workorders.api.filters import PhotoFilter
from integrations.workorders.api.serializers import PhotoAnswer, PhotoRow
from integrations.workorders.models import Photo


class _Photos(ApiView):
    scope = "photos:read"
    tag = "Photos"

    def rows(self, workspace_id: int) -> QuerySet[Photo]:
        return Photo.objects.filter(workspace=workspace_id)


@extend_schema_view(
    get=extend_schema(
        operation_id="list_photos",
        summary="List photos",
        description="`link` leads to the picture, without a token, for some weeks; ask again for a new one.",
    )
)
class PhotoList(_Photos, ListView):
    serializer_class = PhotoRow
    filterset_class = PhotoFilter
    orderings = ("-id", "id", "created_at", "-created_at")

    def rows(self, workspace_id: int) -> QuerySet[Photo]:
        return super().rows(workspace_id).defer("metadata")


@extend_schema_view(get=extend_schema(operation_id="get_photo", summary="Read what is known of a photo"))
class PhotoDetail(_Photos, DetailView):
    serializer_class = PhotoAnswer
