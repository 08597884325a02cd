"""Plain Celery tasks. A flow: fetch, store, look up, write, read back. A photo: thumbnail, code, blur, light."""

import os
from io import BytesIO

import django
import requests
import zxingcpp
from celery import Celery
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageFilter, ImageOps, ImageStat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.baseline.settings")
django.setup()

from tests.bench.baseline.models import Photo, Session  # noqa: E402  needs a set-up Django

app = Celery("baseline")
app.config_from_object("django.conf:settings", namespace="CELERY")
http = requests.Session()

QUERY = """
query ($id: ID!) { node(id: $id) { id ... on ScenarioSession {
  databaseId state sessionType startedAt endedAt duration idleDuration numberOfStepsPossible numberOfStepsViewed
  externalData scenarioRelease { version scenario { id name } }
  steps(first: 50) { nodes { scenarioStep { name orderIndex } } pageInfo { hasNextPage endCursor } }
  events(first: 50) { nodes { id type createdAt eventData photo { fileUrl } } pageInfo { hasNextPage endCursor } }
  parts(first: 50) { nodes { databaseId createdBy { id name } } pageInfo { hasNextPage endCursor } }
} } }
"""


@app.task(ignore_result=True)
def flow(resource_id: str) -> None:
    answer = http.post(
        f"{settings.CMS_URL}/api/v3/graphql",
        json={"query": QUERY, "variables": {"id": resource_id}},
        headers={"Authorization": f"Token token={settings.CMS_TOKEN}"},
        timeout=30,
    )
    answer.raise_for_status()
    document = answer.json()["data"]["node"]
    number = document["externalData"]["work_order_id"]
    session, _ = Session.objects.update_or_create(
        resource_id=resource_id, defaults={"work_order": number, "document": document}
    )
    headers = {"Authorization": f"Bearer {settings.RECORD_TOKEN}"}
    found = http.get(f"{settings.RECORD_URL}/api/orders", params={"number": number}, headers=headers, timeout=30)
    found.raise_for_status()
    address = f"{settings.RECORD_URL}/api/orders/{found.json()['items'][0]['id']}"
    fields = {
        "u_worklink_status": document["state"],
        "u_worklink_steps": document["numberOfStepsViewed"],
        "u_worklink_session": document["id"],
        "u_worklink_ended_at": document["endedAt"],
    }
    http.patch(address, json=fields, headers=headers, timeout=30).raise_for_status()
    seen = http.get(address, headers=headers, timeout=30).json()
    if any(seen[name] != value for name, value in fields.items()):
        raise RuntimeError("not written")
    session.written_at = timezone.now()
    session.save()


@app.task(ignore_result=True)
def judge(pk: int) -> None:
    photo = Photo.objects.get(pk=pk)
    with Image.open(photo.file) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    small = upright.copy()
    small.thumbnail((320, 320))
    out = BytesIO()
    small.save(out, "JPEG")
    photo.thumbnail.save(f"{pk}.jpg", ContentFile(out.getvalue()), save=False)
    grey = upright.convert("L")
    codes = [code.text for code in zxingcpp.read_barcodes(grey)]
    grey.thumbnail((1000, 1000))
    edges = ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES)).var[0]
    light = ImageStat.Stat(grey).mean[0]
    photo.measures = {"edges": edges, "light": light, "codes": codes}
    photo.state = "good" if edges > 100 and 30 < light < 230 else "bad"
    photo.judged_at = timezone.now()
    photo.save()
