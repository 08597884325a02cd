"""A system of record that speaks GraphQL: the same promises."""

import pytest

from integrations.sync.models import Operation, OperationKind
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House, map_field
from tests.sync.test_faults import effects

LOOKUP = "query ($number: String!) { orders(number: $number) { nodes { id number status closed } } }"
UPDATE = """mutation ($number: ID!, $fields: OrderFields!) {
  updateOrder(number: $number, fields: $fields) { order { id } errors { field code message } }
}"""
READ = "query ($number: ID!) { order(number: $number) { status customFields notes { id body } } }"
NOTE = """mutation ($number: ID!, $body: String!) {
  addNote(number: $number, body: $body) { id errors { code message } }
}"""
ATTACH = """mutation ($number: ID!, $name: String!, $type: String!, $data: String!, $key: String) {
  attachFile(number: $number, name: $name, contentType: $type, base64: $data, externalId: $key) {
    id errors { code message }
  }
}"""
FILES = "query ($number: ID!) { order(number: $number) { attachments { id externalId } } }"


@pytest.fixture
def graph(house: House) -> House:
    """The same house, whose operations speak GraphQL."""
    house.lookup = Operation.objects.create(
        connection=house.connection,
        name="find by GraphQL",
        kind=OperationKind.LOOKUP,
        protocol="GRAPHQL",
        document=LOOKUP,
        body={"number": "{external_id}"},
        records="body.data.orders.nodes",
        closed="closed",
    )
    return house


def update(house: House) -> None:
    operation = house.operation(
        OperationKind.UPDATE,
        protocol="GRAPHQL",
        path="",
        document=UPDATE,
        body={"number": "{record.id}", "fields": "{fields}"},
        readback_path="",
        readback_document=READ,
        readback_body={"number": "{record.id}"},
        readback_expect="body.data.order",
    )
    map_field(operation, "visit.state", "status")
    map_field(operation, "visit.minutes", "customFields.u_minutes", type="INTEGER")


def test_an_update_is_written_and_read_back(graph: House, record: RunningRecord) -> None:
    update(graph)

    graph.tell()
    graph.work()

    assert (graph.last().state, graph.last().verdict) == ("DONE", "CONFIRMED"), graph.last().note
    assert record.control.order(NUMBER)["u_minutes"] == 12
    assert effects(record) == ["order.update"]


def test_errors_beside_success_are_a_failure(graph: House, record: RunningRecord) -> None:
    update(graph)
    record.control.fault("error_list", operation="updateOrder", times=1)

    graph.tell()
    graph.work_until_done()

    assert (graph.last().state, graph.last().answer_status) == ("FAILED", 200)
    assert "Simulated fault" in graph.last().answer
    assert effects(record) == []


def test_errors_inside_the_payload_are_a_failure(graph: House, record: RunningRecord) -> None:
    """Many schemas tell of a refusal in the mutation's own `errors`."""
    update(graph)
    graph.lookup.closed = ""
    graph.lookup.save()
    record.control.close_order(NUMBER)

    graph.tell()
    graph.work_until_done()

    assert graph.last().state == "FAILED"
    assert "closed" in graph.last().answer
    assert effects(record) == []


def test_an_unsure_mutation_is_settled_by_reading_back(graph: House, record: RunningRecord) -> None:
    graph.operation(
        OperationKind.NOTE,
        protocol="GRAPHQL",
        path="",
        document=NOTE,
        body={"number": "{record.id}", "body": "Visit {visit.id} ({marker})"},
        marker="fieldport:{key}",
        readback_path="",
        readback_document=READ,
        readback_body={"number": "{record.id}"},
        readback_expect="body.data.order.notes",
    )
    record.control.fault("drop_after", operation="addNote", times=1)

    graph.tell()
    graph.work_until_done()

    assert (graph.last().state, graph.last().verdict, graph.last().sends) == ("DONE", "CONFIRMED", 1)
    assert effects(record) == ["notes.create"]


def test_a_file_goes_out_as_base64_and_is_not_kept_in_the_ledger(graph: House, record: RunningRecord) -> None:
    graph.operation(
        OperationKind.ATTACH,
        protocol="GRAPHQL",
        path="",
        document=ATTACH,
        file_field="",
        body={
            "number": "{record.id}",
            "name": "{file.name}",
            "type": "{file.content_type}",
            "data": "{file.base64}",
            "key": "{key}",
        },
        readback_path="",
        readback_document=FILES,
        readback_body={"number": "{record.id}"},
        readback_expect="body.data.order.attachments",
    )

    graph.tell()
    graph.work()

    write = graph.last()
    assert (write.state, write.verdict) == ("DONE", "CONFIRMED"), write.note
    assert write.request is not None
    assert write.request["body"]["data"] == "<base64 of the file>"
    assert record.control.children(NUMBER, "attachments")[0]["size"] > 0


def test_a_look_up_through_graphql_waits_too(graph: House, record: RunningRecord) -> None:
    update(graph)

    graph.tell(record="WO-none")
    graph.work()

    assert graph.last().state == "WAITING"
    assert record.control.effects() == []
