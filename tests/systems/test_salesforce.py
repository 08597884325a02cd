"""The ready configuration for Salesforce against a double of an organisation, over real HTTP."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django.fixtures import Settings

from integrations.connections import quota
from integrations.connections.models import Health
from integrations.connections.services import check
from integrations.core import clock
from integrations.core.drain import drain
from integrations.platforms.generic import jobs
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.sync import services as sync
from integrations.sync.models import Operation
from integrations.workorders.models import WorkOrder
from tests.simulators.faults import Fault, Kind
from tests.simulators.record.auth import CLIENT
from tests.simulators.salesforce.app import DATA, build_app
from tests.simulators.salesforce.organisation import Organisation, Refused
from tests.simulators.salesforce.soql import Row
from tests.simulators.serving import Served
from tests.systems.conftest import MakeLine
from tests.systems.line import Line
from tests.systems.ready import apply_ready

pytestmark = pytest.mark.django_db

NUMBER = "00000981"
UPDATE, NOTE = "Session on the work order", "Answers as a post"
PHOTO, CHILD = "Photo as a file", "Session as a record of its own"
SECRETS = {"FIELDPORT_SALESFORCE_CLIENT_SECRET": CLIENT[1]}
LOCKED = Refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
CONCURRENT = Refused(
    "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", status=403
)


@pytest.fixture
def organisation(settings: Settings) -> Iterator[Organisation]:
    made = Organisation()
    made.add("WorkOrder", WorkOrderNumber=NUMBER, Number__c=NUMBER, Status="New", IsClosed=False)
    with Served([(build_app(made), 0)]) as served:
        settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(served.urls[0]).netloc]
        made.url = served.urls[0]
        yield made


@pytest.fixture
def line(organisation: Organisation, make_line: MakeLine) -> Line:
    connection = apply_ready("salesforce", organisation.url, secrets=SECRETS, credentials={"client_id": CLIENT[0]})
    return make_line(connection, NUMBER)


def order(organisation: Organisation) -> Row:
    return next(iter(organisation.objects["WorkOrder"].values()))


ONCE = ["ContentVersion.insert", "FeedItem.insert", "Fieldport_Session__c.insert", "WorkOrder.update"]


def test_a_session_with_answers_and_a_photo_is_written_once_and_read_back(
    line: Line, organisation: Organisation
) -> None:
    line.run_session(photo=True, answer=True)

    line.work_until_done()

    assert line.verdicts() == dict.fromkeys((UPDATE, NOTE, PHOTO, CHILD), "CONFIRMED")
    assert sorted(organisation.effects) == ONCE
    assert order(organisation)["Fieldport_Outcome__c"] == "completed"
    child = next(iter(organisation.objects["Fieldport_Session__c"].values()))
    assert child["Work_Order__c"] == order(organisation)["Id"]
    assert line.connection.base_url == "", "the address is the token's instance_url"


def test_the_configuration_can_be_tried_from_the_connection(line: Line) -> None:
    assert "answered 200" in check(line.connection)
    assert line.connection.health == Health.OK


def test_signing_in_by_a_signed_assertion_works_too(organisation: Organisation, make_line: MakeLine) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain).decode()
    public = key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    organisation.credentials.jwt_keys = {"consumer-key": public}
    organisation.credentials.jwt_audience = "https://login.salesforce.com"
    given = {"issuer": "consumer-key", "subject": "fieldport@example.com", "audience": "https://login.salesforce.com"}
    connection = apply_ready(
        "salesforce",
        organisation.url,
        secrets=SECRETS | {"KEY": private},
        auth_kind="JWT_BEARER",
        only=("token_url",),
        credentials=given | {"private_key": {"env": "KEY"}},
    )
    line = make_line(connection, NUMBER)

    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "CONFIRMED", CHILD: "CONFIRMED"}


def test_a_session_that_expires_in_the_middle_is_renewed_and_nothing_is_written_twice(
    line: Line, organisation: Organisation
) -> None:
    line.run_session()
    line.work_until_done()
    organisation.credentials.expire_tokens()

    line.run_session(photo=True)
    line.work_until_done()

    assert organisation.credentials.tokens_issued == 2
    assert organisation.effects.count("ContentVersion.insert") == 1
    assert line.connection.health == Health.OK


def test_a_session_that_expires_between_look_up_and_write_costs_one_sign_in(
    line: Line, organisation: Organisation
) -> None:
    organisation.refusals = [("PATCH", Refused("INVALID_SESSION_ID", "Session expired or invalid", status=401))]

    line.run_session()
    line.work()

    assert line.verdicts() == {UPDATE: "CONFIRMED", CHILD: "CONFIRMED"}
    assert organisation.credentials.tokens_issued == 2
    assert sorted(organisation.effects) == ["Fieldport_Session__c.insert", "WorkOrder.update"]


@pytest.mark.parametrize("busy", [LOCKED, CONCURRENT], ids=["row lock", "concurrent calls"])
def test_a_busy_organisation_is_tried_again(line: Line, organisation: Organisation, busy: Refused) -> None:
    organisation.refusals = [("PATCH", busy), ("PATCH", busy), ("GET", busy), ("POST", busy)]

    line.run_session(photo=True)
    line.work_until_done()

    assert set(line.verdicts().values()) == {"CONFIRMED"}
    assert sorted(organisation.effects) == [each for each in ONCE if each != "FeedItem.insert"]
    assert organisation.refusals == []


def test_the_last_calls_of_the_day_are_kept_for_writes(line: Line, organisation: Organisation) -> None:
    organisation.used = 12_000  # by others: the header tells of it
    check(line.connection)
    organisation.log.clear()

    drain(WorkOrderFeed, jobs.poll)
    line.run_session()
    line.work_until_done()

    assert "kept for writes" in WorkOrderFeed.objects.get().note
    assert not [each for each in organisation.log.requests if each.path.endswith("/query") and each.status != 200]
    assert line.verdicts() == {UPDATE: "CONFIRMED", CHILD: "CONFIRMED"}


def test_a_spent_quota_is_waited_out(line: Line, organisation: Organisation) -> None:
    organisation.used = organisation.daily_limit

    line.run_session()
    line.work()
    assert set(line.verdicts().values()) == {"WAITING"}
    assert organisation.effects == []
    organisation.used = 100
    quota.forget()  # what was told is believed for five minutes
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "CONFIRMED", CHILD: "CONFIRMED"}


def test_a_missing_mandatory_field_fails_the_write_with_its_name(line: Line, organisation: Organisation) -> None:
    organisation.required = {"WorkOrder": ("Subject",)}

    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "FAILED", CHILD: "CONFIRMED"}
    assert "Required fields are missing: [Subject]" in line.write(UPDATE).answer


def test_what_a_trigger_changes_back_is_found_by_reading_back(line: Line, organisation: Organisation) -> None:
    def reset(name: str, row: Row) -> None:
        if name == "WorkOrder":
            row["Fieldport_Outcome__c"] = None

    organisation.trigger = reset
    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "DRIFTED", CHILD: "CONFIRMED"}
    assert "Fieldport_Outcome__c is empty instead of" in line.note(UPDATE)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_whatever_breaks_while_it_is_sent_is_there_once(line: Line, organisation: Organisation, kind: Kind) -> None:
    for method, path in (("PATCH", "*WorkOrder*"), ("PATCH", "*Session*"), ("POST", "*Feed*"), ("POST", "*Content*")):
        organisation.faults.add(Fault(kind, method=method, path=path, times=1))

    line.run_session(photo=True, answer=True)
    line.work_until_done()

    assert set(line.verdicts().values()) == {"CONFIRMED"}
    assert sorted(organisation.effects) == ONCE


BY_EXTERNAL_ID: dict[str, Any] = {"path": f"{DATA}/sobjects/WorkOrder/Number__c/{{external_id}}", "query": {}}


@pytest.mark.parametrize("lookup", [{}, BY_EXTERNAL_ID | {"records": ""}], ids=["query", "300 of an external id"])
def test_several_orders_of_the_number_wait_for_an_operator(
    line: Line, organisation: Organisation, lookup: dict[str, Any]
) -> None:
    second = organisation.add("WorkOrder", WorkOrderNumber=NUMBER, Number__c=NUMBER, IsClosed=False)
    Operation.objects.filter(kind="LOOKUP").update(**lookup, changed_at=line.time.now()) if lookup else None
    line.run_session()
    line.work_until_done()
    assert line.verdicts() == {UPDATE: "UNSURE", CHILD: "UNSURE"}
    assert organisation.effects == []

    sync.choose_record(line.write(UPDATE), second["Id"], by="Ada", now=clock.now())
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "CONFIRMED", CHILD: "CONFIRMED"}
    assert second["Fieldport_Outcome__c"] == "completed"
    assert order(organisation)["Fieldport_Outcome__c"] is None


def test_a_key_that_two_records_have_changes_neither(line: Line, organisation: Organisation) -> None:
    session = line.house.cms.start_session({"work_order_id": NUMBER})
    line.work_until_done()
    child = next(iter(organisation.objects["Fieldport_Session__c"].values()))
    organisation.add("Fieldport_Session__c", **child | {"Id": "0XX000000000099AAA"})
    before = dict(child)

    line.house.cms.view_steps(session, count=5)
    line.house.cms.finish_session(session)
    line.work()
    line.house.pass_time(seconds=6)  # until the session may be read again
    line.work_until_done()

    assert line.verdicts()[CHILD] == "FAILED"
    assert "Several things match this address" in line.write(CHILD).note
    assert child == before


@pytest.mark.parametrize("number", ["x' OR WorkOrderNumber != '", "x\\' OR Id != '"])
def test_a_quote_in_a_number_does_not_end_the_text_of_the_query(
    line: Line, organisation: Organisation, number: str
) -> None:
    line.number = number

    line.run_session()
    line.work()

    assert line.verdicts() == {UPDATE: "WAITING", CHILD: "WAITING"}
    assert all("There is no record" in line.note(name) for name in (UPDATE, CHILD))
    assert organisation.effects == []


def test_work_orders_come_by_the_poll(line: Line, organisation: Organisation) -> None:
    organisation.add("WorkOrder", WorkOrderNumber="00000982", Subject="Replace seal", IsClosed=False)

    drain(WorkOrderFeed, jobs.poll)

    assert WorkOrderFeed.objects.get().note.startswith("2 work orders: 2 new")
    assert WorkOrder.objects.get(title="Replace seal").closed is False
