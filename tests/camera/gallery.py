"""An order of a work order with items as an office looks at them: many photos, none, upright and wide, corrected."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from integrations.camera.models import (
    ORDER_SOURCE,
    Analysis,
    AnalysisState,
    CatalogueVersion,
    FieldOrder,
    Input,
    TaskGroup,
    TaskOutcome,
    WorkItem,
)
from integrations.workorders import photos
from integrations.workorders.models import ExternalId, WorkOrder
from tests.camera.making import make_site, make_system

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WIDE, UPRIGHT = (1600, 900), (900, 1600)
DARK = {"severity": "warning", "code": "EXPOSURE", "message": "The photo is dark."}
MEASURES = {"blur": {"value": 0.42, "threshold": 0.3}, "exposure": {"value": 0.12, "threshold": 0.2}}


def make_gallery(*, many: int = 6) -> WorkOrder:
    """Return the work order; its items: one with `many` photos, one upright and corrected, one without a photo."""
    site = make_site()
    assert site.active_version is not None
    found = WorkOrder.objects.create(workspace=site.workspace, title="Exchange the meter", status="In progress")
    ExternalId.objects.create(work_order=found, system=make_system(), external_id="WO-000981")
    order = FieldOrder.objects.create(
        site=site, version=site.active_version, name="WO-000981", subject=found.subject, progress_score=50
    )
    front, back = _item(order, "meter_front", "analysis_ko", 50), _item(order, "meter_back", "analysis_ok", 100)
    for number in range(1, many + 1):
        judge(add_photo(front, number, WIDE if number % 2 else UPRIGHT), good=number > 2)
    outcome = judge(add_photo(back, 1, UPRIGHT), good=False)
    values = {"corrected_value": True, "corrected_by": "olga", "corrected_at": NOON + timedelta(hours=1)}
    TaskOutcome.objects.filter(pk=outcome.pk).update(**values)
    WorkItem.objects.create(order=order, group=_group(order.version, "meter_back"))
    return found


def _item(order: FieldOrder, group: str, status: str, score: int) -> WorkItem:
    return WorkItem.objects.create(order=order, group=_group(order.version, group), status=status, score=score)


def _group(version: CatalogueVersion, name: str) -> TaskGroup:
    return version.groups.get(name=name)


def add_photo(item: WorkItem, number: int, size: tuple[int, int]) -> Input:
    made = Input.objects.create(
        item=item,
        number=number,
        content_type="image/jpeg",
        sha256=f"{number}" * 64,
        bytes=1,
        measures=MEASURES,
        created_at=NOON + timedelta(minutes=number),
    )
    kept = photos.keep(
        workspace_id=item.order.site.workspace_id or 0,
        work_order_id=int(item.order.subject.partition("/")[2]),
        source_type=ORDER_SOURCE,
        source_id=str(item.order_id),
        label=item.group.name,
        taken_at=None,
        data=drawn(size, f"{item.group.name} {number}"),
        external_id=str(made.uuid),
    )
    Input.objects.filter(pk=made.pk).update(photo_id=kept.pk)
    return made


def drawn(size: tuple[int, int], words: str) -> bytes:
    out = BytesIO()
    image = Image.new("RGB", size, "#48606e")
    pen = ImageDraw.Draw(image)
    for step in range(0, max(size), 80):
        pen.line([(step, 0), (0, step)], fill="#6f8896", width=6)
    pen.ellipse([size[0] // 4, size[1] // 4, size[0] * 3 // 4, size[1] * 3 // 4], outline="#ffd34d", width=14)
    pen.text((40, 40), words, fill="white", font_size=90)
    image.save(out, "JPEG")
    return out.getvalue()


def judge(photo: Input, *, good: bool) -> TaskOutcome:
    """Give the photo a verdict on each task; return the first task's outcome."""
    at = photo.created_at + timedelta(seconds=9)
    analysis = Analysis.objects.create(
        input=photo,
        engine="CODE",
        state=AnalysisState.DONE,
        created_at=at,
        finished_at=at,
        conformity_messages=[] if good else [DARK],
    )
    tasks = photo.item.group.tasks.all()
    made = [TaskOutcome.objects.create(analysis=analysis, task=task, analyzed_value=good) for task in tasks]
    return made[0]
