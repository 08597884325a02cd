"""One row of every kind that the admin lists, so that lists can be walked; each call hangs on rows of its own."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group, User

from integrations.analytics.models import AssetClass, BusinessCalendar, MeasuredJob, ReportPolicy, ResolutionTarget
from integrations.camera.models import (
    Analysis,
    AnalysisState,
    Batch,
    BatchRun,
    FieldOrder,
    Input,
    TaskGroup,
    TaskOutcome,
    WorkItem,
)
from integrations.connections.models import ApiToken, Environment, Workspace
from integrations.core.work import WorkState
from integrations.events.models import Agent, Camera, Endpoint, Event, EventFilter, Picture, Profile, Watchlist
from integrations.inbox.models import QuarantinedWebhook, ReceivedWebhook, Replay, ResourceRefresh, WebhookRelay
from integrations.outbox.models import Attempt, Delivery, DeliveryState, Destination, Message, Resend
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.platforms.omni.models import JoinRule, Recognition, Subscription
from integrations.platforms.worklink.links.issuing import issue
from integrations.platforms.worklink.links.purposes import BASE_LINKS, Purpose
from integrations.platforms.worklink.models import (
    CallSession,
    CmsImport,
    Contact,
    ImportJob,
    ImportSchedule,
    LinkPage,
    LinkTemplate,
    LinkWish,
    PhotoDownload,
    Reconciliation,
    Scenario,
    ScenarioCatalog,
    ScenarioSession,
    TableLoad,
)
from integrations.readiness.models import FieldTrial, Item, Questionnaire
from integrations.schedules.models import RetentionRule, ScheduledJob
from integrations.stores.models import DataStore, StoreLoad
from integrations.sync.models import (
    FieldMapping,
    Operation,
    OperationKind,
    RecordLane,
    RecordWrite,
    Verdict,
    WriteState,
)
from integrations.workorders.models import ExternalId, Join, Photo, WorkOrder
from tests.camera.making import make_site
from tests.camera.rest.program import make_key
from tests.factories import make_connection, make_source
from tests.scripts.rows import make_scripts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIRECTORY: tuple[Any, ...] = (Agent, Camera, Watchlist, Profile)


def make_everything(number: int) -> dict[str, Any]:
    """Make one row of every kind; `number` keeps their names apart."""
    sender = make_connection(credentials={"token": f"sender-secret-{number}"}, name=f"WorkLink {number}")
    system = make_connection(platform="generic", name=f"Maintenance {number}", environment=Environment.PRODUCTION)
    order = WorkOrder.objects.create(title=f"Replace pump {number}", status="open", asset="PUMP-77")
    ExternalId.objects.create(work_order=order, system=system, external_id=f"WO-{number:06}")
    return (
        {"connection": sender, "system": system, "order": order}
        | make_received(number, sender)
        | make_facts(number, sender, order)
        | make_links(number, sender, order)
        | make_writes(number, system, order)
        | make_settings(number, system)
        | {"item": make_item(number, order)}
        | make_subscriptions(number)
        | make_scripts(number, connection=system, subject=order.subject, now=NOON)
        | make_deliveries(number, order)
        | make_recognitions(number, order)
        | make_catalogs(number, sender)
        | make_report(number, order)
    )


def make_catalogs(number: int, cms: Any) -> dict[str, Any]:
    scenario = Scenario.objects.create(connection=cms, name=f"Inspection {number}", group="Pumps")
    catalog = ScenarioCatalog.objects.create(connection=cms, name=f"Pumps {number}", external_asset_id="PUMP-77")
    catalog.scenarios.add(scenario)
    catalog.served.create(kind="training module", object_id=f"TM-{number}")
    contact = Contact.objects.create(connection=cms, name=f"Ada {number}", call_id=f"call-{number}", licence="TECH")
    other = Contact.objects.create(connection=cms, name=f"Eva {number}", call_id=f"expert-{number}", licence="EXPERT")
    CmsImport.objects.create(connection=cms, lists="CATALOGS", seen=3, total=7, note="3 of 7 read.")
    told = {"form": "CSV", "brought_by": "olga", "brought_at": NOON}
    rows = [[2, {"catalog": "Motors", "object_id": "M-1"}, []], [3, {"object_id": "M-2"}, []]]
    load = TableLoad.objects.create(connection=cms, lists="CATALOGS", name=f"catalogs-{number}.csv", rows=rows, **told)
    return {"scenario": scenario, "catalog": catalog, "contact": contact, "expert": other, "load": load}


def make_report(number: int, order: WorkOrder) -> dict[str, Any]:
    calendar = BusinessCalendar.objects.create(slug=f"desk-{number}", name=f"Desk {number}", shifts=["Mon 08:00-17:00"])
    ResolutionTarget.objects.create(priority=f"{number}", hours=4)
    AssetClass.objects.create(pattern=f"PUMP-{number}*", name="Pumps")
    ReportPolicy.objects.get_or_create(workspace=Workspace.default(), defaults={"calendar": calendar})
    measured = MeasuredJob.objects.create(
        work_order=order, workspace=Workspace.default(), counted_at=NOON, left_out="NOT_RESOLVED"
    )
    return {"calendar": calendar, "measured": measured}


def make_recognitions(number: int, order: WorkOrder) -> dict[str, Any]:
    platform = make_connection(platform="omni", name=f"Gate {number}", credentials={"token": f"omni-secret-{number}"})
    Subscription.objects.create(connection=platform, state="LIVE", endpoint_id="e", told={"eventTypes": ["ROI"]})
    camera = "0c0c0c0c-1111-4222-8333-000000000001"
    rule = JoinRule.objects.create(name=f"Rule {number}", cameras=[camera], asset="PUMP-77")
    event = Event.objects.create(
        workspace=Workspace.default(),
        type="roi",
        source_type="recognition",
        payload={"camera": {"id": camera, "title": "North gate"}},
        occurred_at=NOON,
        subject=order.subject,
    )
    done = {"state": WorkState.DONE, "subject": order.subject, "note": "Joined."}
    Recognition.objects.create(event=event, rule=rule, rule_name=rule.name, **done)
    Picture.objects.create(workspace=Workspace.default(), connection=platform, image_id=uuid4(), address="get-image/1")
    return {"rule": rule}


def make_received(number: int, sender: Any) -> dict[str, Any]:
    source = make_source(connection=sender, secrets=[f"source-secret-{number}"])
    body = json.dumps({"event": "update", "data": {"resource-id": f"node-{number}"}}).encode()
    received = ReceivedWebhook.objects.create(
        source=source,
        body=body,
        body_size=len(body),
        headers=json.dumps([["Content-Type", "application/json"]]),
        resource_type="ScenarioSession",
        resource_id=f"node-{number}",
        state=WorkState.FAILED,
        note="It was refused.",
    )
    QuarantinedWebhook.objects.create(source=source, reason="The signature does not fit.", body=body)
    ResourceRefresh.objects.create(connection=sender, resource_type="ScenarioSession", resource_id=f"node-{number}")
    WebhookRelay.objects.create(webhook=received)
    told = {"asked_by": "olga", "total": 2, "looked_at": 1}
    replay = Replay.objects.create(
        start=NOON, end=received.received_at, source=source, workspace=sender.workspace, **told
    )
    return {"source": source, "received": received, "replay": replay}


def make_facts(number: int, sender: Any, order: WorkOrder) -> dict[str, Any]:
    shared = {"connection": sender, "resource_id": f"node-{number}", "read_at": NOON, "subject": order.subject}
    session = ScenarioSession.objects.create(**shared, scenario_name="Pump check", document={"id": number})
    call = CallSession.objects.create(**shared)
    PhotoDownload.objects.create(session=session, event_id=f"event-{number}", url="https://cms.example.test/f/1")
    ImportJob.objects.create(connection=sender, total=260, listed=25, seen=25)
    ImportSchedule.objects.get_or_create(connection=sender)
    store = DataStore.objects.create(name=f"Store {number}", slug=f"store-{number}")
    StoreLoad.objects.create(store=store, state="DONE", note="Loaded 12 sessions.")
    Reconciliation.objects.create(
        connection=sender,
        resource_type="ScenarioSession",
        since=NOON,
        since_persistent=NOON,
        finished_at=NOON,
        seen=12,
        untold=1,
    )
    waiting = Join.objects.create(
        connection=sender,
        source_type="worklink.session",
        source_id=f"{session.pk}",
        title=f"Session {number}",
        reason="The session carries no known link key.",
    )
    photo = Photo.objects.create(
        work_order=order,
        source_type="worklink.session",
        source_id=f"{session.pk}",
        external_id=f"event-{number}",
        file="photos/none.jpg",
        content_type="image/jpeg",
        sha256="0" * 64,
        bytes=1,
        width=1,
        height=1,
    )
    Event.objects.create(
        workspace=Workspace.default(),
        type="session.joined",
        occurred_at=NOON,
        payload={},
        subject=order.subject,
        source_type="worklink.session",
        source_id=f"{session.pk}",
    )
    return {"session": session, "call": call, "join": waiting, "photo": photo}


def make_links(number: int, sender: Any, order: WorkOrder) -> dict[str, Any]:
    system = order.external_ids.get().system
    named = {"name": f"Pumps {number}", "slug": f"pumps-{number}", "purpose": Purpose.CATALOG_ASSET}
    template = LinkTemplate.objects.create(
        **named, connection=sender, system=system, base_link=BASE_LINKS[Purpose.CATALOG_ASSET]
    )
    LinkWish.objects.create(order_number=order.pk, subject=order.subject, state=WorkState.DONE, note="Given out.")
    page = LinkPage.objects.create(connection=sender, work_order=order)
    return {"link_template": template, "link": issue(template, order), "link_page": page}


def make_subscriptions(number: int) -> dict[str, Any]:
    space = Workspace.default()
    known = {"workspace": space, "title": f"Gate {number}"}
    directory = {kind.__name__.lower(): kind._default_manager.create(uuid=uuid4(), **known) for kind in DIRECTORY}
    destination = Destination.objects.create(name=f"Hook {number}", url="https://hook.example.test/", workspace=space)
    socket = Endpoint.objects.create(
        workspace=space, name=f"Socket {number}", type="WEB_SOCKET", access=f"socket-secret-{number}"
    )
    hook = Endpoint.objects.create(workspace=space, name="Hook", type="WEB_HOOK", auth="", destination=destination)
    event_filter = EventFilter.objects.create(workspace=space, name=f"Filter {number}", event_types=["ROI"])
    event_filter.endpoints.set([socket, hook])
    return directory | {"endpoint": socket, "event_filter": event_filter}


def make_writes(number: int, system: Any, order: WorkOrder) -> dict[str, Any]:
    operation = Operation.objects.create(
        connection=system,
        name=f"Update the order {number}",
        kind=OperationKind.UPDATE,
        source_type="worklink.session",
        event_types=["session.joined"],
        path="/api/orders/{record.id}",
    )
    FieldMapping.objects.create(operation=operation, source="session.state", target="status")
    lane = RecordLane.objects.create(connection=system, record_key=f"WO-{number:06}")
    write = RecordWrite.objects.create(
        lane=lane,
        operation=operation,
        source_type="worklink.session",
        source_id=f"{number}",
        occurred_at=NOON,
        state=WriteState.DONE,
        verdict=Verdict.DRIFTED,
        subject=order.subject,
        note="Read back differently.",
        request={"method": "PATCH", "url": "https://sor.example.test/api/orders/1", "body": {"status": "done"}},
        read_back={"status": "open"},
        answer_status=200,
        answer='{"ok": true}',
    )
    row = Questionnaire.objects.create(connection=system, api="REST", path="/api/orders/{record.id}")
    Item.objects.create(questionnaire=row, fact="worklink.session:session.minutes", target=f"u_minutes_{number}")
    step = {"name": "write", "ok": False, "request": {"method": "PATCH"}, "status": 422, "answer": "no", "said": "No."}
    FieldTrial.objects.create(
        questionnaire=row, target="u_minutes", record_key="WO-000981", value=7, stage="WRITTEN", steps=[step]
    )
    return {"operation": operation, "lane": lane, "write": write}


def make_item(number: int, order: WorkOrder) -> WorkItem:
    """An expected photo that was submitted, judged and corrected."""
    site = make_site(slug=f"field-{number}", name=f"Field {number}")
    group = TaskGroup.objects.get(version__site=site, name="meter_front")
    joined = FieldOrder.objects.create(
        site=site, version=group.version, name=f"JOB-{number}", subject=order.subject, metadata={"city": "Lyon"}
    )
    item = WorkItem.objects.create(order=joined, group=group, status="analysis_ko", score=50)
    sent = Input.objects.create(item=item, number=1, content_type="image/jpeg", sha256="0" * 64, bytes=1)
    told = [{"severity": "warning", "code": "CLIPPED", "message": "Partly black"}]
    analysis = Analysis.objects.create(
        input=sent, engine="CODE", state=AnalysisState.DONE, conformity_messages=told, finished_at=NOON
    )
    clean, seal = group.tasks.get(name="clean"), group.tasks.get(name="seal_present")
    TaskOutcome.objects.create(analysis=analysis, task=clean, analyzed_value=True)
    corrected = {"corrected_value": False, "corrected_by": "olga", "corrected_at": NOON}
    TaskOutcome.objects.create(analysis=analysis, task=seal, analyzed_value=True, **corrected)
    key, _value = make_key(site, user=User.objects.create(username=f"program-{number}"))
    batch = Batch.objects.create(key=key, filename=f"jobs-{number}.zip", photos=2, taken=1)
    BatchRun.objects.create(batch=batch, note="1 of 2 photos", due_at=NOON)
    return item


def make_deliveries(number: int, order: WorkOrder) -> dict[str, Any]:
    destination = Destination.objects.create(
        name=f"Dispatch {number}",
        url="https://dispatch.example.test/hooks",
        headers={"X-Key": f"receiver-secret-{number}"},
        secrets={"current": f"destination-secret-{number}"},
        last_at=NOON,
        last_status=503,
        last_note="Answered 503 in 12 ms.",
    )
    message = Message.objects.create(
        workspace=destination.workspace,
        uid=f"event-{number}",
        type="workorder.updated",
        body="{}",
        subject=order.subject,
    )
    delivery = Delivery.objects.create(
        destination=destination, message=message, state=DeliveryState.FAILED, attempts=1, note="Answered 400 in 12 ms."
    )
    Attempt.objects.create(
        delivery=delivery,
        number=1,
        at=NOON,
        ms=12,
        delivered=False,
        status=400,
        note="Answered 400 in 12 ms.",
        request={"method": "POST", "headers": {"X-Key": "•••"}},
        answer={"headers": {"Server": "x"}, "body": "no"},
    )
    asked = {"asked_by": "olga", "total": 2, "workspace": destination.workspace}
    resend = Resend.objects.create(start=NOON, end=message.created_at, destination=destination, **asked)
    return {"destination": destination, "delivery": delivery, "resend": resend}


def make_settings(number: int, system: Any) -> dict[str, Any]:
    token = ApiToken.objects.create(name=f"token {number}", prefix="fp_x", token_hash=f"{number:064}", scopes=[])
    feed = WorkOrderFeed.objects.create(connection=system, external_id="id")
    ScheduledJob.objects.get_or_create(name=f"job {number}")
    RetentionRule.objects.get_or_create(kind=f"kind-{number}", defaults={"days": 30})
    user = User.objects.create_user(f"user-{number}", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=f"group {number}")[0])
    return {"token": token, "feed": feed, "user": user}
