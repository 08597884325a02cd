"""A full configuration: a row of each kind, every field of it set to something else than its default."""

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, TypeVar

from django.contrib.auth.models import User
from PIL import Image, ImageDraw

from integrations.analytics.models import AssetClass, BusinessCalendar, ReportPolicy, ResolutionTarget
from integrations.camera.models import CatalogueVersion, ConnectorToken, Site, TaskGroup
from integrations.camera.services import tokens
from integrations.connections import services
from integrations.connections.models import ApiToken, AuthKind, Connection, Environment, Workspace
from integrations.core import files, images
from integrations.core.config.applying import apply
from integrations.core.config.documents import Document
from integrations.core.config.planning import Plan
from integrations.core.config.reading import read_text
from integrations.events.models import Endpoint, EventFilter, EventPolicy
from integrations.events.services import filtering, subscribing
from integrations.inbox.models import Verification, WebhookSource
from integrations.outbox.models import Destination
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.platforms.omni.models import JoinRule
from integrations.platforms.worklink.models import ImportSchedule, LinkTemplate
from integrations.readiness.models import Questionnaire
from integrations.schedules.models import RetentionRule
from integrations.scripts import services as scripts
from integrations.scripts.models import Script, ScriptGrant
from integrations.stores.models import DataStore
from integrations.sync.models import Operation

Row = TypeVar("Row", Connection, WebhookSource, Operation, WorkOrderFeed, LinkTemplate)
CONNECTOR = "connector-value-5a6b7c8d"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Every secret that is stored; none of them may ever be printed.
SECRETS = {
    "client": "client-secret-9f3",
    "hook": "hook-secret-1b7",
    "second": "hook-secret-2c8",
    "cms": "cms-token-4d2",
    "script": "script-secret-7e1",
    "connector": "connector-value-5a6b7c8d",
    "socket": "socket-key-6e7f8a9b0c",
    "signing": "signing-secret-8c3",
    "header": "header-value-7b2",
    "lake": "lake-secret-5f1",
}
SOCKET, OPEN, HOOK, FILTER = (f"0e0e0e0e-{number:04}-4222-8333-000000000001" for number in range(1, 5))


def make_full() -> None:
    plant = Workspace.objects.create(slug="plant-two", name="Plant two")
    erp, cms = _erp(plant), _cms()
    _source(cms)
    _operations(erp)
    _feeds(erp, cms)
    _readiness(erp)
    _script(plant, erp)
    _camera(plant)
    _links(cms)
    _subscriptions(plant)
    JoinRule.objects.create(
        workspace=plant,
        name="Gate",
        enabled=False,
        cameras=["0c0c0c0c-1111-4222-8333-000000000001"],
        event_types=["ROI"],
        asset="PUMP-77",
        site="Basel",
        window="ORDER",
        minutes_around=5,
    )
    RetentionRule.objects.create(kind="inbox.body", days=7)
    _stores(cms)
    _report(plant)
    EventPolicy.objects.create(
        workspace=plant, deleted_profile="drop", mask_credentials=False, open_images=True, websocket_auth="open"
    )
    services.issue_token(
        "Field app", scopes=["workorders:read"], expires_at=NOON + timedelta(days=365), workspace=plant
    )


def _stores(cms: Connection) -> None:
    ImportSchedule.objects.create(connection=cms, cron="0 4 * * *", time_zone="Europe/Berlin", enabled=False)
    DataStore.objects.create(
        name="Lake",
        slug="lake",
        kind="S3",
        dataset="field",
        host="db.example.com",
        port=5433,
        database="lake",
        username="loader",
        tls="verify-full",
        bucket="acme-lake",
        prefix="raw",
        region="eu-central-1",
        endpoint_url="https://s3.example.com",
        access_key_id="AKIAEXAMPLE",
        destination="snowflake",
        secrets={"secret_access_key": SECRETS["lake"]},
        cron="0 5 * * *",
        time_zone="Europe/Berlin",
        enabled=False,
    )


def _report(plant: Workspace) -> None:
    desk = BusinessCalendar.objects.create(
        workspace=plant,
        slug="desk",
        name="Service desk",
        zone="Europe/Berlin",
        shifts=["Mon-Fri 08:00-17:00"],
        closed_days=["2026-12-25"],
    )
    AssetClass.objects.create(workspace=plant, pattern="PUMP-*", name="Pumps", position=3)
    ResolutionTarget.objects.create(workspace=plant, priority="1 - Critical", hours=4.5)
    ReportPolicy.objects.create(workspace=plant, guard_rail=False, fewest=5, calendar=desk)


def _script(plant: Workspace, erp: Connection) -> None:
    script = Script.objects.create(
        slug="minutes",
        name="Minutes",
        workspace=plant,
        about="Writes minutes.",
        enabled=False,
        event_types=["session.updated"],
        condition="session.final",
        cron="0 6 * * 1-5",
        time_zone="Europe/Berlin",
        batch_size=10,
        batch_minutes=5.0,
        batch_by="SCRIPT",
        pace_seconds=30.0,
        cpu_seconds=2.0,
        wall_seconds=20.0,
        memory_mib=32,
        calls=7,
        allow_hosts=["api.example.com"],
        settings_schema={"properties": {"linkKey": {"type": "string"}}},
        settings={"linkKey": "po"},
        secrets={"KEY": SECRETS["script"]},
    )
    ScriptGrant.objects.create(script=script, name="erp", connection=erp, is_target=True)
    scripts.publish_text(script, "function run(ctx) {\n  return 1;\n}\n", by="ada", now=NOON)


def _camera(plant: Workspace) -> None:
    """A site with an activated catalogue of two groups, and a token."""
    values: dict[str, Any] = {"platform": "camera", "auth_kind": AuthKind.NONE, "workspace": plant}
    connection = _saved(Connection(slug="camera", name="Camera", settings={"system": "erp"}, **values))
    model = _saved(
        Connection(
            slug="model",
            name="Model",
            platform="generic",
            auth_kind=AuthKind.NONE,
            base_url="https://model.example.com",
        )
    )
    site = Site(slug="meters", name="Meters", workspace=plant, connection=connection, strict_names=False)
    site.metadata_schema, site.require_metadata = {"region": {"type": "text", "required": True}}, True
    site.full_clean()
    site.save()
    version = CatalogueVersion.objects.create(site=site, number=1, published_at=NOON)
    site.active_version = version
    site.save()
    _groups(version, model)
    back = {
        "default_callback": "https://fsm.example.com/jobs",
        "callback_targets": ["fsmapp:"],
        "flow": "before_analysis",
    }
    linked = {"link_by": "METADATA", "link_metadata_key": "po", "technician_metadata_key": "who"}
    details = {"any_https_callback": True, "input_id_on_cancel": True, "error_parameter": False}
    user = User.objects.filter(username="ada").first() or User.objects.create_user("ada")
    tokens.issue(
        site,
        user=user,
        name="Field app",
        default_callback=back.pop("default_callback"),  # type: ignore[arg-type]
        value=CONNECTOR,
        values={
            **back,
            **linked,
            **details,
            "expires_at": NOON + timedelta(days=365),
            "messages_parameter": "notes",
            "sign_in": True,
        },
    )


def _groups(version: CatalogueVersion, model: Connection) -> None:
    front = TaskGroup.objects.create(
        version=version,
        name="meter front",
        texts={
            "en": {"display_name": "Meter", "description": "Door open.\nNo glare."},
            "fr": {"display_name": "Compteur"},
        },
        guide="frame",
        checks={"blur": {"severity": "warning", "threshold": 0.4}},
        engine="HTTP",
        engine_connection=model,
        engine_settings={"path": "/v1", "outcomes": {"seal": "body.seal"}},
        allow_pdf=True,
        may_correct=False,
    )
    yes = {"schema": {"const": True}, "sentence": {"en": "Seal present"}, "color": "#00aa66"}
    front.tasks.create(
        name="seal",
        sentences={"en": "Is it sealed?"},
        outcome_validation=[yes | {"is_conformity_validated": True}],
        type_names=["exchange"],
        mandatory=False,
        conformity_status=False,
        only_for_dashboard=True,
    )
    front.tasks.create(name="number", outcome_type="Text", order=1, mandatory=False)
    for position, colour in enumerate(("red", "blue")):
        image = images.clean(drawn(colour))
        file = files.save(f"camera/examples/{colour}.jpg", image.content)
        small = files.save(f"camera/examples/{colour}-small.jpg", image.thumbnail)
        digest = hashlib.sha256(image.content).hexdigest()
        front.examples.create(file=file, thumbnail=small, sha256=digest, position=position)
    TaskGroup.objects.create(version=version, name="meter back", order=1, checks={"dark": {}})


def drawn(colour: str) -> bytes:
    """A photo as a camera gives it, with what it says of itself."""
    out, image = BytesIO(), Image.linear_gradient("L").convert("RGB").resize((640, 480))
    ImageDraw.Draw(image).ellipse((100, 100, 400, 300), fill=colour)
    exif = image.getexif()
    exif[0x010F] = "Acme"
    image.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


def _erp(plant: Workspace) -> Connection:
    return _saved(
        Connection(
            slug="erp",
            name="ERP: “Werk 2”",
            workspace=plant,
            platform="generic",
            environment=Environment.PRODUCTION,
            base_url="https://erp.example.com/api",
            auth_kind=AuthKind.OAUTH2_CLIENT,
            credentials={
                "token_url": "https://erp.example.com/token",
                "client_id": "fieldport",
                "client_secret": SECRETS["client"],
                "client_auth": "body",
            },
            settings={"check_path": "/me", "graphql_path": "/graphql"},
            time_zone="Europe/Berlin",
            date_format="%d.%m.%Y %H:%M",
            rate_per_second=2.5,
            max_concurrency=2,
            daily_quota=15000,
            reserved_percent=30,
            quota_header="Sforce-Limit-Info",
            settle_seconds=5.0,
            write_from=NOON,
            skip_closed_records=False,
            paused=True,
            capture=True,
        )
    )


def _cms() -> Connection:
    return _saved(
        Connection(
            slug="cms",
            name="CMS",
            platform="worklink",
            base_url="https://cms.example.com",
            auth_kind=AuthKind.PLATFORM,
            credentials={"token": SECRETS["cms"], "token_form": "bearer"},
            settings={"system": "erp", "link_keys": ["po", "wo=erp"], "page_size": 50, "key_trim": True},
        )
    )


def _source(cms: Connection) -> None:
    _saved(
        WebhookSource(
            connection=cms,
            name="Sessions & calls",
            enabled=False,
            verification=Verification.HMAC,
            verification_options={"header": "X-Sig", "algorithm": "sha512"},
            secrets=[SECRETS["hook"], SECRETS["second"]],
            max_bytes=1000,
            relay_url="https://older.example.com/hook",
        )
    )


def _operations(erp: Connection) -> None:
    lookup = Operation(connection=erp, name="Find it", kind="LOOKUP", path="/orders", query={"number": "{external_id}"})
    lookup.records, lookup.record_id, lookup.closed, lookup.wait_hours = "body.items", "uid", "closed", 2.0
    _saved(lookup)
    update = Operation(
        connection=erp,
        name="Session: on the order",
        kind="UPDATE",
        enabled=False,
        source_type="worklink.session",
        event_types=["session.joined", "session.updated"],
        condition="session.final",
        lookup=lookup,
        protocol="GRAPHQL",
        method="POST",
        path="/graphql",
        headers={"X-Plant": "2"},
        body={"id": "{record.uid}", "key": "{key}", "nested": [1, 2.5, None, True, {"b": "2", "a": "1"}]},
        document="mutation($id: ID!) {\n  close(id: $id) { ok }\n}\n",
        file_field="blob",
        success="body.ok",
        already_exists="status == `409`",
        try_again="status == `423`",
        created_id="body.id",
        update_method="PUT",
        update_path="/orders/{child.id}",
        update_document="mutation { touch }",
        readback_method="POST",
        readback_path="/orders/{record.uid}",
        readback_query={"full": "1"},
        readback_headers={"X-Plant": ""},
        readback_document="query { order }",
        readback_body={"id": "{record.uid}"},
        readback_expect="body.order",
        key_place="BODY",
        key_header="X-Key",
        when_unsure="REPEAT",
        all_or_nothing=False,
    )
    _saved(update)
    values: dict[str, Any] = {"type": "TIME", "format": "iso", "time_zone": "Europe/Paris", "default": "never"}
    update.field_mappings.create(source="session.ended_at", target="ended", position=4, skip_if_empty=True, **values)
    update.field_mappings.create(source="session.outcome", target="a.outcome", position=9)

    note = Operation(connection=erp, name="Answers", kind="NOTE", source_type="worklink.session", path="/notes")
    note.body, note.marker = {"text": "{session.answers_text}\n{marker}"}, "fieldport:{key}"
    _saved(note)


def _readiness(erp: Connection) -> None:
    row = Questionnaire(connection=erp, lookup=Operation.objects.get(name="Find it"))
    row.deep_links, row.deep_links_url, row.api, row.api_url = (
        "YES",
        "https://a.example/links",
        "REST",
        "https://a.example",
    )
    row.method, row.path, row.headers, row.body = "PUT", "/orders/{record.uid}", {"X-Plant": "2"}, {"all": "{fields}"}
    row.document, row.read_document = "mutation { touch }", "query { order }"
    row.read_path, row.read_query, row.read_headers = "/read/{record.uid}", {"full": "1"}, {"X-Plant": ""}
    row.read_expect, row.notes = "body.order", "Asked on the phone."
    row.full_clean()
    row.save()
    answers = {"field": "FIELD", "type": "INTEGER", "format": "round", "method": "PATCH", "path": "/minutes"}
    row.items.create(fact="worklink.session:session.minutes", target="minutes", position=3, **answers)
    row.items.create(fact="worklink.call:call.outcome", field="NO", position=5)


def _feeds(erp: Connection, cms: Connection) -> None:
    feed = WorkOrderFeed(connection=erp, items="rows", external_id="number", fields={"title": "text", "closed": "done"})
    feed.poll_path, feed.poll_document, feed.poll_next = "/orders?since={since}&page={page}", "", "next"
    feed.poll_minutes, feed.overlap_minutes, feed.first_days = 5, 3, 7
    _saved(feed)
    document = "query($since: String) {\n  orders(since: $since) { number }\n}"
    _saved(WorkOrderFeed(connection=cms, external_id="number", poll_document=document))


def _links(cms: Connection) -> None:
    values: dict[str, Any] = {"name": "Scenario 7", "purpose": "SCENARIO", "form": "direct", "longest": 500}
    values |= {"plus_is_space": True, "with_lnk": False, "with_sor": True, "automatic": True, "enabled": False}
    base_link = "worklink://resource?action=fetch_scenario&scenario=7"
    data = [["site", "{site}"], ["serials[]", "SN-11"], ["serials[]", "SN-12"]]
    system = Connection.objects.get(slug="model")
    template = LinkTemplate(connection=cms, slug="scenario-7", base_link=base_link, external_data=data, system=system)
    for name, value in values.items():
        setattr(template, name, value)
    _saved(template)


def _subscriptions(plant: Workspace) -> None:
    """Two websockets and a filter in one workspace, a webhook in the other."""
    keyed = subscribing.create_websocket(plant.pk, name="Control room", now=NOON, auth="token")
    Endpoint.objects.filter(pk=keyed.pk).update(id=SOCKET, access=SECRETS["socket"])
    opened = subscribing.create_websocket(plant.pk, name="Screen", now=NOON, auth="open", ws_errors="close_codes")
    Endpoint.objects.filter(pk=opened.pk).update(id=OPEN)
    values: dict[str, Any] = {
        "url": "https://siem.example.com/hook",
        "method": "PUT",
        "headers": {"Authorization": SECRETS["header"]},
        "secret": SECRETS["signing"],
        "rate_per_second": 2.5,
        "concurrency": 2,
        "connect_seconds": 3.0,
        "total_seconds": 20.0,
        "enabled": False,
    }
    hook = subscribing.create_webhook(Workspace.default().pk, name="SIEM", now=NOON, **values)
    Destination.objects.update(uid=HOOK)
    Endpoint.objects.filter(pk=hook.pk).update(id=HOOK)
    given = {
        "cameraIds": ["0c0c0c0c-1111-4222-8333-000000000001"],
        "agentIds": ["0a0a0a0a-1111-4222-8333-000000000001"],
        "profileGroupIds": ["0b0b0b0b-1111-4222-8333-000000000001"],
        "eventTypes": ["ROI", "session.*"],
        "workOrder": {"site": ["Lyon"]},
    }
    made = filtering.create_filter(plant.pk, given=given, now=NOON, name="Gates of Lyon").filter
    EventFilter.objects.filter(pk=made.pk).update(id=FILTER)
    EventFilter.objects.get(pk=FILTER).endpoints.set(Endpoint.objects.of(plant.pk))


def _saved(row: Row) -> Row:
    row.full_clean()
    row.save()
    return row


def forget_everything() -> None:
    """Leave an installation as it is when it is new."""
    Questionnaire.objects.all().delete()
    Operation.objects.exclude(lookup=None).delete()
    Script.objects.update(active_version=None)
    Site.objects.update(active_version=None)
    for model in (
        EventFilter,
        Endpoint,
        Destination,
        ConnectorToken,
        Site,
        Script,
        Operation,
        LinkTemplate,
        WorkOrderFeed,
        WebhookSource,
        ApiToken,
        RetentionRule,
        DataStore,
        Connection,
        Workspace,
    ):
        model._default_manager.all().delete()


def document(text: str, *, name: str = "fieldport.yaml") -> Document:
    return read_text(text.encode(), name=name)


def applied(text: str, **options: Any) -> Plan:
    return apply(document(text), **options)
