import base64
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pytest_django.fixtures import Settings

from integrations.camera.engines.checks import SettingsRefused
from integrations.camera.engines.contract import EngineFailed, Message, Outcome, Verdict
from integrations.camera.engines.http import Http, read_options
from integrations.core.errors import AddressRefused, PermanentError, TransientError
from integrations.core.http import OutboundClient
from tests.camera.engines.making import Reported, group, picture, task
from tests.core.local_servers import Reply, Seen, Server, serving

TASKS = (task("seal", "Boolean"), task("serial"), task("ports", "Number"))
ANSWER = {
    "id": "p-17",
    "confidence": 0.9,
    "predictions": [{"label": "seal", "box": [0.1, 0.2, 0.3, 0.4]}, {"label": "port"}, {"label": "port"}],
    "text": "ALCL 1",
    "problems": [{"severity": "WARNING", "code": "REFLECTION", "message": "Light, on::the lens"}],
}
OUTCOMES = {
    "seal": "length(predictions[?label=='seal']) > `0`",
    "serial": "text",
    "ports": "length(predictions[?label=='port'])",
}


class Model:
    """A model behind HTTP that answers what it is told to."""

    def __init__(self, server: Server, reply: Reply) -> None:
        self.server, self.reply = server, reply

    @property
    def asked(self) -> Seen:
        (seen,) = self.server.seen
        return seen

    def judge(self, shown: Image.Image | None = None, **given: Any) -> Verdict:
        engine = Http(OutboundClient(self.server.url))
        photo = picture(shown or Image.new("RGB", (320, 240), (90, 120, 30)))
        return engine.analyse(photo, group(*TASKS, settings={"outcomes": OUTCOMES} | given), report=Reported())


@pytest.fixture
def model(settings: Settings) -> Iterator[Model]:
    reply = Reply(body=json.dumps(ANSWER).encode())
    with serving(lambda _seen: reply) as server:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
        yield Model(server, reply)


def test_the_answer_becomes_a_verdict_by_expressions(model: Model) -> None:
    verdict = model.judge(
        messages="problems", external_id="id", review="confidence < `0.5`", regions={"seal": "predictions[0].box"}
    )

    assert verdict.outcomes == (
        Outcome("seal", True, [0.1, 0.2, 0.3, 0.4]),
        Outcome("serial", "ALCL 1", []),
        Outcome("ports", 2, []),
    )
    assert verdict.messages == (Message("warning", "REFLECTION", "Light; on:the lens"),)
    assert (verdict.external_id, verdict.review) == ("p-17", False)


def test_a_person_decides_where_the_model_is_not_sure(model: Model) -> None:
    assert model.judge(review="confidence < `0.95`").review is True


def test_a_json_request_is_filled_in(model: Model) -> None:
    template = {"image": "{photo.base64}", "note": "{order.name} {{x}}", "names": "{tasks[].name}", "n": [1, None]}

    model.judge(
        path="/v1/{order.metadata.city}/predict?group={group.name}", json=template, headers={"X-For": "{order.uuid}"}
    )

    sent = json.loads(model.asked.body)
    assert base64.b64decode(sent["image"])[:2] == b"\xff\xd8"
    assert (sent["note"], sent["names"], sent["n"]) == ("Dupont {x}", ["seal", "serial", "ports"], [1, None])
    assert model.asked.path == "/v1/Lyon/predict?group=ONT"
    assert model.asked.headers["X-For"] == "o-1"


def test_a_value_cannot_add_a_part_to_the_address(model: Model) -> None:
    model.judge(path="/v1/{'../admin?x=1&y#z'}/predict")

    assert model.asked.path == "/v1/..%2Fadmin%3Fx%3D1%26y%23z/predict"


def test_the_photo_can_be_sent_raw_and_as_a_form(model: Model) -> None:
    model.judge(send="raw")
    model.judge(send="form", file_field="image", fields={"order": "{order.name}"})

    raw, form = model.server.seen
    assert raw.headers["Content-Type"] == "image/jpeg"
    assert raw.body[:2] == b"\xff\xd8"
    assert form.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="image"' in form.body
    assert b"Dupont" in form.body


def test_the_photo_is_sent_smaller_where_that_is_enough(model: Model) -> None:
    model.judge(Image.new("RGB", (4000, 3000)), send="raw", max_side=800)

    with Image.open(BytesIO(model.asked.body)) as sent:
        assert sent.size == (800, 600)


@pytest.mark.parametrize(("status", "error"), [(503, TransientError), (500, TransientError), (400, PermanentError)])
def test_a_failing_model_is_tried_again_and_a_refusing_one_is_not(model: Model, status: int, error: type) -> None:
    model.reply.status = status

    with pytest.raises(error, match=str(status)):
        model.judge()


@pytest.mark.parametrize(
    ("body", "given", "said"),
    [
        (b"<html>", {}, "JSON"),
        (b"[" * 100_000, {}, "JSON"),
        (b'{"predictions": [], "text": [1]}', {}, "'serial'"),
        (b'{"predictions": 3}', {}, "cannot be applied"),
        (b'{"predictions": [], "problems": 3}', {"messages": "problems"}, "no list"),
        (b'{"predictions": [], "problems": [{"severity": "fatal"}]}', {"messages": "problems"}, "severity"),
    ],
)
def test_an_answer_that_does_not_fit_ends_the_analysis(model: Model, body: bytes, given: Any, said: str) -> None:
    model.reply.body = body

    with pytest.raises(EngineFailed, match=said):
        model.judge(**given)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"outcomes": {"seal": "a["}}, "not a JMESPath"),
        ({"outcomes": {"door": "a"}}, "'door'"),
        ({"outcomes": "a"}, "values are texts"),
        ({"json": {"image": "{photo.base64"}}, "a single {"),
        ({"json": {"image": "{}"}}, "1 to 4000"),
        ({"path": 3}, "is a text"),
        ({"method": "DELETE"}, "one of"),
        ({"max_side": 10}, "64 to 4096"),
        ({"url": "https://x"}, "no setting 'url'"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsRefused, match=said):
        read_options(group(*TASKS, settings=wrong))


def test_a_template_cannot_send_the_photo_to_another_host(model: Model) -> None:
    with pytest.raises(PermanentError):
        model.judge(path="http://169.254.169.254/latest")

    assert model.server.seen == []


def test_an_address_of_this_machine_needs_leave(model: Model, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []

    with pytest.raises(AddressRefused):
        model.judge()

    assert model.server.seen == []
