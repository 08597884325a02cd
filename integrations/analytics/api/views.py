"""The report over HTTP, with the conditions of its page."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.analytics.api.serializers import ReportAnswer, ReportQuery, answer
from integrations.analytics.asking import ReportForm
from integrations.analytics.selectors.figures import figures
from integrations.connections.api.views import ApiView
from integrations.connections.models import Workspace


class TimeToResolution(ApiView):
    """How long jobs took, with a remote-assistance call and without."""

    scope = "reports:read"
    tag = "Reports"

    @extend_schema(
        operation_id="get_time_to_resolution",
        summary="Read the report on time to resolution",
        description="It compares and does not explain: harder jobs attract calls. See docs/reports.md for the method.",
        parameters=[ReportQuery],
        responses={200: ReportAnswer},
    )
    def get(self, request: Request) -> Response:
        query = ReportQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        form = ReportForm(query.data, workspace=Workspace.objects.get(pk=self.workspace_id))
        if not form.is_valid():
            raise ValidationError({name: list(map(str, said)) for name, said in form.errors.items()})
        return Response(answer(figures(form.chosen), form.chosen))
