"""A ZIP file of many orders: sent in pieces, taken in once each photo, refused as a whole where it is not right."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.camera import jobs
from integrations.camera.models import AnalysisRun, ApiKey, Batch, BatchRun, FieldOrder, Input, WorkItem
from integrations.camera.services import batching, pieces
from integrations.core.drain import drain
from tests.camera.conftest import Said
from tests.camera.making import make_site, picture
from tests.camera.rest.program import Program, make_key, state_of

pytestmark = pytest.mark.django_db
COLOURS = iter(range(1_000_000))


def jpg() -> bytes:
    return picture(f"#{next(COLOURS):06x}")


def archive(files: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    if files is None:
        files = {
            "JOB-1/metadata.json": b'{"region": "North"}',
            "JOB-1/meter_front.jpg": jpg(),
            "JOB-1/meter_front-2.jpg": jpg(),
            "JOB-1/meter_front-10.jpg": jpg(),
            "JOB-2/meter_back-1.JPEG": jpg(),
            "__MACOSX/JOB-1/._meter_front.jpg": b"",
            "JOB-2/.DS_Store": b"",
        }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def announce(program: Program) -> tuple[str, str]:
    answer = program.call("post", "batches", {"filename": "jobs"})
    assert (answer.status_code, answer.json()["status"]) == (201, "uploading")
    told = answer.json()
    assert told["upload_url"].startswith("http://localhost:8000/v0.2/uploads/")
    return told["batch_id"], told["upload_url"].removeprefix("http://localhost:8000")


def put(url: str, data: bytes = b"", span: str = "") -> Any:
    headers = {"Content-Range": f"bytes {span}"} if span else {}
    return Client().put(url, data, content_type="application/octet-stream", headers=headers)


def send(program: Program, data: bytes) -> str:
    batch, url = announce(program)
    answer = put(url, data, f"0-{len(data) - 1}/{len(data)}")
    assert (answer.status_code, answer.json()["status"]) == (200, "processing")
    return batch


def take_in() -> int:
    return drain(BatchRun, jobs.run_batch)


def status(program: Program, batch: str) -> dict[str, Any]:
    told: dict[str, Any] = program.call("get", f"batches/{batch}").json()
    return told


def test_a_batch_is_sent_in_pieces_and_taken_in(program: Program, engine: Said) -> None:
    data = archive()
    (batch, url), half = announce(program), len(data) // 2
    size = len(data)

    asked = put(url, span=f"*/{size}")
    first = put(url, data[:half], f"0-{half - 1}/{size}")
    resumed = put(url, span=f"*/{size}")
    last = put(url, data[half:], f"{half}-{size - 1}/{size}")
    again = put(url, data[half:], f"{half}-{size - 1}/{size}")

    assert (asked.status_code, asked.get("Range")) == (308, None)
    assert (first.status_code, first["Range"], resumed["Range"]) == (308, f"bytes=0-{half - 1}", f"bytes=0-{half - 1}")
    assert (last.status_code, again.status_code, BatchRun.objects.count()) == (200, 200, 1)
    take_in()
    told = status(program, batch)
    assert (told["status"], told["photos"], told["photos_taken"], told["errors"]) == ("done", 4, 4, [])
    assert [order["name"] for order in told["work_orders"]] == ["JOB-1", "JOB-2"]
    drain(AnalysisRun, jobs.run_analysis)
    order = program.order(told["work_orders"][0]["id"])
    assert order["metadata"] == {"region": "North"}
    assert state_of(order, "seal_present")["analyzed_value"] is True
    assert len(order["inputs"]) == 3
    assert pieces.names() == []


def test_numbered_photos_are_taken_first_and_in_order(program: Program, engine: Said) -> None:
    front = {name: jpg() for name in ("JOB-1/meter_front.jpg", "JOB-1/meter_front-10.jpg", "JOB-1/meter_front-2.jpg")}
    send(program, archive(front))

    take_in()

    sent = [pieces.digest(front[f"JOB-1/meter_front{end}.jpg"]) for end in ("-2", "-10", "")]
    assert list(Input.objects.order_by("pk").values_list("sha256", flat=True)) == sent


def test_a_piece_that_overlaps_is_kept_once_and_one_that_leaves_a_gap_is_refused(program: Program) -> None:
    data = archive()
    (batch, url), size = announce(program), len(data)
    put(url, data[:1000], f"0-999/{size}")

    gap = put(url, data[1500:2000], f"1500-1999/{size}")
    other = put(url, data[1000:1100], f"1000-1099/{size + 1}")
    overlap = put(url, data[500:1500], f"500-1499/{size}")

    assert (gap.status_code, gap["Range"], other.status_code) == (409, "bytes=0-999", 409)
    assert overlap["Range"] == "bytes=0-1499"
    assert pieces.path_of(f"{batch}.zip").read_bytes() == data[:1500]


def test_taking_in_goes_on_where_it_was_killed_and_makes_nothing_twice(
    program: Program, engine: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = send(program, archive())
    note, calls = batching._note, iter(range(100))

    def killed(row: Batch) -> None:
        if next(calls) == 1:
            raise KeyboardInterrupt
        note(row)

    with monkeypatch.context() as patch:
        patch.setattr(batching, "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            take_in()
    assert (Input.objects.count(), status(program, batch)["photos_taken"]) == (2, 1)
    BatchRun.objects.update(due_at=timezone.now())
    take_in()

    assert (Input.objects.count(), FieldOrder.objects.count(), WorkItem.objects.count()) == (4, 2, 2)
    assert (status(program, batch)["status"], status(program, batch)["photos_taken"]) == ("done", 4)


def test_a_long_batch_lets_others_work_in_between(
    program: Program, engine: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "SLICE_SECONDS", 0.0)
    batch = send(program, archive())

    assert take_in() == 4
    assert (status(program, batch)["status"], Input.objects.count()) == ("done", 4)


def test_a_photo_that_cannot_be_read_is_named_and_the_others_are_taken(program: Program, engine: Said) -> None:
    batch = send(
        program,
        archive(
            {
                "JOB-1/meter_front-1.jpg": b"not a photo",
                "JOB-1/meter_front-2.jpg": jpg(),
                "JOB-2/meter_back.pdf": b"%PDF-",
            }
            | {"JOB-3/metadata.json": b"{", "JOB-3/meter_back.jpg": jpg()}
        ),
    )

    take_in()

    told = status(program, batch)
    assert (told["status"], told["photos_taken"], Input.objects.count()) == ("done", 4, 1)
    assert [each.partition(":")[0] for each in told["errors"]] == [
        "JOB-1/meter_front-1.jpg",
        "JOB-2/meter_back.pdf",
        "JOB-3/meter_back.jpg",
    ]


def test_a_batch_that_is_deleted_stops_and_its_orders_stay(
    program: Program, engine: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = send(program, archive())
    monkeypatch.setattr(batching, "SLICE_SECONDS", 0.0)
    note = batching._note

    def deleted(row: Batch) -> None:
        program.call("delete", f"batches/{batch}")
        note(row)

    monkeypatch.setattr(batching, "_note", deleted)
    take_in()

    assert (FieldOrder.objects.count(), Input.objects.count()) == (1, 1)
    assert not Batch.objects.exists()
    assert not BatchRun.objects.exists()
    assert program.call("get", f"batches/{batch}/").status_code == 404
    assert pieces.names() == []


def link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        info = zipfile.ZipInfo("JOB-1/meter_front.jpg")
        info.external_attr = 0o120777 << 16
        made.writestr(info, "/etc/passwd")
    return out.getvalue()


GOOD = {"JOB-1/meter_front.jpg": picture()}
END = b"PK\x05\x06" + bytes(4)
LYING = archive(GOOD).replace(END + b"\x01\0\x01\0", END + b"\xff\xff\xff\xff")
ZEROS = dict.fromkeys((f"J{number}/meter_front.jpg" for number in range(6)), bytes(24_000_000))
REFUSED: dict[str, bytes] = {
    "no ZIP": b"a" * 100,
    "the end is missing": archive(GOOD)[:-30],
    "the beginning is missing": archive(GOOD)[300:],
    "only an end": b"PK\x05\x06" + bytes(18),
    "no photo": archive({"JOB-1/metadata.json": b"{}"}).replace(b"metadata.json", b"metadata.jsox"),
    "a bomb": archive(ZEROS),
    "a bomb that lies": LYING,
    "a photo that is too large": archive({"JOB-1/meter_front.jpg": bytes(26 * 1024 * 1024)}, zipfile.ZIP_STORED),
    "a way out": archive(GOOD | {"../meter_front.jpg": b"a"}),
    "an absolute path": archive(GOOD | {"/etc/meter_front.jpg": b"a"}),
    "a backslash": archive(GOOD | {"JOB-1\\meter_front.jpg": b"a"}),
    "too deep": archive(GOOD | {"JOB-1/a/meter_front.jpg": b"a"}),
    "no folder": archive(GOOD | {"meter_front.jpg": b"a"}),
    "a link": link(),
    "an unknown group": archive(GOOD | {"JOB-1/meter_side.jpg": b"a"}),
    "another case": archive(GOOD | {"JOB-1/Meter_front.jpg": b"a"}),
    "a script": archive(GOOD | {"JOB-1/meter_front.exe": b"a"}),
    "a name that no order may have": archive({"JOB 1/meter_front.jpg": picture()}),
    "LZMA": archive(GOOD, zipfile.ZIP_LZMA),
    "too many folders": archive({f"JOB-{n}/meter_front.jpg": b"a" for n in range(1001)}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_batch_that_is_not_right_is_refused_as_a_whole(program: Program, engine: Said, name: str) -> None:
    batch = send(program, REFUSED[name])

    take_in()

    told = status(program, batch)
    assert (told["status"], bool(told["errors"]), told["photos_taken"]) == ("failed", True, 0)
    assert len(json.dumps(told["errors"])) < 10_000
    assert not FieldOrder.objects.exists()
    assert not Input.objects.exists()
    assert pieces.names() == []


def test_only_the_signed_address_takes_a_file_and_only_as_a_file(program: Program) -> None:
    batch, url = announce(program)
    before = list(Batch.objects.values())

    assert put(f"/v0.2/uploads/{batch}", b"a").status_code == 404
    assert put(url[:-1], b"a").status_code == 404
    for span in ("x", "0-0", "5-1/9", "0-9/9", "-1-2/9", "0-0/0", "0-1/99999999999999"):
        assert put(url, b"a", span).status_code in (400, 413), span
    assert put(url, b"a", f"0-0/{3 * 1024**3}").status_code == 413
    assert Client().post(url, b"a", content_type="application/zip").status_code == 405
    assert list(Batch.objects.values()) == before
    assert pieces.names() == []


def test_a_revoked_key_takes_no_more_of_its_batches(program: Program) -> None:
    _, url = announce(program)
    ApiKey.objects.update(revoked_at=timezone.now())

    assert put(url, b"abc", "0-2/9").status_code == 404
    assert pieces.names() == []


def test_a_batch_of_another_site_is_not_there(program: Program) -> None:
    batch, _ = announce(program)
    stranger = Program(make_key(make_site())[1])

    assert stranger.call("get", f"batches/{batch}").status_code == 404
    assert stranger.call("delete", f"batches/{batch}").status_code == 404
    assert Program("").call("post", "batches", {}).status_code == 401
    assert Batch.objects.count() == 1
    assert program.call("post", "batches/", {"filename": ["a"]}).status_code == 400
