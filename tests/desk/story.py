"""A small believable history, for pages that are looked at: orders written, waiting and in doubt, and some trouble."""

import io
import json
from datetime import timedelta
from typing import Any

from django.utils import timezone
from PIL import Image

from integrations.connections.models import ApiToken, Connection, Environment, Health, Installation, Workspace
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.inbox.models import QuarantinedWebhook, ReceivedWebhook, Replay, ResourceRefresh, WebhookRelay
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.platforms.worklink.links.issuing import issue_many
from integrations.platforms.worklink.models import (
    CallSession,
    LinkTemplate,
    LinkWish,
    PhotoDownload,
    Reconciliation,
    ScenarioSession,
)
from integrations.readiness.models import FieldTrial, Item, Questionnaire
from integrations.schedules.models import RetentionRule, ScheduledJob
from integrations.sync.models import (
    FieldMapping,
    KeyPlace,
    Operation,
    OperationKind,
    RecordLane,
    RecordWrite,
    Verdict,
    WriteState,
)
from integrations.workorders import photos
from integrations.workorders.models import ExternalId, Join, JoinedBy, WorkOrder
from tests.factories import make_connection, make_source
from tests.scripts.rows import make_scripts

ORDERS = [
    ("WO-000981", "Replace the seal of feed pump 77", "in progress", "PUMP-77", "Basel, hall 3"),
    ("WO-000982", "Yearly inspection of compressor 12", "scheduled", "COMP-12", "Basel, hall 1"),
    ("WO-000983", "Vibration at the gearbox", "waiting for parts", "GEAR-4", "Zürich, line 2"),
    ("WO-000984", "Calibrate the flow meter", "done", "FLOW-9", "Zürich, line 2"),
]


def tell() -> dict[str, Any]:
    """Make the rows of the story; return the few that tests ask for."""
    now = timezone.now()
    cms, cmms = make_systems()
    source = make_source(name="WorkLink webhooks", connection=cms, secrets=["old-secret"], verification="PLATFORM")
    operation = make_operations(cmms)
    orders = [make_order(cmms, words) for words in ORDERS]
    writes = make_writes(orders, cmms, operation)
    for number, order in enumerate(orders):
        make_trace(number, order, cms, source)
    make_links(cms, cmms, orders)
    make_trouble(cms, source)
    make_readiness(cmms)
    make_settings(cmms, now)
    told = {"cms": cms, "cmms": cmms, "source": source, "operation": operation, "orders": orders, "writes": writes}
    return told | make_scripts(1, connection=cmms, subject=orders[0].subject, now=now)


def make_readiness(cmms: Connection) -> None:
    """A questionnaire with answers of every state, and a trial that was not restored."""
    row = Questionnaire.objects.create(connection=cmms, deep_links="NO", api="REST", path="/api/orders/{record.id}")
    answered = {"field": "FIELD", "type": "INTEGER", "format": "round"}
    Item.objects.create(questionnaire=row, fact="worklink.call:call.minutes", target="u_minutes", **answered)
    Item.objects.create(questionnaire=row, fact="worklink.call:call.people_text", position=1, field="NO")
    Item.objects.create(questionnaire=row, fact="worklink.session:session.outcome", position=2)
    sent = {"method": "PATCH", "path": "/api/orders/rec-1", "body": {"u_minutes": 7}}
    step = {"name": "write", "ok": True, "request": sent, "status": 200, "answer": '{"id": "rec-1"}', "said": ""}
    FieldTrial.objects.create(
        questionnaire=row,
        target="u_minutes",
        record_key="WO-000981",
        value=7,
        before=12,
        stage="WRITTEN",
        state=WorkState.FAILED,
        note="NOT RESTORED: u_minutes of WO-000981 may hold “7”; before it held “12”.",
        steps=[step, step | {"name": "restore", "ok": False, "status": 403, "answer": "no", "said": "Refused."}],
        asked_by="anna",
    )


def make_links(cms: Connection, cmms: Connection, orders: list[WorkOrder]) -> None:
    """A template whose links open the catalog of an order's asset, some of them given out."""
    template = LinkTemplate(connection=cms, system=cmms, name="Catalog of the asset", slug="catalog", automatic=True)
    template.external_data = [["site", "{site}"], ["tools[]", "torque wrench"]]
    template.full_clean()
    template.save()
    issue_many([template], orders)
    LinkWish.objects.create(
        order_number=orders[0].pk, subject=orders[0].subject, note="Catalog of the asset: given out."
    )


def make_systems() -> tuple[Connection, Connection]:
    now = timezone.now()
    cms = make_connection(
        name="WorkLink, Europe",
        slug="worklink-eu",
        environment=Environment.PRODUCTION,
        auth_kind="PLATFORM",
        credentials={"token": "cms-secret-token"},
        health=Health.OK,
        health_note="WorkLink 2.31.0 answered. The token sees 214 sessions; if there are more, it lacks groups.",
        health_at=now,
    )
    cmms = make_connection(
        name="Maintenance",
        slug="cmms",
        platform="generic",
        environment=Environment.TEST,
        base_url="https://cmms.example.test",
        auth_kind="BEARER",
        credentials={"token": "cmms-secret-token"},
        health=Health.AUTH_FAILED,
        health_note="401 from https://cmms.example.test/api/orders: the token was refused. Set a new one, then test.",
        health_at=now,
    )
    return cms, cmms


def make_order(cmms: Connection, words: tuple[str, ...]) -> WorkOrder:
    key, title, status, asset, site = words
    order = WorkOrder.objects.create(
        title=title,
        status=status,
        asset=asset,
        site=site,
        assignee="R. Keller",
        priority="2 – high",
        opened_at=timezone.now() - timedelta(days=3),
        closed=status == "done",
    )
    ExternalId.objects.create(work_order=order, system=cmms, external_id=key)
    return order


def make_operations(cmms: Connection) -> Operation:
    lookup = Operation.objects.create(
        connection=cmms, name="Find the order", kind=OperationKind.LOOKUP, path="/api/orders/{external_id}"
    )
    operation = Operation.objects.create(
        connection=cmms,
        name="Update the order",
        kind=OperationKind.UPDATE,
        lookup=lookup,
        source_type="worklink.session",
        event_types=["session.joined", "session.updated"],
        method="PATCH",
        path="/api/orders/{record.id}",
        readback_path="/api/orders/{record.id}",
    )
    for position, (source, target) in enumerate([("session.state", "u_state"), ("session.percent", "u_percent")]):
        FieldMapping.objects.create(operation=operation, position=position, source=source, target=target)
    Operation.objects.create(
        connection=cmms,
        name="Note that it was seen",
        kind=OperationKind.NOTE,
        source_type="worklink.session",
        event_types=["session.joined"],
        path="/api/orders/{record.id}/notes",
        body={"text": "Seen in WorkLink"},
        key_place=KeyPlace.NONE,
        enabled=False,
    )
    return operation


def make_writes(orders: list[WorkOrder], cmms: Connection, operation: Operation) -> list[RecordWrite]:
    ends = [
        (WriteState.DONE, Verdict.CONFIRMED, "Read back and found equal.", {"u_state": "COMPLETED", "u_percent": 100}),
        (WriteState.WAITING, "", "The record is not there yet; it is looked for again until tomorrow 14:05.", None),
        (WriteState.DONE, Verdict.DRIFTED, "u_percent is 40 instead of 100, three times. Correct it there, or send "
         "it again.", {"u_state": "COMPLETED", "u_percent": 40}),
        (WriteState.UNSURE, Verdict.UNSURE, "Two records are called WO-000984. Choose the one that is meant.", None),
    ]  # fmt: skip
    return [make_write(*pair, cmms=cmms, operation=operation) for pair in zip(orders, ends, strict=True)]


def make_write(order: WorkOrder, end: tuple[Any, ...], *, cmms: Connection, operation: Operation) -> RecordWrite:
    state, verdict, note, read = end
    key = order.external_ids.get().external_id
    now = timezone.now()
    lane = RecordLane.objects.create(connection=cmms, record_key=key, state=WorkState.DONE, subject=order.subject)
    several = [{"id": f"{number}", "record": {"number": key, "title": order.title}} for number in (311, 402)]
    return RecordWrite.objects.create(
        lane=lane,
        operation=operation,
        event_type="session.joined",
        source_type="worklink.session",
        source_id="1",
        occurred_at=now,
        state=state,
        verdict=verdict,
        note=note,
        content={"u_state": "COMPLETED", "u_percent": 100},
        request={"method": "PATCH", "path": "/api/orders/311", "headers": {"Authorization": "•••"},
                 "body": {"u_state": "COMPLETED", "u_percent": 100}},
        answer_status=200,
        answer=json.dumps({"id": 311, "ok": True}),
        read_back=read,
        candidates=several if state == WriteState.UNSURE else None,
        subject=order.subject,
        sends=1,
        sent_at=now,
    )  # fmt: skip


def make_trace(number: int, order: WorkOrder, cms: Connection, source: Any) -> None:
    """What came in for one order, up to its write."""
    now, node = timezone.now() - timedelta(minutes=20 - number), f"U2NlbmFyaW9TZXNzaW9uOjQxMD{number}"
    body = json.dumps({"event": "update", "type": "resource", "data": {"resource-id": node}}).encode()
    ReceivedWebhook.objects.create(
        source=source,
        body=body,
        body_size=len(body),
        headers=json.dumps([["Content-Type", "application/json"], ["Authorization", "Basic c2VjcmV0"]]),
        resource_type="ScenarioSession",
        resource_id=node,
        verb="updated",
        state=WorkState.DONE,
        note="The session is read again.",
        received_at=now,
        subject=order.subject,
    )
    read = {"resource_type": "ScenarioSession", "resource_id": node, "state": WorkState.DONE, "fetched_at": now}
    ResourceRefresh.objects.create(
        connection=cms, **read, note="Stored: COMPLETED, 12 of 12 steps.", subject=order.subject
    )
    session = ScenarioSession.objects.create(
        connection=cms,
        resource_id=node,
        database_id=f"410{number}",
        scenario_name="Replace a shaft seal",
        vendor_state="COMPLETED",
        started_at=now,
        ended_at=now,
        read_at=now,
        external_data={"work_order_id": f"WO-00098{number}"},
        document={"id": node, "state": "COMPLETED"},
        subject=order.subject,
    )
    Join.objects.create(
        connection=cms,
        source_type="worklink.session",
        source_id=str(session.pk),
        title=f"Replace a shaft seal 410{number}",
        key_name="work_order_id",
        key_read=f"WO-00098{number}",
        work_order=order,
        joined_by=JoinedBy.KEY,
        joined_at=now,
        occurred_at=now,
    )
    Event.objects.create(
        workspace_id=Workspace.default().pk,
        seq=number + 1,
        type="session.joined",
        source_type="worklink.session",
        source_id=str(session.pk),
        subject=order.subject,
        occurred_at=now,
    )
    PhotoDownload.objects.create(
        session=session, event_id=f"e{number}", label="Seal before", url="https://x.test/f", state=WorkState.DONE
    )
    for hue in (20, 140):
        photos.keep(
            workspace_id=Workspace.default().pk,
            work_order_id=order.pk,
            source_type="worklink.session",
            source_id=str(session.pk),
            external_id=f"e{number}-{hue}",
            label="Seal before" if hue == 20 else "Seal after",
            taken_at=now,
            data=picture(hue + number * 30),
        )


def picture(hue: int) -> bytes:
    image, file = Image.new("HSV", (640, 480), (hue % 256, 120, 190)).convert("RGB"), io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


def make_trouble(cms: Connection, source: Any) -> None:
    for number in range(2):
        session = ScenarioSession.objects.create(
            connection=cms, resource_id=f"unmatched-{number}", database_id=f"42{number}", read_at=timezone.now()
        )
        Join.objects.create(
            connection=cms,
            source_type="worklink.session",
            source_id=str(session.pk),
            reason="No work order key was found in it. Assign a work order, or dismiss it.",
            title=f"Check the guard rail 42{number}",
            key_read="WO981" if number else "",
            key_name="work_order_id",
            joined_event="session.joined",
        )
    failed = ReceivedWebhook.objects.create(
        source=source, body=b"<script>alert(1)</script>", body_size=25, state=WorkState.FAILED,
        note="The body is not JSON: it begins with “<script>”. Look at who sends to this address.",
    )  # fmt: skip
    WebhookRelay.objects.create(webhook=failed, state=WorkState.FAILED, note="503 from the older receiver for 24 h.")
    now = timezone.now()
    Replay.objects.create(
        start=now - timedelta(days=1), end=now, source=source, asked_by="olga", total=12_000, looked_at=3_400,
        replayed=3_400, note="Waits until what it asked for is processed, then goes on.",
    )  # fmt: skip
    QuarantinedWebhook.objects.create(
        source=source, reason="The signature in X-Scope-Hmac-Sha256 does not fit the body.", body=b"{}"
    )
    CallSession.objects.create(connection=cms, resource_id="Q2FsbDo3MDE", database_id="701", read_at=timezone.now())
    Reconciliation.objects.create(
        connection=cms, resource_type="ScenarioSession", since=timezone.now(), since_persistent=timezone.now(),
        finished_at=timezone.now(), seen=214, untold=3, total=214,
    )  # fmt: skip


def make_settings(cmms: Connection, now: Any) -> None:
    ApiToken.objects.create(name="Field app", prefix="fp_Ab12cd", token_hash="0" * 64, scopes=["workorders:read"])
    WorkOrderFeed.objects.create(connection=cmms, external_id="number", fields={"title": "title"}, note="12 changed.")
    ScheduledJob.objects.get_or_create(name="worklink.reconcile", defaults={"last_ran_at": now, "last_seconds": 1.4})
    RetentionRule.objects.get_or_create(kind="inbox.body", defaults={"days": 30})
    Installation.objects.update_or_create(
        pk=1,
        defaults={
            "key_fingerprint": "1a2b3c4d",
            "public_url": "https://fieldport.example.test",
            "capture_reason": "This database last served https://fieldport.example.test; now it is "
            "http://localhost:8000. If it is a copy, leave it so.",
        },
    )
