"""Photos judged while their sender waits (4.6), and values that people put over a verdict (4.8)."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.camera.api import fetching, telling, waiting
from integrations.camera.api.answers import AnalysisAnswer, CorrectionAnswer
from integrations.camera.api.asking import CameraView, PlainParser, checked, uuid_of
from integrations.camera.api.orders import ID
from integrations.camera.api.schema import Refused, described
from integrations.camera.api.taking import AnalysisRequest, Correction
from integrations.camera.services import deciding, orders, submitting

EXAMPLE = {
    "inputs": [
        {"name": "image_input", "data": {"type": "image", "value": "https://fsm.example.com/p/1.jpg"}},
        {"name": "context", "data": {"type": "text", "value": "meter_front"}},
    ]
}


class PhotoParser(PlainParser):
    """A PDF of 8 MB in base64, and what is around it."""

    max_bytes = 12 * 1024 * 1024


class Analyze(CameraView):
    parser_classes = (PhotoParser,)

    @described(
        operation_id="camera_analyze",
        summary="Have a photo judged",
        description=(
            "Answers when the verdict is there. A photo that waits for a person is answered at once, its tasks without "
            "values. The same photo sent again is another input: after a timeout read the order first."
        ),
        parameters=[ID],
        request=AnalysisRequest,
        responses={
            200: AnalysisAnswer,
            502: OpenApiResponse(Refused, "The engine could not judge the photo, which is kept."),
            503: OpenApiResponse(Refused, "Too many analyses are waited for; nothing was kept."),
            504: OpenApiResponse(Refused, "No verdict within 35 s. The analysis goes on; do not send the photo again."),
        },
        examples=[OpenApiExample("a photo", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request, order_id: str) -> Response:
        order = self.order(order_id)
        orders.check_open(order)
        asked = checked(AnalysisRequest, request)
        group = orders.find_group(order, asked["inputs"]["context"])
        with waiting.place():
            content = fetching.content_of(asked["inputs"]["image_input"])
            metadata = asked.get("metadata")
            photo = submitting.submit(order, group, content, now=timezone.now(), metadata=metadata)
            return Response(telling.analysis(waiting.until_judged(photo), photo))


class Correct(CameraView):
    @described(
        operation_id="camera_correct_task",
        summary="Put a value over a task's outcome",
        description="Final. The task was analysed before; its id is that of the order's own catalogue version.",
        parameters=[ID, OpenApiParameter("task_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        request=Correction,
        responses={200: CorrectionAnswer},
    )
    def patch(self, request: Request, order_id: str, task_id: str) -> Response:
        order, task = self.order(order_id), uuid_of(task_id)
        value = checked(Correction, request)["corrected_value"]
        try:
            row = deciding.correct_task(order, task, value, by=self.caller, now=timezone.now())
        except deciding.NotAnalysed as error:
            raise ParseError(str(error)) from error
        return Response({"id": str(row.task.uuid), "state": telling.state(row.task, row)})
