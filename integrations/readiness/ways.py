"""How a field is updated and read back: an item's own way, or what the questionnaire says for all. Pure."""

from dataclasses import dataclass
from typing import Any

from integrations.readiness.choices import HasField
from integrations.readiness.models import Item, Questionnaire
from integrations.sync.models import Operation, OperationKind, Protocol

VARIABLES = {"id": "{record.id}", "input": "{fields}"}
SCRIPT = "script"  # the source of a trial's operation, which is never saved: it has no facts


@dataclass(frozen=True)
class Way:
    """A request that updates fields: method and path, or a mutation."""

    method: str = ""
    path: str = ""
    document: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.document) if not self.path else bool(self.method)

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.method, self.path, self.document)


def way_of(questionnaire: Questionnaire, item: Item | None = None) -> Way:
    """Return the way of an item, or of those that name none."""
    own = item.path.strip() if item else ""
    if questionnaire.is_graphql:
        return Way("POST", "", own or questionnaire.document)
    method = (item.method if item else "") or questionnaire.method
    return Way(method.upper(), own or questionnaire.path)


def is_written(item: Item) -> bool:
    """Whether there is, or will be, a field that takes it."""
    return item.field in (HasField.FIELD, HasField.TO_CREATE) and bool(item.target)


def is_answered(questionnaire: Questionnaire, item: Item) -> bool:
    """Whether it is known how its field is updated, and in which type."""
    return bool(item.type) and way_of(questionnaire, item).is_known


def columns_of(questionnaire: Questionnaire, way: Way) -> dict[str, Any]:
    """Return what an operation is made of, its source and fields left out."""
    graphql = questionnaire.is_graphql
    body = questionnaire.body if questionnaire.body is not None else (dict(VARIABLES) if graphql else None)
    return {
        "kind": OperationKind.UPDATE.value,
        "protocol": (Protocol.GRAPHQL if graphql else Protocol.REST).value,
        "lookup_id": questionnaire.lookup_id,
        "method": way.method,
        "path": way.path,
        "document": way.document,
        "body": body,
        "headers": questionnaire.headers,
        "readback_method": "GET",
        "readback_path": "" if graphql else questionnaire.read_path or way.path,
        "readback_query": questionnaire.read_query,
        "readback_headers": questionnaire.read_headers,
        "readback_document": questionnaire.read_document if graphql else "",
        "readback_body": {"id": VARIABLES["id"]} if graphql and questionnaire.read_document else None,
        "readback_expect": questionnaire.read_expect,
    }


def operation_for(questionnaire: Questionnaire, way: Way) -> Operation:
    """Return an operation of this way that is not saved, to make requests by."""
    columns = columns_of(questionnaire, way)
    return Operation(connection=questionnaire.connection, name="trial", source_type=SCRIPT, **columns)
