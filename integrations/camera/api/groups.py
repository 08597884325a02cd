"""Types of photo, as they guide field workers (4.5). Those of the catalogue that is active now."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.camera.api import telling
from integrations.camera.api.answers import GroupAnswer
from integrations.camera.api.asking import CameraView
from integrations.camera.api.schema import described
from integrations.camera.models import TaskGroup
from integrations.camera.services.refusals import NotHere


class _Groups(CameraView):
    def groups(self) -> Any:
        found = TaskGroup.objects.filter(version=self.site.active_version)
        return found.prefetch_related("tasks", "examples")


class Groups(_Groups):
    @described(
        operation_id="camera_list_groups", summary="List types of photo", responses={200: GroupAnswer(many=True)}
    )
    def get(self, request: Request) -> Response:
        return Response([telling.group(row, row.tasks.all()) for row in self.groups()])


class Group(_Groups):
    @described(
        operation_id="camera_get_group",
        summary="Read a type of photo",
        parameters=[OpenApiParameter("name", OpenApiTypes.STR, OpenApiParameter.PATH, description="Case counts.")],
        responses={200: GroupAnswer},
    )
    def get(self, request: Request, name: str) -> Response:
        row = None if "\x00" in name else self.groups().filter(name=name).first()
        if row is None:
            raise NotHere("There is no task group of this name in the active catalogue; upper and lower case count.")
        return Response(telling.group(row, row.tasks.all()))
