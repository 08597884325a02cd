"""Which page of the connector a visit came to, and with which ids (2.3, section 3)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from integrations.camera.protocol.errors import NameTooLong, NotFound, UnknownTaskGroup
from integrations.camera.protocol.query import Parameters

MOST_OF_A_NAME = 128

_PAGE = re.compile(r"/field/connector/(?P<thing>work_item|input|work_order)/(?P<which>[^/]+)/?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


class Scenario(StrEnum):
    """The four scenarios of 2.3, and the whole work order's page of section 3 (created there or not)."""

    CREATE = "CREATE"
    ADD = "ADD"
    RETAKE = "RETAKE"
    ANALYSIS = "ANALYSIS"
    ORDER = "ORDER"


@dataclass(frozen=True)
class Arrival:
    """What is asked for. Only what its scenario reads is filled in; the rest of the parameters is ignored (2.9).

    `work_order_name`: empty for a default name (5.10).
    """

    scenario: Scenario
    order_id: UUID | None = None
    item_id: UUID | None = None
    input_id: UUID | None = None
    task_group_name: str = ""
    work_order_name: str = ""
    wo_metadata: str = ""
    type_names: tuple[str, ...] = ()


def read_arrival(path: str, parameters: Parameters) -> Arrival:
    """Tell the scenario from the path, and from `work_order_id` where two share one path.

    :raises NotFound: for a path that is no page of ours, and for a malformed id (2.9)
    :raises UnknownTaskGroup: for scenarios 1 and 2 without `task_group_name`
    :raises NameTooLong: for a new order's name above 128 characters (5.9)
    """
    page = _PAGE.fullmatch(path)
    if page is None:
        raise NotFound("There is no such page; the addresses begin with /field/connector/.")
    thing, which = page["thing"], page["which"]
    if which == "create" and thing == "work_item":
        return _new_item(parameters)
    if which == "create" and thing == "work_order":
        return _new_order(Scenario.ORDER, parameters, type_names=parameters.type_names)
    if thing == "work_order":
        return Arrival(Scenario.ORDER, order_id=_id(which))
    if thing == "work_item":
        return Arrival(Scenario.RETAKE, item_id=_id(which))
    return Arrival(Scenario.ANALYSIS, input_id=_id(which))


def _new_item(parameters: Parameters) -> Arrival:
    order_id = _id(parameters.work_order_id) if parameters.work_order_id else None
    group = parameters.task_group_name
    if not group:
        raise UnknownTaskGroup("task_group_name is missing: it says which type of photo is wanted.")
    if order_id is not None:
        return Arrival(Scenario.ADD, order_id=order_id, task_group_name=group)
    return _new_order(Scenario.CREATE, parameters, task_group_name=group)


def _new_order(
    scenario: Scenario, parameters: Parameters, *, task_group_name: str = "", type_names: tuple[str, ...] = ()
) -> Arrival:
    name = parameters.work_order_name
    if len(name) > MOST_OF_A_NAME:
        raise NameTooLong(f"work_order_name has {len(name)} characters; at most {MOST_OF_A_NAME} are kept.")
    return Arrival(
        scenario,
        task_group_name=task_group_name,
        work_order_name=name,
        wo_metadata=parameters.wo_metadata,
        type_names=type_names,
    )


def _id(text: str) -> UUID:
    if not _UUID.fullmatch(text):
        raise NotFound("There is nothing with this id.")
    return UUID(text)
