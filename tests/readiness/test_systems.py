"""The questionnaire on doubles of real systems: their look-ups and headers, a field tried, a mapping made and live."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.readiness import jobs, producing, services, trials
from integrations.readiness.models import FieldTrial, Item, Questionnaire
from integrations.sync import plans
from integrations.sync.models import Operation
from tests.simulators.maximo.app import build_app as maximo_app
from tests.simulators.maximo.installation import API_KEY, Installation
from tests.simulators.record.auth import CLIENT
from tests.simulators.salesforce.app import build_app as salesforce_app
from tests.simulators.salesforce.organisation import Organisation
from tests.simulators.servicenow.app import build_app as servicenow_app
from tests.simulators.servicenow.instance import Instance
from tests.simulators.serving import Served
from tests.sync.conftest import Time
from tests.systems.ready import apply_ready

pytestmark = pytest.mark.django_db
Serve = Callable[[Any], str]


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    open_ones: list[Served] = []

    def start(app: Any) -> str:
        open_ones.append(Served([(app, 0)]))
        url = str(open_ones[-1].__enter__().urls[0])
        settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(url).netloc]
        return url

    yield start
    for each in open_ones:
        each.__exit__(None, None, None)
    plans.forget()


def asked_about(connection: Connection, target: str, **answers: Any) -> Questionnaire:
    lookup = Operation.objects.get(connection=connection, kind="LOOKUP")
    row = Questionnaire(connection=connection, lookup=lookup, deep_links="NO", api="REST", **answers)
    row.full_clean()
    row.save()
    fact = "worklink.session:session.outcome"
    item = Item(questionnaire=row, fact=fact, field="FIELD", target=target, type="TEXT")
    item.full_clean()
    item.save()
    return row


def tried(row: Questionnaire, number: str, clock: Time) -> FieldTrial:
    trial = trials.ask(row, row.items.get(), record_key=number, value="tried", by="anna")
    for _again in range(4):
        drain(FieldTrial, jobs.run_trial)
        clock.pass_by(61)
    trial.refresh_from_db()
    assert (trial.state, trial.finding, trial.stage) == ("DONE", "WORKS", "RESTORED"), trial.note
    return trial


def made_and_live(row: Questionnaire, clock: Time) -> Operation:
    producing.produce(row)
    services.go_live(row, write_from=clock.now(), by="anna", now=clock.now())
    made = Operation.objects.get(pk=row.produced[0]["operation"])
    assert made.enabled
    return made


def test_servicenow(serve: Serve, time: Time) -> None:
    instance = Instance()
    instance.url = serve(servicenow_app(instance))
    order = instance.add("wm_order", number="WO0010001", active="true", u_fieldport_outcome="before")
    secrets = {"FIELDPORT_SERVICENOW_CLIENT_SECRET": CLIENT[1]}
    system = apply_ready("servicenow", instance.url, secrets=secrets, credentials={"client_id": CLIENT[0]})
    row = asked_about(
        system,
        "u_fieldport_outcome",
        path="/api/now/table/wm_order/{record.sys_id}",
        read_query={"sysparm_exclude_reference_link": "true"},
        read_expect="body.result",
    )

    tried(row, "WO0010001", time)

    assert order["u_fieldport_outcome"] == "before"
    assert instance.effects == ["wm_order.update"] * 2
    assert made_and_live(row, time).readback_expect == "body.result"


def test_maximo(serve: Serve, time: Time) -> None:
    installation = Installation()
    installation.url = serve(maximo_app(installation))
    installation.add("1042", status="INPRG", fpoutcome="before")
    system = apply_ready("maximo", installation.url, secrets={"FIELDPORT_MAXIMO_API_KEY": API_KEY})
    row = asked_about(
        system,
        "fpoutcome",
        method="POST",
        path="/maximo/api/os/mxapiwodetail/{split(record.href, '/')[-1]}?lean=1",
        headers={"x-method-override": "PATCH", "patchtype": "MERGE"},
        read_path="/maximo/api/os/mxapiwodetail/{split(record.href, '/')[-1]}",
        read_query={"lean": "1", "oslc.select": "wonum,fpoutcome"},
        read_headers={"x-method-override": "", "patchtype": ""},
    )

    tried(row, "1042", time)

    assert next(iter(installation.orders.values()))["fpoutcome"] == "before"
    assert installation.effects == ["workorder.update"] * 2
    assert made_and_live(row, time).headers["patchtype"] == "MERGE"


def test_salesforce_whose_field_was_empty(serve: Serve, time: Time) -> None:
    organisation = Organisation()
    organisation.url = serve(salesforce_app(organisation))
    order = organisation.add("WorkOrder", WorkOrderNumber="00000981", Status="New", IsClosed=False)
    secrets = {"FIELDPORT_SALESFORCE_CLIENT_SECRET": CLIENT[1]}
    system = apply_ready("salesforce", organisation.url, secrets=secrets, credentials={"client_id": CLIENT[0]})
    row = asked_about(
        system, "Fieldport_Outcome__c", path="/services/data/v62.0/sobjects/WorkOrder/{record.Id}", read_expect="body"
    )

    trial = tried(row, "00000981", time)

    assert trial.before is None
    assert not order.get("Fieldport_Outcome__c")
    assert organisation.effects == ["WorkOrder.update"] * 2
    assert made_and_live(row, time).method == "PATCH"
