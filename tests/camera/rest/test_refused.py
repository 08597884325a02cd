"""Whatever is sent that cannot be meant: 4xx with a sentence, and nothing of it is left."""

import base64
import json
import struct
import zlib
from typing import Any
from uuid import uuid4

import pytest

from integrations.camera.models import FieldOrder, Input, Issue, Site, TaskOutcome, Upload, WorkItem
from integrations.camera.services import guessing
from integrations.events.models import Event
from integrations.workorders.models import Join, Photo, WorkOrder
from tests.camera.conftest import Said
from tests.camera.making import make_site, picture
from tests.camera.rest.program import Program, make_key, photo, uri

pytestmark = pytest.mark.django_db
WRONG: list[Any] = [None, True, 7, 1.5, "text", [], ["a"], {}, {"a": {"b": 1}}, [[]], "\x00", "a" * 300]
INJECTED = [
    "' OR 1=1 --",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "a\r\nX: y",
    "%s%n",
]


def what_is_there() -> list[Any]:
    models = (FieldOrder, WorkItem, Input, Photo, TaskOutcome, Upload, Issue, Event, Join, WorkOrder)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def refused(answer: Any, status: int | tuple[int, ...] = 400) -> bool:
    allowed = status if isinstance(status, tuple) else (status,)
    assert answer.status_code in allowed, (answer.status_code, answer.content[:300])
    assert answer["Content-Type"] == "application/json"
    assert isinstance(answer.json()["detail"], str)
    return bool(answer.json()["detail"])


FIELDS: dict[str, list[Any]] = {
    "name": [each for each in WRONG if each != "text"] + [*INJECTED, "", " ", "Zähler"],
    "metadata": [each for each in WRONG if each != {}] + [{"a": []}, {"a": {}}, {"a": [1]}],
    "tags": [each for each in WRONG if each not in ([], ["a"])] + [["a", 1], [["a"]], ["a"] * 51, ["a" * 101], [""]],
    "field_engineer_email": [each for each in WRONG if each is not None] + ["nobody@example.com", *INJECTED],
    "user_group_ids": [each for each in WRONG if each not in ([], ["a"])] + [[{}], [True], [2**70], [""], [1] * 51],
    "work_order_types": [each for each in WRONG if each != []] + [["unheard"], [1]],
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_wrong_value_of_an_order_makes_none(program: Program, field: str) -> None:
    before = what_is_there()

    for value in FIELDS[field]:
        answer = program.call("post", "work-orders/", {"name": "JOB-1", field: value})
        assert refused(answer), value
    assert what_is_there() == before


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "work_order_types"])
def test_a_wrong_value_changes_nothing(program: Program, field: str) -> None:
    order = program.create()
    before = what_is_there()

    for value in FIELDS[field]:
        assert refused(program.call("patch", f"work-orders/{order}/", {"tags": ["new"], field: value})), value
    assert what_is_there() == before


BODIES: list[bytes] = [
    b"", b"{", b"\xff", b"[]", b"7", b"null", b'"a"', b"[" * 5000, b'{"name": ' + b"9" * 5000 + b"}", b"{}",
    b'{"name": NaN}', b'{"name": "\\ud800"}', b'{"a":' * 60 + b"1" + b"}" * 60, zlib.compress(b"{}"),
]  # fmt: skip


def test_a_body_that_is_no_object_is_refused(program: Program, engine: Said) -> None:
    order = program.create()
    task = program.analyze(order).json()["tasks"][0]["id"]
    before = what_is_there()

    for body in BODIES:
        assert refused(program.call("post", "work-orders/", body)), body[:50]
        assert refused(program.call("post", f"work-orders/{order}/analyze/", body)), body[:50]
        assert refused(program.call("patch", f"work-orders/{order}/tasks/{task}/correction/", body)), body[:50]
    assert what_is_there() == before


def test_a_body_that_is_too_large_or_of_another_kind_is_refused(program: Program) -> None:
    order = program.create()
    before, kind = what_is_there(), "application/x-www-form-urlencoded"
    said = {"Authorization": f"Token {program.value}"}

    large = json.dumps({"name": "a", "metadata": {"a": "b" * 70_000}}).encode()
    assert refused(program.call("post", "work-orders/", large), 413)
    assert refused(program.call("post", f"work-orders/{order}/analyze/", b" " * 13_000_000), 413)
    assert refused(program.client.post("/v0.2/work-orders/", "name=a", kind, headers=said), 415)
    assert refused(program.client.post("/v0.2/work-orders/", {"name": "a"}, headers=said), 415)
    assert what_is_there() == before


def entry(name: Any, kind: Any, value: Any) -> dict[str, Any]:
    return {"name": name, "data": {"type": kind, "value": value}}


IMAGE, CONTEXT = entry("image_input", "image", uri()), entry("context", "text", "meter_front")
INPUTS: list[Any] = [
    *WRONG, [IMAGE], [CONTEXT], [IMAGE, IMAGE, CONTEXT], [IMAGE, CONTEXT, CONTEXT], [IMAGE, CONTEXT] * 20,
    [IMAGE, CONTEXT, entry("other", "text", "a")], [entry("image_input", "text", uri()), CONTEXT],
    [IMAGE, entry("context", "image", "meter_front")], [IMAGE, {"name": "context"}], [IMAGE, {"data": {}}],
    *([IMAGE, entry("context", "text", value)] for value in [*WRONG, *INJECTED, "METER_FRONT", "meter_front "]),
    *([entry("image_input", "image", value), CONTEXT] for value in WRONG),
    *([entry(value, "image", uri()), CONTEXT] for value in WRONG),
    *([entry("image_input", value, uri()), CONTEXT] for value in WRONG),
]  # fmt: skip


def test_inputs_that_are_not_a_photo_and_its_type_make_nothing(program: Program, engine: Said) -> None:
    order = program.create()
    before = what_is_there()

    for inputs in INPUTS:
        assert refused(program.analyze(order, {"inputs": inputs})), inputs
    for metadata in [each for each in WRONG if not isinstance(each, dict)]:
        assert refused(program.analyze(order, photo(metadata=metadata))), metadata
    assert what_is_there() == before
    assert engine.seen == []


def bomb() -> bytes:
    """A picture of 20,000 × 20,000 pixels in a few hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(20_000_000)))
        + chunk(b"IEND", b"")
    )


CONTENTS = [
    b"", b"a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"GIF89a", picture()[:200], bomb(), b"%PDF-1.4",
    b"PK\x03\x04" + picture(), b"\x00" * 100_000, b"BM" + bytes(100),
]  # fmt: skip


def test_content_that_is_no_photo_makes_nothing(program: Program, engine: Said) -> None:
    order = program.create()
    before = what_is_there()

    for content in CONTENTS:
        assert refused(program.analyze(order, photo(uri(content) if content else uri()[:23])), (400, 415)), content[:20]
    for text in (
        "====",
        "a",
        "aGVsbG8",
        "aGVs bG8=",
        "aGVs\nbG8=",
        "é",
        "%41",
        "-_-_",
        base64.b64encode(picture()).decode()[:-3],
    ):
        assert refused(program.analyze(order, photo(uri()[:23] + text))), text
    assert what_is_there() == before
    assert engine.seen == []


IDS = [
    "x",
    "0",
    "-1",
    "%00",
    "%FF",
    "..%2F..",
    "%F0%9F%98%80",
    "a" * 500,
    "{}",
    "' OR 1=1 --",
    str(uuid4()),
    "1" * 5000,
]


def test_a_forged_id_is_answered_like_an_unknown_one(program: Program, engine: Said) -> None:
    order = program.create()
    task = program.analyze(order).json()["tasks"][0]["id"]
    before = what_is_there()

    for forged in IDS:
        for method, path, body in (
            ("get", f"work-orders/{forged}/", None),
            ("patch", f"work-orders/{forged}/", {"name": "a"}),
            ("delete", f"work-orders/{forged}/", None),
            ("post", f"work-orders/{forged}/analyze/", photo()),
            ("patch", f"work-orders/{forged}/tasks/{task}/correction/", {"corrected_value": False}),
            ("patch", f"work-orders/{order}/tasks/{forged}/correction/", {"corrected_value": False}),
            ("get", f"task-groups/{forged}/", None),
            ("get", f"unheard/{forged}", None),
        ):
            assert refused(program.call(method, path, body), 404), (method, path)
    assert what_is_there() == before


def test_a_task_of_another_order_or_site_is_not_corrected(program: Program, engine: Said) -> None:
    other = Program(make_key(make_site())[1])
    theirs, mine = other.create(), program.create()
    task = other.analyze(theirs).json()["tasks"][0]["id"]
    before = what_is_there()

    crossed = program.call("patch", f"work-orders/{mine}/tasks/{task}/correction/", {"corrected_value": False})

    assert refused(crossed, 404)
    assert what_is_there() == before


def test_texts_are_kept_as_texts(program: Program, engine: Said) -> None:
    Site.objects.update(strict_names=False)
    for text in INJECTED:
        order = program.create(name=text, metadata={text: text}, tags=[text])

        told = program.order(order)

        assert (told["name"], told["metadata"], told["tags"]) == (text, {text: text}, [text])


def test_methods_that_do_not_exist_are_refused(program: Program) -> None:
    order = program.create()
    before = what_is_there()

    for method, path in (
        ("get", "work-orders/"),
        ("delete", "work-orders/"),
        ("post", f"work-orders/{order}/"),
        ("get", f"work-orders/{order}/analyze/"),
        ("options", "task-groups/"),
        ("post", "task-groups/"),
    ):
        assert refused(program.call(method, path), (403, 405)), (method, path)
    assert what_is_there() == before


def test_who_guesses_keys_has_to_wait(program: Program) -> None:
    for number in range(guessing.MOST):
        assert refused(Program(f"fpk_{number}").call("get", "task-groups/"), 401)

    answer = program.call("get", "task-groups/")

    assert refused(answer, 429)
    assert answer["Retry-After"] == str(guessing.SECONDS)
